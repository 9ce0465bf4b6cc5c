/**
 * @file DPM-Solver++(2M), a multistep method (Lu et al. 2022, algorithm 2; k-diffusion's `sample_dpmpp_2m`).
 */
import type { Score } from "../sde/sde";
import type { Sampled } from "./sampler";
import { moved, type SigmaSamplerOptions, sigmaProblem } from "./sigmaSampler";

/**
 * With λ = −ln σ, h = λ′ − λ, D = x + σ²·w·s and r = h_before/h: x ← (σ′/σ)·x − (e⁻ʰ − 1)·[(1 + 1/2r)·D − D_before/2r];
 * first-order at the first step and where σ′ = 0. Order 2 with one score call per step.
 *
 * @param z K·D draws from N(0, 1); see `priorNoise`
 * @throws InputError if z, init or the noise levels do not fit, or the score returns NaN
 */
export function sampleDpmpp2m(score: Score, z: ArrayLike<number>, options: SigmaSamplerOptions = {}): Sampled {
  const { sigmas, x, slope, record, sampled } = sigmaProblem("sampleDpmpp2m", score, z, options);
  let before: Float64Array | undefined;
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [sigma, next] = [sigmas[i], sigmas[i + 1]];
    const denoised = moved(x, -sigma, slope(x, sigma));
    const ratio = next / sigma;
    let target = denoised;
    if (before !== undefined && next > 0) {
      const r = Math.log(sigmas[i - 1] / sigma) / Math.log(sigma / next);
      const old = before;
      target = denoised.map((value, j) => (1 + 1 / (2 * r)) * value - old[j] / (2 * r));
    }
    for (let j = 0; j < x.length; j++) x[j] = ratio * x[j] + (1 - ratio) * target[j];
    before = denoised;
    record(x, next);
  }
  return sampled();
}
