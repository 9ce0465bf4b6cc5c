/**
 * @file A tensor function with a gradient of its own.
 */
import type { GradSaveFunc, Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";

/**
 * y = forward(…inputs) whose gradient is `backward`. Tensors that the forward closes over get no gradient.
 *
 * @param forward computes y and saves the tensors that backward wants
 * @param backward (dy, saved) → one gradient an input
 */
export function withGradient<T extends Tensor>(
  inputs: Tensor[],
  forward: (save: GradSaveFunc) => T,
  backward: (dy: T, saved: Tensor[]) => Tensor[],
): T {
  const op = tf.customGrad<T>((...args) => ({
    value: forward(args[args.length - 1] as GradSaveFunc),
    gradFunc: (dy, saved) => backward(dy, saved),
  }));
  return op(...inputs);
}
