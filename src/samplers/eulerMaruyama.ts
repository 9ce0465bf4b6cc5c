/**
 * @file The stochastic sampler: the reverse-time SDE by Euler–Maruyama.
 */
import { timeGrid } from "../sde/schedules";
import type { Score } from "../sde/sde";
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

/** Options of `eulerMaruyama`. */
export interface EulerMaruyamaOptions extends SamplerOptions {
  /** K·D draws from N(0, 1) per call; see `noiseSource`. */
  noise: () => ArrayLike<number>;
  /** Number of updates (score_sde: 1000). */
  steps?: number;
  /** The times themselves, decreasing; replaces t0 and steps. */
  times?: ArrayLike<number>;
}

const defaults = { steps: 1000, denoise: false } satisfies Partial<EulerMaruyamaOptions>;

/**
 * dx = [f·x − g²·w·s(x, t)] dt + g dw̄ from t₀ down to eps (Song et al. 2021, eq. 6). The last update adds no noise:
 * its mean is returned.
 *
 * @param score s(x, t)
 * @param z K·D draws from N(0, 1); see `priorNoise`
 * @throws InputError if z, init or the grid do not fit, or the score returns NaN
 */
export function eulerMaruyama(score: Score, z: ArrayLike<number>, options: EulerMaruyamaOptions): Sampled {
  const { sde = vesde, steps = defaults.steps, scaling = noScaling, denoise = defaults.denoise } = options;
  const times = checkedGrid("eulerMaruyama", options.times ?? timeGrid(options.t0 ?? defaultT0, steps, sde.eps));
  const x = startState("eulerMaruyama", sde, z, times[0], options.init);
  const s = countedScore("eulerMaruyama", score);
  const { record, kept } = recorder(options);
  record(x, times[0]);
  for (let i = 0; i + 1 < times.length; i++) {
    const [t, width] = [times[i], times[i] - times[i + 1]];
    const [f, g] = [sde.drift(t), sde.diffusion(t)];
    const pull = g * g * scaling(t);
    const direction = s(x, t);
    const epsilon = i + 2 < times.length ? options.noise() : undefined;
    const spread = g * Math.sqrt(width);
    for (let j = 0; j < x.length; j++)
      x[j] -= (f * x[j] - pull * direction[j]) * width - (epsilon ? spread * epsilon[j] : 0);
    record(x, times[i + 1]);
  }
  return { x: denoiseStep(s, x, sde, denoise, times.length - 1), nfe: s.calls, ...kept };
}
