import type { Mesh } from "../../geometry/mesh";
import type { Rng } from "../../random";
import { Solid, smoothProfile } from "./solids";

/**
 * A bottle: body, shoulder, neck, cap. From soda and wine bottles to shampoo bottles (elliptic section), flasks and
 * jars with hardly any neck. Extents 5–11 cm across, 11–33 cm high, as REAL275's bottles and CAMERA25's (wider).
 */
export function bottle(rng: Rng): Mesh {
  const height = rng.uniform(0.12, 0.33);
  const radius = Math.min(0.058, Math.max(0.024, height * rng.uniform(0.11, 0.24)));
  const neck = radius * (rng.chance(0.25) ? rng.uniform(0.55, 0.85) : rng.uniform(0.24, 0.55));
  const shoulderStart = rng.uniform(0.42, 0.82);
  const neckStart = shoulderStart + (1 - shoulderStart) * rng.uniform(0.12, 0.75);
  const roundness = rng.uniform(0.6, 2.2);
  const waist = [1, rng.uniform(0.86, 1.04), rng.uniform(0.88, 1.06), 1];
  const base = radius * rng.uniform(0.8, 1);
  const cap = rng.chance(0.7) ? neck * rng.uniform(1.02, 1.35) : neck;
  const capStart = neckStart + (1 - neckStart) * rng.uniform(0.2, 0.8);
  const profile: [number, number][] = [
    [0, 0],
    [base, 0],
  ];
  for (let i = 1; i <= 5; i++) {
    const s = i / 5;
    profile.push([radius * smoothProfile(waist, s), height * (0.02 + (shoulderStart - 0.02) * s)]);
  }
  for (let i = 1; i <= 5; i++) {
    const s = i / 5;
    // A superellipse between shoulder and neck: round for roundness > 1, a straight cone near 1, hollow below.
    const inward = 1 - (1 - s ** roundness) ** (1 / roundness);
    profile.push([radius + (neck - radius) * inward, height * (shoulderStart + (neckStart - shoulderStart) * s)]);
  }
  profile.push([neck, height * capStart], [cap, height * (capStart + 0.004)], [cap * 0.98, height], [0, height]);
  const flatten = rng.chance(0.25) ? rng.uniform(0.55, 0.95) : 1;
  return new Solid().lathe(profile, { flatten }).build();
}
