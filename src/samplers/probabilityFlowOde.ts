/**
 * @file The deterministic sampler of GenPose and paper A: the probability-flow ODE solved by RK45.
 */
import { assertInput } from "../check";
import { timeGrid } from "../sde/schedules";
import type { Score } from "../sde/sde";
import { vesde } from "../sde/vesde";
import { denoise as denoiseStep } from "./denoise";
import { type Rk45Options, type Rk45Solution, rk45 } from "./rk45";
import {
  countedScore,
  defaultT0,
  recorder,
  type Sampled,
  type SamplerOptions,
  startState,
  type Trajectory,
} from "./sampler";
import { noScaling } from "./scoreScaling";

/** Options of `probabilityFlowOde`. */
export interface ProbabilityFlowOptions extends SamplerOptions, Omit<Rk45Options, "tEval"> {
  /** Report the states at `steps` evenly spaced times (numpy's linspace from t₀ to eps); the integration is the same. */
  steps?: number;
  /**
   * Integrate every hypothesis with step sizes of its own. Its result then has the same bits whatever K is. The price:
   * the score is called with one row at a time, so K hypotheses take K integrations. Default false, as published: one
   * step size for all, hence results that depend on K within the tolerance.
   */
  perHypothesis?: boolean;
  /** D, the length of a row; needed with `perHypothesis`. */
  dimension?: number;
}

/** Samples, their cost and how the integration ended. */
export interface ProbabilityFlowSampled
  extends Sampled,
    Pick<Rk45Solution, "accepted" | "rejected" | "status" | "message"> {
  /** Number of score calls of each hypothesis, with `perHypothesis`. */
  nfePerHypothesis?: number[];
}

const defaults = {
  sde: vesde,
  t0: defaultT0,
  rtol: 1e-5,
  atol: 1e-5,
  // A learned score needs 100 to 300 calls; constant scaling from t = 1 can need thousands.
  maxNfe: 5000,
  scaling: noScaling,
  denoise: true,
  dimension: 9,
} satisfies ProbabilityFlowOptions;

// Frames of the trajectory with perHypothesis, where accepted times differ from row to row.
const frameCount = 50;

/**
 * dx/dt = f(t)·x − ½g(t)²·w(t)·s(x, t) from x(t₀) = init + σ(t₀)·z down to t = eps, then the denoise step (Song et al.
 * 2021, eq. 13; paper A, section 3.1; GenPose: rtol = atol = 1e-5).
 *
 * @param score s(x, t)
 * @param z K·D draws from N(0, 1); see `priorNoise`
 * @returns samples (K·D); where `status` is not "finished", x is the state at which it stopped, not denoised, and
 *   `message` says why
 * @throws InputError if z, init or t₀ do not fit, or the score returns NaN
 */
export function probabilityFlowOde(
  score: Score,
  z: ArrayLike<number>,
  options: ProbabilityFlowOptions = {},
): ProbabilityFlowSampled {
  const { sde = defaults.sde, t0 = defaults.t0, steps, perHypothesis } = options;
  assertInput(
    steps === undefined || (Number.isInteger(steps) && steps >= 2),
    `probabilityFlowOde: steps must be an integer of at least 2, got ${steps}`,
  );
  const wantsFrames = options.trajectory || options.onStep !== undefined;
  // Accepted times differ from row to row, so rows on their own are looked at on a common grid.
  const frames = steps ?? (perHypothesis && wantsFrames ? frameCount : undefined);
  const tEval = frames === undefined ? undefined : timeGrid(t0, frames - 1, sde.eps);
  const { states, ...sampled } = perHypothesis
    ? eachRow(score, z, options, tEval)
    : integrate(score, z, options, tEval);
  const { record, kept } = recorder(options);
  states.x.forEach((x, i) => {
    record(x, states.t[i]);
  });
  return { ...sampled, ...kept };
}

type Integrated = ProbabilityFlowSampled & { states: Trajectory };

/** One integration of the whole state. */
function integrate(
  score: Score,
  z: ArrayLike<number>,
  options: ProbabilityFlowOptions,
  tEval: Float64Array | undefined,
): Integrated {
  const { sde = defaults.sde, t0 = defaults.t0, scaling = defaults.scaling, denoise = defaults.denoise } = options;
  const { rtol = defaults.rtol, atol = defaults.atol, maxNfe = defaults.maxNfe, init, steps } = options;
  const start = startState("probabilityFlowOde", sde, z, t0, init);
  const s = countedScore("probabilityFlowOde", score);
  const velocity = new Float64Array(start.length);
  const solution = rk45(
    (t, x) => {
      const [drift, half] = [sde.drift(t), 0.5 * sde.diffusion(t) ** 2 * scaling(t)];
      const direction = s(x, t);
      for (let i = 0; i < x.length; i++) velocity[i] = drift * x[i] - half * direction[i];
      return velocity;
    },
    [t0, sde.eps],
    start,
    { rtol, atol, maxNfe, tEval },
  );
  const { accepted, rejected, status, message, final } = solution;
  const x = status === "finished" ? denoiseStep(s, final.y, sde, denoise, steps) : final.y;
  return { x, nfe: s.calls, accepted, rejected, status, message, states: { t: solution.t, x: solution.y } };
}

/** One integration per row, put together again. */
function eachRow(
  score: Score,
  z: ArrayLike<number>,
  options: ProbabilityFlowOptions,
  tEval: Float64Array | undefined,
): Integrated {
  const { dimension = defaults.dimension, init } = options;
  assertInput(
    z.length > 0 && z.length % dimension === 0,
    `probabilityFlowOde: ${z.length} numbers of noise are not rows of ${dimension}; pass dimension: D`,
  );
  assertInput(
    init === undefined || init.length === dimension || init.length === z.length,
    `probabilityFlowOde: init has ${init?.length} numbers; give ${dimension} or ${z.length}`,
  );
  const noise = Float64Array.from(z);
  const rows = Array.from({ length: noise.length / dimension }, (_, k) => {
    const [from, to] = [k * dimension, (k + 1) * dimension];
    const own =
      init &&
      Float64Array.from(init)
        .subarray(init.length === dimension ? 0 : from)
        .slice(0, dimension);
    return integrate(score, noise.subarray(from, to), { ...options, init: own }, tEval);
  });
  const total = (value: (row: Integrated) => number): number => rows.reduce((sum, row) => sum + value(row), 0);
  /** The rows side by side. */
  const joined = (part: (row: Integrated) => Float64Array): Float64Array => {
    const out = new Float64Array(noise.length);
    rows.forEach((row, k) => {
      out.set(part(row), k * dimension);
    });
    return out;
  };
  const t = tEval ? Array.from(tEval) : [];
  const { status, message } = rows.find((row) => row.status !== "finished") ?? rows[0];
  return {
    x: joined((row) => row.x),
    nfe: total((row) => row.nfe),
    nfePerHypothesis: rows.map((row) => row.nfe),
    accepted: total((row) => row.accepted),
    rejected: total((row) => row.rejected),
    status,
    message,
    // A row that stopped early stays where it stopped.
    states: { t, x: t.map((_, i) => joined((row) => row.states.x[i] ?? row.x)) },
  };
}
