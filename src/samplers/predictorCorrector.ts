/**
 * @file GenPose's predictor–corrector sampler: Langevin correction, then a step of the reverse-time SDE.
 */
import { assertInput } from "../check";
import { timeGrid } from "../sde/schedules";
import type { Score } from "../sde/sde";
import { vesde } from "../sde/vesde";
import { countedScore, recorder, type Sampled, type SamplerOptions, startState } from "./sampler";
import { noScaling } from "./scoreScaling";

/** Options of `predictorCorrector`. */
export interface PredictorCorrectorOptions extends Omit<SamplerOptions, "denoise"> {
  /** K·D draws from N(0, 1) per call, asked for by corrector and predictor in turn; see `noiseSource`. */
  noise: () => ArrayLike<number>;
  /** Number of times visited (GenPose: 500). */
  steps?: number;
  /** r, the signal-to-noise ratio of the corrector (GenPose: 0.16). */
  snr?: number;
  /** D, the length of a row. */
  dimension?: number;
  /** `"published"`: the predictor runs the wrong way, as GenPose's code does; see `predictorCorrector`. */
  form?: "right" | "published";
  /** Applied in place after the corrector; for poses `normalizeColumns`. */
  afterCorrector?: (x: Float64Array) => void;
  /** Applied in place after the predictor, and to the answer; for poses `orthonormalizeColumns`. */
  afterPredictor?: (x: Float64Array) => void;
}

const defaults = {
  t0: 1,
  steps: 500,
  snr: 0.16,
  dimension: 9,
  form: "right",
} satisfies Partial<PredictorCorrectorOptions>;

/**
 * At each of N times from t₀ to eps, with s = w·s(x, t) evaluated once, before the corrector (GenPose does so; Song et
 * al. 2021, algorithm 2, evaluates it again for the predictor):
 *
 *     corrector: x ← x + δ·s + √(2δ)·ε, δ = 2·(r·√D / mean‖s‖)²
 *     predictor: x ← x − [f·x − g²·s]·Δ + g·√Δ·ε, Δ = (t₀ − eps)/(N − 1)
 *
 * mean‖s‖ runs over the hypotheses, so that results depend on K.
 *
 * GenPose's code adds [f·x − g²·s]·Δ where the reverse-time SDE subtracts it: numbers of that code (translations of
 * 10⁶ after 25 steps) can be reproduced only so. That is `form: "published"`; the default goes towards the data.
 *
 * @returns the last predictor mean, without its noise
 * @throws InputError if z, init, steps or D do not fit, or the score returns NaN
 */
export function predictorCorrector(score: Score, z: ArrayLike<number>, options: PredictorCorrectorOptions): Sampled {
  const { sde = vesde, t0 = defaults.t0, steps = defaults.steps, snr = defaults.snr } = options;
  const { dimension = defaults.dimension, form = defaults.form, scaling = noScaling } = options;
  const { noise, afterCorrector, afterPredictor } = options;
  assertInput(Number.isInteger(steps) && steps >= 2, `predictorCorrector: expected steps ≥ 2, got ${steps}`);
  assertInput(snr > 0, `predictorCorrector: expected snr > 0, got ${snr}; GenPose has 0.16`);
  let x = startState("predictorCorrector", sde, z, t0, options.init);
  assertInput(x.length % dimension === 0, `predictorCorrector: ${x.length} numbers are not rows of ${dimension}`);
  const times = timeGrid(t0, steps - 1, sde.eps);
  const s = countedScore("predictorCorrector", score);
  const { record, kept } = recorder(options);
  const width = times[0] - times[1];
  let mean = x;
  for (const t of times) {
    const w = scaling(t);
    const direction = Float64Array.from(s(x, t), (value) => w * value);
    const delta = 2 * ((snr * Math.sqrt(dimension)) / meanRowNorm(direction, dimension)) ** 2;
    const corrected = noise();
    x = x.map((value, i) => value + delta * direction[i] + Math.sqrt(2 * delta) * corrected[i]);
    afterCorrector?.(x);
    const [f, g] = [sde.drift(t), sde.diffusion(t)];
    const step = form === "published" ? width : -width;
    mean = x.map((value, i) => value + (f * value - g * g * direction[i]) * step);
    const predicted = noise();
    x = mean.map((value, i) => value + g * Math.sqrt(width) * predicted[i]);
    afterPredictor?.(x);
    record(x, t);
  }
  afterPredictor?.(mean);
  return { x: mean, nfe: s.calls, ...kept };
}

/** Mean Euclidean length of the rows. @throws InputError if it is 0 */
function meanRowNorm(x: Float64Array, dimension: number): number {
  let sum = 0;
  for (let row = 0; row < x.length; row += dimension) sum += Math.hypot(...x.subarray(row, row + dimension));
  assertInput(sum > 0, "predictorCorrector: the score is 0 everywhere; the corrector's step would be infinite");
  return (sum * dimension) / x.length;
}
