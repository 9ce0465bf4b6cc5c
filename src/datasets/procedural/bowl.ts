import type { Mesh } from "../../geometry/mesh";
import type { Rng } from "../../random";
import { Solid } from "./solids";

/** A bowl: foot, wall from steep to flaring, open inside. 10–22 cm across, 3.5–11 cm high (REAL275: 16.5 × 8 cm). */
export function bowl(rng: Rng): Mesh {
  const radius = rng.uniform(0.05, 0.11);
  const height = radius * rng.uniform(0.5, 1.2);
  const foot = radius * rng.uniform(0.25, 0.65);
  const footHeight = rng.chance(0.6) ? height * rng.uniform(0.03, 0.12) : 0.001;
  const curve = rng.uniform(0.3, 0.95);
  const wall = rng.uniform(0.002, 0.007);
  const lip = rng.chance(0.3) ? rng.uniform(1, 1.08) : 1;
  const bottom = foot * rng.uniform(0.95, 1.15);
  const outside: [number, number][] = [];
  const inside: [number, number][] = [];
  for (let i = 0; i <= 8; i++) {
    const s = i / 8;
    const r = (bottom + (radius - bottom) * s ** curve) * (i === 8 ? lip : 1);
    const y = footHeight + (height - footHeight) * s;
    outside.push([r, y]);
    inside.unshift([Math.max(0.001, r - wall), Math.max(footHeight + wall, y)]);
  }
  return new Solid()
    .lathe(
      [[0, 0.001], [foot * 0.9, 0], [foot, 0], [foot, footHeight], ...outside, ...inside, [0, footHeight + wall]],
      {
        flatten: rng.chance(0.1) ? rng.uniform(0.9, 1) : 1,
      },
    )
    .build();
}
