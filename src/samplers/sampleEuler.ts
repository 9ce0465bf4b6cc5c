/**
 * @file Euler's method in σ (Karras et al. 2022, algorithm 1 without its second half; k-diffusion's `sample_euler`).
 */
import type { Score } from "../sde/sde";
import type { Sampled } from "./sampler";
import { moved, type SigmaSamplerOptions, sigmaProblem } from "./sigmaSampler";

/**
 * x ← x + (σ′ − σ)·d(x, σ), d = −σ·w·s. Order 1; one score call per step. The same as `ddim` with η = 0.
 *
 * @param z K·D draws from N(0, 1); see `priorNoise`
 * @throws InputError if z, init or the noise levels do not fit, or the score returns NaN
 */
export function sampleEuler(score: Score, z: ArrayLike<number>, options: SigmaSamplerOptions = {}): Sampled {
  const { sigmas, x, slope, record, sampled } = sigmaProblem("sampleEuler", score, z, options);
  for (let i = 0; i + 1 < sigmas.length; i++) {
    x.set(moved(x, sigmas[i + 1] - sigmas[i], slope(x, sigmas[i])));
    record(x, sigmas[i + 1]);
  }
  return sampled();
}
