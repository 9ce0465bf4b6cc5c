/**
 * @file Exponential moving average of parameters: what is evaluated and shipped.
 */

/** Decay of update n (from 1): min(max, (1 + n)/(10 + n)), so that early averages forget their start (GenPose, 0.999). */
export const emaDecay = (n: number, max: number = 0.999): number => Math.min(max, (1 + n) / (10 + n));

/** s ← s − (1 − decay)(s − w), in place. */
export function updateEma(shadow: Float32Array, values: ArrayLike<number>, decay: number): void {
  for (let i = 0; i < shadow.length; i++) shadow[i] -= (1 - decay) * (shadow[i] - values[i]);
}
