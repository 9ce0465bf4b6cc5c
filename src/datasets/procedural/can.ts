import type { Mesh } from "../../geometry/mesh";
import type { Rng } from "../../random";
import { Solid } from "./solids";

/** A can: drink, soup, tuna, tumbler. Rims, recessed lid, bevels; 4.5–11 cm across, 5–19 cm high (REAL275: 7 × 14.7). */
export function can(rng: Rng): Mesh {
  const radius = rng.uniform(0.024, 0.053);
  const height = Math.min(0.19, Math.max(0.045, 2 * radius * rng.uniform(0.7, 2.5)));
  const rim = rng.uniform(0.0005, 0.003);
  const necked = rng.chance(0.5) ? rng.uniform(0.78, 0.97) : 1;
  const neckHeight = height * rng.uniform(0.03, 0.12);
  const top = radius * necked * rng.uniform(0.96, 1.02);
  const taper = rng.chance(0.3) ? rng.uniform(0.8, 1.05) : 1;
  const lid = rng.chance(0.75) ? -rng.uniform(0.0005, 0.006) : rng.uniform(0.001, 0.012);
  const foot = radius * taper;
  return new Solid()
    .lathe([
      [0, rim],
      [foot * rng.uniform(0.75, 0.95), rim],
      [foot * 0.97, 0],
      [foot, neckHeight * 0.6],
      [radius * (taper + 1) * 0.5, height * 0.5],
      [radius, height - neckHeight],
      [top, height - rim],
      [top, height],
      [top * 0.95, height],
      [top * 0.93, height + lid],
      [0, height + lid],
    ])
    .build();
}
