/**
 * @file The last step: from the smallest noise level to none.
 */
import type { Score, Sde } from "../sde/sde";

/**
 * `true`: GenPose's step, a thousandth of what Tweedie's formula asks; `"tweedie"`: the posterior mean; `false`: none.
 */
export type Denoise = boolean | "tweedie";

/**
 * x ← x + g(ε)²·s(x, ε)·(1 − ε)/N (`true`; GenPose's sampler, N = number of steps or 1000) or
 * x ← (x + σ(ε)²·s(x, ε))/m(ε) = E[x(0) | x(ε)] (`"tweedie"`; Efron 2011).
 *
 * The score here is never scaled: a step four times that of Tweedie would overshoot the mean, and paper A does not
 * say otherwise. With the VE-SDE and N = 1000 GenPose's step is 1.7 % of Tweedie's, so it leaves nearly all of the
 * last 1 cm of noise in place.
 *
 * @returns a new state; with `false` a copy
 */
export function denoise(score: Score, x: Float64Array, sde: Sde, mode: Denoise, steps: number = 1000): Float64Array {
  if (mode === false) return x.slice();
  const s = score(x, sde.eps);
  if (mode === "tweedie") {
    const [variance, mean] = [sde.sigma(sde.eps) ** 2, sde.mean(sde.eps)];
    return x.map((value, i) => (value + variance * s[i]) / mean);
  }
  const width = (sde.diffusion(sde.eps) ** 2 * (1 - sde.eps)) / steps;
  return x.map((value, i) => value + width * s[i]);
}
