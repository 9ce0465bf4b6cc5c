/**
 * @file Features of length 1, as cosines need them.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";

/**
 * x/max(‖x‖, ε) along the last axis, [B × …] × C; features that are 0 stay 0 and have a gradient.
 *
 * @param epsilon norms are at least this
 */
export const unitFeatures = <T extends Tensor = Tensor2D>(x: T, epsilon: number = 1e-6): T =>
  // √(x² + 0) has no gradient at 0; the maximum is taken before the root.
  tf.tidy(() => tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), -1, true), epsilon * epsilon))) as T);
