/**
 * @file HEALPix: the sphere cut into pixels of equal area that lie on rings of equal latitude.
 */
import { assertInput } from "../check";
import type { Vector3 } from "./vector";

/**
 * The centres of the 12·nside² pixels in RING order: from the north pole ring by ring, on each by increasing azimuth
 * (Górski et al. 2005, ApJ 622:759, eqs. 4–9).
 *
 * Polar cap, rings i < nside: z = 1 − i²/(3 nside²), φ = π/(2i)·(j + ½), 4i pixels. Belt, rings nside ≤ i ≤ 3 nside:
 * z = 4/3 − 2i/(3 nside), φ = π/(2 nside)·(j + s/2) with s = (i − nside + 1) mod 2, 4 nside pixels. South: mirrored.
 * j counts from 0.
 *
 * @throws InputError unless nside is a positive integer
 */
export function healpixCentres(nside: number): Vector3[] {
  assertInput(Number.isInteger(nside) && nside > 0, `healpixCentres: nside is ${nside}; pass a positive integer`);
  const centres: Vector3[] = [];
  for (let ring = 1; ring < 4 * nside; ring++) {
    const fromPole = Math.min(ring, 4 * nside - ring);
    const north = ring <= 2 * nside ? 1 : -1;
    const inCap = fromPole < nside;
    const z = north * (inCap ? 1 - fromPole ** 2 / (3 * nside ** 2) : 4 / 3 - (2 * fromPole) / (3 * nside));
    const pixels = 4 * Math.min(fromPole, nside);
    // The first pixel lies half a pixel from azimuth 0; in the belt on every other ring at 0.
    const first = inCap ? 0.5 : ((fromPole - nside + 1) % 2) / 2;
    const radius = Math.sqrt((1 - z) * (1 + z));
    for (let j = 0; j < pixels; j++) {
      const azimuth = ((2 * Math.PI) / pixels) * (j + first);
      centres.push([radius * Math.cos(azimuth), radius * Math.sin(azimuth), z]);
    }
  }
  return centres;
}
