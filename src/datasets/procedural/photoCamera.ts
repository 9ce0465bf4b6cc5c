import type { Mesh } from "../../geometry/mesh";
import { rotationZ } from "../../geometry/rotation";
import type { Rng } from "../../random";
import { Solid } from "./solids";

/**
 * A photo camera: body wide along z, lens along +x, top up, grip at the photographer's right (+z, seen from behind).
 * Compact, bridge, mirrorless and single-lens reflex with short to long lenses; 9–16 cm wide (REAL275: 9 × 13 × 16 cm).
 */
export function photoCamera(rng: Rng): Mesh {
  const width = rng.uniform(0.09, 0.16);
  const height = width * rng.uniform(0.5, 0.78);
  const depth = rng.uniform(0.02, 0.06);
  const compact = rng.chance(0.1);
  const lensRadius = height * rng.uniform(0.28, 0.5);
  const lensLength = compact ? rng.uniform(0.012, 0.035) : rng.uniform(0.015, 0.11);
  const lensZ = width * rng.uniform(-0.14, 0.06);
  const lensY = height * rng.uniform(-0.12, 0.05);
  const solid = new Solid().cuboid([depth, height, width], { bevel: depth * rng.uniform(0.05, 0.4) });
  // The lathe's axis y is turned onto +x.
  const ontoX = rotationZ(-Math.PI / 2);
  const rings = compact ? 1 : 1 + rng.integer(3);
  const profile: [number, number][] = [];
  for (let i = 0; i < rings; i++) {
    const r = lensRadius * (i === 0 ? 1 : rng.uniform(0.78, 1.06));
    profile.push([r, (lensLength * i) / rings], [r * rng.uniform(0.94, 1), (lensLength * (i + 0.96)) / rings]);
  }
  const rim = profile[profile.length - 1]![0];
  const recess = Math.min(0.012, lensLength * rng.uniform(0.05, 0.5));
  profile.push([rim, lensLength], [rim * 0.85, lensLength], [rim * 0.8, lensLength - recess], [0, lensLength - recess]);
  solid.lathe(profile, { segments: 24, rotation: ontoX, translation: [depth / 2, lensY, lensZ] });
  if (!compact || rng.chance(0.3)) {
    const grip = depth * rng.uniform(0.25, 0.9);
    const gripWidth = width * rng.uniform(0.12, 0.24);
    solid.cuboid([grip + depth * 0.6, height * rng.uniform(0.8, 1), gripWidth], {
      bevel: grip * 0.4,
      translation: [grip / 2 + depth * 0.2, -height * 0.02, (width - gripWidth) / 2],
    });
  }
  if (rng.chance(compact ? 0.25 : 0.8)) {
    const hump = height * rng.uniform(0.12, 0.38);
    solid.cuboid([depth * rng.uniform(0.6, 1.5), hump, width * rng.uniform(0.2, 0.42)], {
      taper: rng.uniform(0.5, 0.95),
      translation: [depth * rng.uniform(0, 0.25), height / 2 + hump / 2, lensZ + width * rng.uniform(-0.04, 0.04)],
    });
  }
  for (const side of [1, -1] as const)
    if (rng.chance(side > 0 ? 0.7 : 0.35)) {
      const dial = rng.uniform(0.006, 0.012);
      solid.lathe(
        [
          [dial, 0],
          [dial, dial * 0.6],
          [0, dial * 0.6],
        ],
        {
          segments: 12,
          translation: [0, height / 2, side * width * rng.uniform(0.26, 0.4)],
        },
      );
    }
  return solid.build();
}
