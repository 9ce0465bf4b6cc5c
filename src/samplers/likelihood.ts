/**
 * @file How likely a pose is under a diffusion: the instantaneous change of variables.
 */
import { assertFinite, assertInput } from "../check";
import type { Score, Sde } from "../sde/sde";
import { vesde } from "../sde/vesde";
import { type Rk45Options, type Rk45Solution, rk45 } from "./rk45";
import { countedScore } from "./sampler";

/** Options of `logLikelihood`. */
export interface LikelihoodOptions extends Omit<Rk45Options, "tEval"> {
  /** Default: the published `vesde`. */
  sde?: Sde;
  /** D, the length of a row. */
  dimension?: number;
  /** ε of Hutchinson's estimate, K·D draws from N(0, 1) or ±1. Default: none, the trace is summed over all D axes. */
  probe?: ArrayLike<number>;
  /**
   * `"published"`: ε multiplied by the prior's deviation, as GenPose has it, which makes the divergence σ_max² = 2500
   * times too large; it needs a probe.
   */
  form?: "right" | "published";
}

/** Log-likelihoods and what they cost. */
export interface Likelihood {
  /** log p₀ of each row, in nats. */
  nats: Float64Array;
  /** log₂ p₀ of each row. */
  bits: Float64Array;
  /** The rows carried to t = T. */
  z: Float64Array;
  nfe: number;
  status: Rk45Solution["status"];
  message: string;
}

const defaults = { dimension: 9, rtol: 1e-5, atol: 1e-5, maxNfe: 200_000 } satisfies LikelihoodOptions;

/**
 * log p₀(x) = log p_T(x(T)) + ∫ ∇·v dt from eps to T, v = f·x − ½g²·s, x(t) carried along dx/dt = v (Song et al. 2021,
 * eq. 39; Chen et al. 2018). The derivative of the score along a direction is a central difference.
 *
 * @param x K·D numbers
 * @throws InputError if x, the probe or D do not fit, or the score returns NaN
 */
export function logLikelihood(score: Score, x: ArrayLike<number>, options: LikelihoodOptions = {}): Likelihood {
  const { sde = vesde, dimension = defaults.dimension, probe, form = "right" } = options;
  const { rtol = defaults.rtol, atol = defaults.atol, maxNfe = defaults.maxNfe } = options;
  const n = x.length;
  const rows = n / dimension;
  assertInput(n > 0 && n % dimension === 0, `logLikelihood: ${n} numbers are not rows of ${dimension}`);
  assertFinite("logLikelihood, x", x);
  assertInput(
    probe === undefined || probe.length === n,
    `logLikelihood: the probe has ${probe?.length} numbers, x has ${n}; give one per number`,
  );
  assertInput(
    form === "right" || probe !== undefined,
    'logLikelihood: form "published" needs a probe; pass probe: priorNoise(rng, K, D)',
  );
  const s = countedScore("logLikelihood", score);
  const factor = form === "published" ? sde.priorSigma : 1;
  /** Directions ε with Σ ε·εᵀ ≈ I: one probe, or the axes. */
  const directions: Float64Array[] = probe
    ? [Float64Array.from(probe, (value) => factor * value)]
    : Array.from({ length: dimension }, (_, axis) =>
        Float64Array.from({ length: n }, (_, i) => (i % dimension === axis ? 1 : 0)),
      );
  const derivative = new Float64Array(n + rows);
  const solution = rk45(
    (t, state) => {
      const at = state.slice(0, n);
      const [f, half] = [sde.drift(t), 0.5 * sde.diffusion(t) ** 2];
      const here = s(at, t);
      for (let i = 0; i < n; i++) derivative[i] = f * at[i] - half * here[i];
      derivative.fill(0, n);
      for (const direction of directions) {
        const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0) / n);
        // σ(t) is the length over which the score changes.
        const h = (1e-4 * sde.sigma(t)) / length;
        const ahead = Float64Array.from(s(shifted(at, h, direction), t));
        const behind = s(shifted(at, -h, direction), t);
        for (let i = 0; i < n; i++) {
          const alongScore = (ahead[i] - behind[i]) / (2 * h);
          derivative[n + Math.floor(i / dimension)] += direction[i] * (f * direction[i] - half * alongScore);
        }
      }
      return derivative;
    },
    [sde.eps, sde.T],
    [...Array.from(x), ...new Array<number>(rows).fill(0)],
    { rtol, atol, maxNfe },
  );
  const end = solution.final.y;
  const z = end.slice(0, n);
  const nats = Float64Array.from(
    { length: rows },
    (_, k) => sde.priorLogDensity(z.subarray(k * dimension, (k + 1) * dimension)) + end[n + k],
  );
  const { status, message } = solution;
  return { nats, bits: nats.map((value) => value / Math.LN2), z, nfe: s.calls, status, message };
}

const shifted = (x: Float64Array, h: number, direction: Float64Array): Float64Array =>
  x.map((value, i) => value + h * direction[i]);
