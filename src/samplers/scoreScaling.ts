/**
 * @file Score scaling guidance: w(t), by which the score is multiplied (paper A, eq. 8).
 *
 * w = 1 samples pₜ. w > 1 drifts towards its modes: one hypothesis is then as good as the mean of many. Strong
 * scaling early chooses one mode for all; the exponential schedule waits until the modes are settled.
 */
import { assertInput } from "../check";
import type { Score } from "../sde/sde";

/** w(t) for t in [0, 1]. */
export type ScoreScaling = (t: number) => number;

/** The weights at both ends. Any two: below 1 scatters instead of gathering, wMin > wMax restrains the end. */
export interface ScoreScalingOptions {
  /** w at t = 1 (paper A, section S.2.3: 1); the exponential schedule comes within 1 % of the range there. */
  wMin?: number;
  /** w at t = 0 (paper A, section S.2.3: 4; larger values gave no more, figure S2). */
  wMax?: number;
}

const defaults = { wMin: 1, wMax: 4 } satisfies Required<ScoreScalingOptions>;

function range(where: string, options: ScoreScalingOptions): Required<ScoreScalingOptions> {
  const { wMin = defaults.wMin, wMax = defaults.wMax } = options;
  assertInput(
    wMin >= 0 && wMax >= 0 && Number.isFinite(wMin + wMax),
    `${where}: expected finite weights of at least 0, got wMin = ${wMin} and wMax = ${wMax}; the paper has 1 and 4`,
  );
  return { wMin, wMax };
}

/** w = 1: the distribution as it was learned. */
export const noScaling: ScoreScaling = () => 1;

/** w = w_min + (w_max − w_min)·exp(−5t) (paper A, eq. 9). @throws InputError if a weight is negative or not finite */
export function exponentialScaling(options: ScoreScalingOptions = {}): ScoreScaling {
  const { wMin, wMax } = range("exponentialScaling", options);
  return (t) => wMin + (wMax - wMin) * Math.exp(-5 * t);
}

/** w = w_max + (w_min − w_max)·t (paper A, eq. S5). @throws InputError if a weight is negative or not finite */
export function linearScaling(options: ScoreScalingOptions = {}): ScoreScaling {
  const { wMin, wMax } = range("linearScaling", options);
  return (t) => wMax + (wMin - wMax) * t;
}

/** w = w_max (paper A, eq. S5): from t = 1 it collapses onto single modes. @throws InputError if it is negative or not finite */
export function constantScaling(options: Pick<ScoreScalingOptions, "wMax"> = {}): ScoreScaling {
  const { wMax } = range("constantScaling", options);
  return () => wMax;
}

/** The schedules that paper A compares, each with w from 1 to 4. */
export const scoreScalings: Readonly<Record<"none" | "exponential" | "linear" | "constant", ScoreScaling>> = {
  none: noScaling,
  exponential: exponentialScaling(),
  linear: linearScaling(),
  constant: constantScaling(),
};

/** s_scaled(x, t) = w(t)·s(x, t) (paper A, eq. 8). */
export const scaleScore =
  (score: Score, scaling: ScoreScaling): Score =>
  (x, t) => {
    const [s, w] = [score(x, t), scaling(t)];
    return w === 1 ? s : Float64Array.from(s, (value) => w * value);
  };
