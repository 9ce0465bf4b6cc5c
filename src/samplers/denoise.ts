/**
 * @file The last step: from the smallest noise level to none.
 */
import type { Score, Sde } from "../sde/sde";

/** `true`: N-th part of a step of the reverse-time SDE; `"tweedie"`: the posterior mean; `"published"`: see `denoise`. */
export type Denoise = boolean | "tweedie" | "published";

/**
 *     true:        x ← x + g(ε)²·s(x, ε)·(1 − ε)/N, N = number of steps or 1000
 *     "published": x ← x − g(ε)²·s(x, ε)·(1 − ε)/N
 *     "tweedie":   x ← (x + σ(ε)²·s(x, ε))/m(ε) = E[x(0) | x(ε)] (Efron 2011)
 *
 * GenPose means the first and its code does the second: its recorded numbers move away from the mode by as much as
 * they should move towards it. With the VE-SDE and N = 1000 either is 1.7 % of Tweedie's step, so hardly any of the
 * last centimetre of noise is removed; with N = 20 it is 85 %.
 *
 * The score here is never scaled: a step four times that of Tweedie would overshoot the mean, and paper A does not
 * say otherwise.
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
  const signed = mode === "published" ? -width : width;
  return x.map((value, i) => value + signed * s[i]);
}
