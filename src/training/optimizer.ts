/**
 * @file Adam and clipping on flat Float32Arrays, in place: one pass over the numbers instead of a dozen tensor ops each.
 */

/** Constants of Adam (Kingma & Ba 2015, algorithm 1). */
export interface AdamOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } satisfies Required<AdamOptions>;

/** What one step of Adam reads and changes; all arrays have one length. */
export interface AdamArrays {
  /** Parameters, changed in place. */
  values: Float32Array;
  gradient: ArrayLike<number>;
  /** First moment, changed in place. */
  m: Float32Array;
  /** Second moment, changed in place. */
  v: Float32Array;
}

/**
 * One step of Adam by PyTorch's rule, in place:
 * m ← m + (g − m)(1 − β₁), v ← β₂v + (1 − β₂)g², w ← w − lr/(1 − β₁ⁿ) · m / (√v/√(1 − β₂ⁿ) + ε).
 *
 * @param step n, the number of this step of these parameters, from 1
 * @param gradientScale factor of the gradient (clipping), so that it needs no pass of its own
 */
export function adamStep(
  arrays: AdamArrays,
  learningRate: number,
  step: number,
  gradientScale: number = 1,
  options: AdamOptions = {},
): void {
  const { values, gradient, m, v } = arrays;
  const { beta1, beta2, epsilon } = { ...defaults, ...options };
  const stepSize = learningRate / (1 - beta1 ** step);
  const correction = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i] * gradientScale;
    m[i] += (g - m[i]) * (1 - beta1);
    v[i] = v[i] * beta2 + (1 - beta2) * g * g;
    values[i] -= (stepSize * m[i]) / (Math.sqrt(v[i]) / correction + epsilon);
  }
}

/** ‖g‖₂ over all numbers, summed in float64. */
export function globalNorm(gradient: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += gradient[i] * gradient[i];
  return Math.sqrt(sum);
}

/** Factor of a gradient of the given norm: min(1, maxNorm/(norm + 10⁻⁶)), as PyTorch's clip_grad_norm_. */
export const clipFactor = (norm: number, maxNorm: number): number => Math.min(1, maxNorm / (norm + 1e-6));

/** Scale a gradient in place so that its norm is at most `maxNorm`. @returns the norm before */
export function clipByGlobalNorm(gradient: Float32Array, maxNorm: number): number {
  const norm = globalNorm(gradient);
  const factor = clipFactor(norm, maxNorm);
  if (factor < 1) for (let i = 0; i < gradient.length; i++) gradient[i] *= factor;
  return norm;
}
