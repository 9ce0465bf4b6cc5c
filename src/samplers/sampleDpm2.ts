/**
 * @file DPM-Solver-2 as a midpoint rule in ln σ (Karras et al. 2022; Lu et al. 2022; k-diffusion's `sample_dpm_2`).
 */
import type { Score } from "../sde/sde";
import type { Sampled } from "./sampler";
import { moved, type SigmaSamplerOptions, sigmaProblem } from "./sigmaSampler";

/**
 * x̃ = x + (σ̃ − σ)·d(x, σ) with σ̃ = √(σσ′), then x ← x + (σ′ − σ)·d(x̃, σ̃), d = −σ·w·s; an Euler step where σ′ = 0.
 * Order 2; two score calls per step.
 *
 * @param z K·D draws from N(0, 1); see `priorNoise`
 * @throws InputError if z, init or the noise levels do not fit, or the score returns NaN
 */
export function sampleDpm2(score: Score, z: ArrayLike<number>, options: SigmaSamplerOptions = {}): Sampled {
  const { sigmas, x, slope, record, sampled } = sigmaProblem("sampleDpm2", score, z, options);
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [sigma, next] = [sigmas[i], sigmas[i + 1]];
    const d = slope(x, sigma);
    if (next === 0) x.set(moved(x, -sigma, d));
    else {
      const middle = Math.sqrt(sigma * next);
      x.set(moved(x, next - sigma, slope(moved(x, middle - sigma, d), middle)));
    }
    record(x, next);
  }
  return sampled();
}
