/**
 * @file Noise in which hypothesis k does not depend on how many hypotheses there are.
 */
import { assertInput } from "../check";
import type { Rng } from "../random";

const checkCounts = (where: string, k: number, d: number): void =>
  assertInput(
    Number.isInteger(k) && k >= 1 && Number.isInteger(d) && d >= 1,
    `${where}: expected integers K ≥ 1 and D ≥ 1, got ${k} and ${d}`,
  );

/**
 * K·D draws from N(0, 1), row by row; row k comes from the stream `rng.split(k)`, so the first rows stay the same
 * when K grows.
 *
 * @throws InputError unless K and D are positive integers
 */
export function priorNoise(rng: Rng, k: number, d: number): Float64Array {
  checkCounts("priorNoise", k, d);
  const noise = new Float64Array(k * d);
  for (let row = 0; row < k; row++) noise.set(rng.split(row).normals(d), row * d);
  return noise;
}

/**
 * The noise of a stochastic sampler: every call gives the next K·D draws, row k from a stream of its own.
 *
 * @throws InputError unless K and D are positive integers
 */
export function noiseSource(rng: Rng, k: number, d: number): () => Float64Array {
  checkCounts("noiseSource", k, d);
  const streams = Array.from({ length: k }, (_, row) => rng.split(row).split("steps"));
  return () => {
    const noise = new Float64Array(k * d);
    streams.forEach((stream, row) => {
      noise.set(stream.normals(d), row * d);
    });
    return noise;
  };
}
