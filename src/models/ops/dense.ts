/**
 * @file Matrix product with bias and activation in one kernel.
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { type NativeBackend, nativeBackend } from "./native";
import { reluGradient } from "./relu";
import { withGradient } from "./withGradient";

/** What follows the affine map. */
export type Activation = "linear" | "relu";

/** Options of `dense`. */
export interface DenseOptions {
  activation?: Activation;
  /** false where x is data: its gradient, the dearest of the three, is left out. */
  inputGradient?: boolean;
  native?: NativeBackend | null;
}

/**
 * activation(x·W + b) for x [M, I], W [I, O], b [O].
 */
export function dense(x: Tensor2D, weight: Tensor2D, bias: Tensor1D, options: DenseOptions = {}): Tensor2D {
  const { activation = "linear", inputGradient = true, native = nativeBackend() } = options;
  return withGradient<Tensor2D>(
    inputGradient ? [weight, bias, x] : [weight, bias],
    (save) => {
      const y = tf.fused.matMul({ a: x, b: weight, bias, activation }) as Tensor2D;
      save(activation === "relu" ? [x, weight, y] : [x, weight]);
      return y;
    },
    (dy, [input, w, y]) => {
      const d = activation === "relu" ? reluGradient(dy, y, native) : dy;
      const gradients = [tf.matMul(input, d, true, false), tf.sum(d, 0)];
      return inputGradient ? [...gradients, tf.matMul(d, w, false, true)] : gradients;
    },
  );
}
