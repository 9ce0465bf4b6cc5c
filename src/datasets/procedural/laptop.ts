import type { Mesh } from "../../geometry/mesh";
import { rotationZ } from "../../geometry/rotation";
import type { Rng } from "../../random";
import { Solid } from "./solids";

/**
 * An open laptop: hinge along z at −x, keyboard towards +x, lid leaning back over the hinge. 22–40 cm wide, opening
 * 85–140° (REAL275: 34 × 20 × 33 cm).
 */
export function laptop(rng: Rng): Mesh {
  const width = rng.uniform(0.22, 0.4);
  const depth = width * rng.uniform(0.6, 0.8);
  const thickness = rng.uniform(0.008, 0.028);
  const lidDepth = depth * rng.uniform(0.9, 1);
  const lidThickness = rng.uniform(0.004, 0.01);
  const opening = (rng.uniform(85, 140) * Math.PI) / 180;
  const bevel = width * rng.uniform(0, 0.03);
  const front = rng.uniform(0.75, 1);
  // The lid stands on the hinge line (0, thickness): its direction is (cos opening, sin opening) in xy.
  const lean = rotationZ(opening);
  const [c, s] = [Math.cos(opening), Math.sin(opening)];
  const offset = lidThickness / 2;
  const solid = new Solid()
    .cuboid([depth, thickness * front, width], { bevel, translation: [depth / 2, (thickness * front) / 2, 0] })
    .cuboid([lidDepth, lidThickness, width * rng.uniform(0.97, 1)], {
      bevel,
      rotation: lean,
      translation: [(lidDepth / 2) * c - offset * s, thickness * front + (lidDepth / 2) * s + offset * c, 0],
    });
  if (rng.chance(0.6)) {
    const bar = rng.uniform(0.006, 0.014);
    solid.cuboid([bar, bar, width * rng.uniform(0.3, 0.9)], { translation: [0, thickness * front, 0] });
  }
  return solid.build();
}
