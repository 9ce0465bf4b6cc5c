/**
 * @file The diffusion whose time is the noise level itself (Karras et al., NeurIPS 2022).
 */
import { assertInput } from "../check";
import { normalLogDensity, type VarianceExplodingSde } from "./sde";

/** Parameters of an `EDM`. */
export interface EdmOptions {
  /** Largest noise level, σ(T) = T. */
  sigmaMax?: number;
  /** Where samplers stop: the smallest noise level. */
  eps?: number;
}

const defaults = { sigmaMax: 80, eps: 0.002 } satisfies Required<EdmOptions>;

/** σ(t) = t, f = 0, g(t) = √(2t), t in (0, 80]. */
export class EDM implements VarianceExplodingSde {
  readonly T: number;
  readonly eps: number;

  /** @throws InputError unless 0 < eps < sigmaMax. */
  constructor(options: EdmOptions = {}) {
    const { sigmaMax, eps } = { ...defaults, ...options };
    assertInput(
      eps > 0 && eps < sigmaMax && Number.isFinite(sigmaMax),
      `EDM: expected 0 < eps < sigmaMax, got ${eps} and ${sigmaMax}; the published pair is 0.002 and 80`,
    );
    this.T = sigmaMax;
    this.eps = eps;
  }

  get priorSigma(): number {
    return this.T;
  }

  mean(_t: number): number {
    return 1;
  }

  sigma(t: number): number {
    return t;
  }

  drift(_t: number): number {
    return 0;
  }

  diffusion(t: number): number {
    return Math.sqrt(2 * t);
  }

  timeOf(sigma: number): number {
    return sigma;
  }

  priorLogDensity(z: ArrayLike<number>): number {
    return normalLogDensity(z, this.T);
  }
}
