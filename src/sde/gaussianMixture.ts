/**
 * @file A distribution whose score is known at every noise level: the toy on which samplers are taught and tested.
 */
import { assertInput } from "../check";
import type { Rng } from "../random";
import type { Score, Sde } from "./sde";
import { vesde } from "./vesde";

/** An isotropic mixture Σ w_k·N(μ_k, s²·I) in D dimensions. */
export interface MixtureParameters {
  /** Number of components × D. */
  means: readonly (readonly number[])[];
  /** One per component; normalised to the sum 1. Default: equal. */
  weights?: readonly number[];
  /** s, in the units of x. */
  deviation: number;
}

/** The mixture under diffusion: pₜ = Σ w_k·N(m(t)·μ_k, (m(t)²s² + σ(t)²)·I). */
export interface GaussianMixture {
  readonly dimension: number;
  /** ∇ log pₜ(x) of each row of x, float64, by log-sum-exp. */
  score: Score;
  /** log pₜ(x) of one row, in nats. */
  logDensity(x: ArrayLike<number>, t: number): number;
  /** n rows drawn from p₀. */
  sample(rng: Rng, n: number): Float64Array;
}

/**
 * The mixture `parameters` diffused by `sde` (default: the published VE-SDE, where pₜ = Σ w_k·N(μ_k, (s² + σₜ²)·I)).
 *
 * @throws InputError if the means are empty or ragged, the weights do not fit, or the deviation is negative
 */
export function gaussianMixture(parameters: MixtureParameters, sde: Sde = vesde): GaussianMixture {
  const { means, deviation } = parameters;
  const weights = parameters.weights ?? means.map(() => 1);
  const dimension = means[0]?.length ?? 0;
  assertInput(dimension > 0, "gaussianMixture: means is empty; give at least one component");
  assertInput(
    means.every((mean) => mean.length === dimension && mean.every(Number.isFinite)),
    `gaussianMixture: every mean must hold ${dimension} finite numbers, as the first does`,
  );
  const total = weights.reduce((a, b) => a + b, 0);
  assertInput(
    weights.length === means.length && weights.every((w) => w >= 0) && total > 0,
    `gaussianMixture: expected ${means.length} weights ≥ 0 with a positive sum, got [${weights.join(", ")}]`,
  );
  assertInput(deviation >= 0, `gaussianMixture: expected a deviation ≥ 0, got ${deviation}`);
  const logWeights = weights.map((w) => Math.log(w / total));
  const variance = (t: number): number => (sde.mean(t) * deviation) ** 2 + sde.sigma(t) ** 2;

  /** The component in whose share of [0, 1) `u` falls. */
  const component = (u: number): number => {
    let [k, left] = [0, u * total - weights[0]];
    while (left >= 0 && k < weights.length - 1) left -= weights[++k];
    return k;
  };

  /** log w_k − ‖x − m·μ_k‖²/(2v) of every component, for the row of x at `offset`. */
  const exponents = (x: ArrayLike<number>, offset: number, m: number, v: number): number[] =>
    means.map((mean, k) => {
      let squares = 0;
      for (let i = 0; i < dimension; i++) squares += (x[offset + i] - m * mean[i]) ** 2;
      return logWeights[k] - squares / (2 * v);
    });

  return {
    dimension,
    score: (x, t) => {
      assertInput(x.length % dimension === 0, `gaussianMixture: ${x.length} numbers are not rows of ${dimension}`);
      const [m, v] = [sde.mean(t), variance(t)];
      const out = new Float64Array(x.length);
      for (let row = 0; row < x.length; row += dimension) {
        const e = exponents(x, row, m, v);
        const top = Math.max(...e);
        const p = e.map((value) => Math.exp(value - top));
        const sum = p.reduce((a, b) => a + b, 0);
        for (let k = 0; k < p.length; k++)
          for (let i = 0; i < dimension; i++) out[row + i] += ((p[k] / sum) * (m * means[k][i] - x[row + i])) / v;
      }
      return out;
    },
    logDensity: (x, t) => {
      assertInput(x.length === dimension, `gaussianMixture: expected one row of ${dimension}, got ${x.length} numbers`);
      const v = variance(t);
      const e = exponents(x, 0, sde.mean(t), v);
      const top = Math.max(...e);
      const sum = e.reduce((a, value) => a + Math.exp(value - top), 0);
      return top + Math.log(sum) - 0.5 * dimension * Math.log(2 * Math.PI * v);
    },
    sample: (rng, n) => {
      const out = new Float64Array(n * dimension);
      for (let row = 0; row < n; row++) {
        const mean = means[component(rng.uniform())];
        for (let i = 0; i < dimension; i++) out[row * dimension + i] = rng.normal(mean[i], deviation);
      }
      return out;
    },
  };
}
