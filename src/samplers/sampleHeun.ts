/**
 * @file Heun's method in σ (Karras et al. 2022, algorithm 1 with no churn; k-diffusion's `sample_heun`).
 */
import type { Score } from "../sde/sde";
import type { Sampled } from "./sampler";
import { moved, type SigmaSamplerOptions, sigmaProblem } from "./sigmaSampler";

/**
 * x̃ = x + (σ′ − σ)·d(x, σ), then x ← x + (σ′ − σ)·½·[d(x, σ) + d(x̃, σ′)], d = −σ·w·s; an Euler step where σ′ = 0.
 * Order 2; two score calls per step.
 *
 * @param z K·D draws from N(0, 1); see `priorNoise`
 * @throws InputError if z, init or the noise levels do not fit, or the score returns NaN
 */
export function sampleHeun(score: Score, z: ArrayLike<number>, options: SigmaSamplerOptions = {}): Sampled {
  const { sigmas, x, slope, record, sampled } = sigmaProblem("sampleHeun", score, z, options);
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [sigma, next] = [sigmas[i], sigmas[i + 1]];
    const d = slope(x, sigma);
    const end = moved(x, next - sigma, d);
    if (next === 0) x.set(end);
    else {
      const dEnd = slope(end, next);
      for (let j = 0; j < x.length; j++) x[j] += (next - sigma) * 0.5 * (d[j] + dEnd[j]);
    }
    record(x, next);
  }
  return sampled();
}
