/**
 * @file The variance-preserving SDE and its sub-VP variant (Song et al. 2021, eq. 32–33 and section 3.4).
 */
import { assertInput } from "../check";
import { normalLogDensity, type Sde } from "./sde";

/** Parameters of a `VPSDE` and a `SubVPSDE`. */
export interface VpsdeOptions {
  /** β(0). */
  betaMin?: number;
  /** β(1). */
  betaMax?: number;
  /** Where samplers stop. */
  eps?: number;
  /**
   * Evaluate 1 − exp(·) as single-precision code does. GenPose runs so: at t = 1e-5 the cancellation makes its σ(t)
   * 0.6 % too large. The default is exact to double precision; this option reproduces the published numbers.
   */
  float32?: boolean;
}

const defaults = { betaMin: 0.1, betaMax: 20, eps: 1e-3, float32: false } satisfies Required<VpsdeOptions>;

/** β(t) = β_min + t·(β_max − β_min); f(t) = −β(t)/2; g = √β; m(t) = exp(−½∫β); σ² = 1 − m²; t in (0, 1]. */
export class VPSDE implements Sde {
  readonly T: number = 1;
  readonly priorSigma: number = 1;
  readonly eps: number;
  readonly betaMin: number;
  readonly betaMax: number;
  readonly float32: boolean;

  /** @throws InputError unless 0 < betaMin ≤ betaMax and 0 < eps < 1. */
  constructor(options: VpsdeOptions = {}) {
    const { betaMin, betaMax, eps, float32 } = { ...defaults, ...options };
    assertInput(
      betaMin > 0 && betaMin <= betaMax,
      `VPSDE: expected 0 < betaMin ≤ betaMax, got ${betaMin} and ${betaMax}; the published pair is 0.1 and 20`,
    );
    assertInput(eps > 0 && eps < 1, `VPSDE: expected eps in (0, 1), got ${eps}; the published value is 1e-3`);
    this.eps = eps;
    this.betaMin = betaMin;
    this.betaMax = betaMax;
    this.float32 = float32;
  }

  /** β(t). */
  beta(t: number): number {
    return this.betaMin + t * (this.betaMax - this.betaMin);
  }

  /** ∫₀ᵗ β. */
  integratedBeta(t: number): number {
    return t * this.betaMin + 0.5 * t * t * (this.betaMax - this.betaMin);
  }

  /** 1 − exp(−a), in the precision that was asked for. */
  protected oneMinusExp(a: number): number {
    const { fround } = Math;
    return this.float32 ? fround(1 - fround(Math.exp(-fround(a)))) : -Math.expm1(-a);
  }

  mean(t: number): number {
    return Math.exp(-0.5 * this.integratedBeta(t));
  }

  sigma(t: number): number {
    return Math.sqrt(this.oneMinusExp(this.integratedBeta(t)));
  }

  drift(t: number): number {
    return -0.5 * this.beta(t);
  }

  diffusion(t: number): number {
    return Math.sqrt(this.beta(t));
  }

  priorLogDensity(z: ArrayLike<number>): number {
    return normalLogDensity(z, 1);
  }
}

/** As `VPSDE`, with σ = 1 − m² and g² = β·(1 − exp(−2∫β)): never above the VP variance. */
export class SubVPSDE extends VPSDE {
  override sigma(t: number): number {
    return this.oneMinusExp(this.integratedBeta(t));
  }

  override diffusion(t: number): number {
    return Math.sqrt(this.beta(t) * this.oneMinusExp(2 * this.integratedBeta(t)));
  }
}
