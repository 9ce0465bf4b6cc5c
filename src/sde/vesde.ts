/**
 * @file The variance-exploding SDE of GenPose and paper A (section 3.1; Song et al. 2021, eq. 30–31).
 */
import { assertInput } from "../check";
import { normalLogDensity, type VarianceExplodingSde } from "./sde";

/** Parameters of a `VESDE`. */
export interface VesdeOptions {
  /** σ(0). */
  sigmaMin?: number;
  /** σ(1). */
  sigmaMax?: number;
  /** Where samplers stop. */
  eps?: number;
}

// GenPose's init_sde("ve") binds these; the 90 in its function signatures is never used.
const defaults = { sigmaMin: 0.01, sigmaMax: 50, eps: 1e-5 } satisfies Required<VesdeOptions>;

/**
 * σ(t) = σ_min·(σ_max/σ_min)ᵗ, f = 0, g(t) = σ(t)·√(2·ln(σ_max/σ_min)), t in (0, 1].
 *
 * σ(1) = 50, σ(0.55) = 1.0825, σ(0.15) = 0.0359. The rotation columns are unit vectors and the translation is in
 * metres, so σ_min = 0.01 is a centimetre along each axis.
 */
export class VESDE implements VarianceExplodingSde {
  readonly T: number = 1;
  readonly eps: number;
  readonly sigmaMin: number;
  readonly sigmaMax: number;
  readonly #logRatio: number;
  readonly #diffusionPerSigma: number;

  /** @throws InputError unless 0 < sigmaMin < sigmaMax and 0 < eps < 1. */
  constructor(options: VesdeOptions = {}) {
    const { sigmaMin, sigmaMax, eps } = { ...defaults, ...options };
    assertInput(
      sigmaMin > 0 && sigmaMin < sigmaMax && Number.isFinite(sigmaMax),
      `VESDE: expected 0 < sigmaMin < sigmaMax, got ${sigmaMin} and ${sigmaMax}; the published pair is 0.01 and 50`,
    );
    assertInput(eps > 0 && eps < 1, `VESDE: expected eps in (0, 1), got ${eps}; the published value is 1e-5`);
    this.eps = eps;
    this.sigmaMin = sigmaMin;
    this.sigmaMax = sigmaMax;
    this.#logRatio = Math.log(sigmaMax / sigmaMin);
    this.#diffusionPerSigma = Math.sqrt(2 * this.#logRatio);
  }

  get priorSigma(): number {
    return this.sigmaMax;
  }

  mean(_t: number): number {
    return 1;
  }

  sigma(t: number): number {
    return this.sigmaMin * (this.sigmaMax / this.sigmaMin) ** t;
  }

  drift(_t: number): number {
    return 0;
  }

  diffusion(t: number): number {
    return this.sigma(t) * this.#diffusionPerSigma;
  }

  /** t = ln(σ/σ_min) / ln(σ_max/σ_min). @throws InputError unless `sigma` is positive. */
  timeOf(sigma: number): number {
    assertInput(sigma > 0, `VESDE.timeOf: expected a positive sigma, got ${sigma}; a final 0 needs no score`);
    return Math.log(sigma / this.sigmaMin) / this.#logRatio;
  }

  priorLogDensity(z: ArrayLike<number>): number {
    return normalLogDensity(z, this.sigmaMax);
  }

  /** n noise levels from σ_min to σ_max, evenly spaced in ln σ (score_sde's discrete SMLD grid, n = 1000 there). */
  discreteSigmas(n: number = 1000): Float64Array {
    assertInput(Number.isInteger(n) && n >= 2, `VESDE.discreteSigmas: expected an integer n ≥ 2, got ${n}`);
    return Float64Array.from({ length: n }, (_, i) => this.sigmaMin * Math.exp((this.#logRatio * i) / (n - 1)));
  }
}

/** The published diffusion: σ from 0.01 to 50. */
export const vesde: VESDE = new VESDE();
