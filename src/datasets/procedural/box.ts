import type { Mesh } from "../../geometry/mesh";
import type { Rng } from "../../random";
import { Solid } from "./solids";

/**
 * A boxed beverage, wider (x) than deep (z): gabled, with a cap, or plain. Half a turn about y leaves it as it is, and no
 * other rotation does but where a plain one stands on its head: the two true poses of paper A's Fig. S6.
 */
export function box(rng: Rng): Mesh {
  const width = rng.uniform(0.06, 0.11);
  const depth = width * rng.uniform(0.35, 0.72);
  const height = rng.uniform(0.09, 0.24);
  const solid = new Solid().cuboid([width, height, depth], { translation: [0, height / 2, 0] });
  const top = rng.uniform();
  if (top < 0.5) {
    const gable = depth * rng.uniform(0.4, 0.7);
    solid
      .cuboid([width, gable, depth], { taper: rng.uniform(0.25, 0.5), translation: [0, height + gable / 2, 0] })
      .cuboid([width * 0.95, gable * 0.5, 0.004], { translation: [0, height + gable, 0] });
  } else if (top < 0.8) {
    const radius = depth * rng.uniform(0.15, 0.3);
    const cap = rng.uniform(0.008, 0.02);
    solid.lathe([
      [0, height],
      [radius, height],
      [radius, height + cap],
      [0, height + cap],
    ]);
  }
  return solid.build();
}
