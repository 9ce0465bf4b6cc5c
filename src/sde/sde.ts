/**
 * @file What a diffusion is, in a handful of scalar functions of time (Song et al., ICLR 2021, section 3).
 *
 * Every SDE here is linear in x: dx = f(t)·x dt + g(t) dw, so x(t) | x(0) ~ N(m(t)·x(0), σ(t)²·I) in closed form.
 */

/**
 * The one bridge between networks and samplers: s(x, t) = ∇ₓ log pₜ(x).
 *
 * `x` is K·D numbers, row by row (K hypotheses of D numbers each); `t` is shared by all rows. The answer has the
 * length of `x` and need only stay valid until the next call. `x` is borrowed: neither change nor keep it.
 */
export type Score = (x: Float64Array, t: number) => ArrayLike<number>;

/** A diffusion from data (t = 0) to the prior (t = T). */
export interface Sde {
  /** End of time. */
  readonly T: number;
  /** Where samplers stop: the score is not defined at t = 0. */
  readonly eps: number;
  /** σ(T), or the prior's deviation: x(T) ~ N(0, priorSigma²·I). */
  readonly priorSigma: number;
  /** m(t), the factor of x(0) in the mean of x(t). */
  mean(t: number): number;
  /** σ(t), the standard deviation of x(t) | x(0). */
  sigma(t: number): number;
  /** f(t), the factor of x in the drift f(t)·x. */
  drift(t: number): number;
  /** g(t). */
  diffusion(t: number): number;
  /** log N(z; 0, priorSigma²·I) of one row, in nats. */
  priorLogDensity(z: ArrayLike<number>): number;
}

/** A variance-exploding diffusion: m = 1, f = 0, and σ(t) can be inverted, so that a schedule may be given in σ. */
export interface VarianceExplodingSde extends Sde {
  /** The time t with σ(t) = `sigma`. */
  timeOf(sigma: number): number;
}

/** log N(z; 0, deviation²·I) = −(D/2)·log(2π·deviation²) − ‖z‖²/(2·deviation²), in nats. */
export function normalLogDensity(z: ArrayLike<number>, deviation: number): number {
  let squares = 0;
  for (let i = 0; i < z.length; i++) squares += z[i] * z[i];
  const variance = deviation * deviation;
  return -0.5 * z.length * Math.log(2 * Math.PI * variance) - squares / (2 * variance);
}
