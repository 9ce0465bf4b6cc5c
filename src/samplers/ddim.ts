/**
 * @file DDIM for the variance-exploding diffusion (paper A, eq. S4; Song, Meng & Ermon, ICLR 2021).
 */
import { assertInput } from "../check";
import { timeGrid } from "../sde/schedules";
import type { Score, VarianceExplodingSde } from "../sde/sde";
import { vesde } from "../sde/vesde";
import { denoise as denoiseStep } from "./denoise";
import {
  checkedGrid,
  countedScore,
  defaultT0,
  recorder,
  type Sampled,
  type SamplerOptions,
  startState,
} from "./sampler";
import { noScaling } from "./scoreScaling";

/** Options of `ddim`. */
export interface DdimOptions extends SamplerOptions<VarianceExplodingSde> {
  /** N, the number of updates (paper A: 500; table S1 has 10 to 500). */
  steps?: number;
  /** The N + 1 times themselves, decreasing; replaces t0 and steps. Default: evenly spaced from t0 to eps. */
  times?: ArrayLike<number>;
  /** η in [0, 1]: 0 is deterministic, 1 renews the whole noise at every step. */
  eta?: number;
  /** ε: K·D draws from N(0, 1) per call; needed with η > 0. See `noiseSource`. */
  noise?: () => ArrayLike<number>;
  /** `"stable"`: w scales the whole score; `"printed"`: only the first of its two places, as eq. S4 has it. */
  form?: "stable" | "printed";
}

const defaults = { steps: 500, eta: 0, form: "stable", denoise: false } satisfies DdimOptions;

/**
 * One update from σ = σ(tᵢ) to σ′ = σ(tᵢ₊₁), w = w(tᵢ), for i = 0 … N − 1 (paper A, eq. S4, there numbered 4):
 *
 *     printed: x ← x + σ²·w·s − √(σ′² − (ησ′)²)·σ·s + ησ′·ε
 *     stable:  x ← x + σ²·w·s − √(σ′² − (ησ′)²)·σ·w·s + ησ′·ε
 *
 * Near a mode s = −(x − μ)/σ². The printed update then multiplies x − μ by 1 − w + σ′/σ, which is near −2 for w = 4
 * and small steps: it diverges, the worse the more steps there are. Scaling the score in both places, as eq. 8 says,
 * gives 1 − w·(1 − σ′/σ), which is near 1. Both are the Euler method in σ for w = 1, η = 0. The paper prints no time
 * grid: evenly spaced times, w at the current one.
 *
 * @param score s(x, t)
 * @param z K·D draws from N(0, 1); see `priorNoise`
 * @throws InputError if z, init, the grid or η do not fit, η > 0 comes without noise, or the score returns NaN
 */
export function ddim(score: Score, z: ArrayLike<number>, options: DdimOptions = {}): Sampled {
  const { sde = vesde, steps = defaults.steps, eta = defaults.eta, form = defaults.form, noise } = options;
  const { scaling = noScaling, denoise = defaults.denoise } = options;
  assertInput(eta >= 0 && eta <= 1, `ddim: expected eta in [0, 1], got ${eta}`);
  assertInput(eta === 0 || noise, `ddim: eta = ${eta} needs noise; pass noise: noiseSource(rng, K, D)`);
  const times = checkedGrid("ddim", options.times ?? timeGrid(options.t0 ?? defaultT0, steps, sde.eps));
  const x = startState("ddim", sde, z, times[0], options.init);
  const s = countedScore("ddim", score);
  const { record, kept } = recorder(options);
  record(x, times[0]);
  for (let i = 0; i + 1 < times.length; i++) {
    const [sigma, next, w] = [sde.sigma(times[i]), sde.sigma(times[i + 1]), scaling(times[i])];
    const retained = Math.sqrt(next ** 2 - (eta * next) ** 2);
    const factor = sigma * (w * sigma - (form === "stable" ? w : 1) * retained);
    const direction = s(x, times[i]);
    const epsilon = eta > 0 ? noise?.() : undefined;
    for (let j = 0; j < x.length; j++) x[j] += factor * direction[j] + (epsilon ? eta * next * epsilon[j] : 0);
    record(x, times[i + 1]);
  }
  return { x: denoiseStep(s, x, sde, denoise, times.length - 1), nfe: s.calls, ...kept };
}
