/**
 * @file Matrix product with bias and activation.
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { channelsLast, floatType, type NativeBackend, nativeBackend } from "./native";
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

/** activation(x·W + b). tfjs' fused product is not fused on the native backend, and its detours cost 0.2 ms a call. */
function affine(x: Tensor2D, matrix: Tensor2D, bias: Tensor1D, activation: Activation, native: NativeBackend | null) {
  if (!native) return tf.fused.matMul({ a: x, b: matrix, bias, activation }) as Tensor2D;
  const product = native.executeSingleOutput("MatMul", [...noTranspose(native), floatType(native)], [x, matrix]);
  const sum = native.executeSingleOutput("BiasAdd", [floatType(native), channelsLast(native)], [product, bias]);
  product.dispose();
  if (activation === "linear") return sum as Tensor2D;
  const y = native.executeSingleOutput("Relu", [floatType(native)], [sum]);
  sum.dispose();
  return y as Tensor2D;
}

const noTranspose = (native: NativeBackend) =>
  ["transpose_a", "transpose_b"].map((name) => ({ name, type: native.binding.TF_ATTR_BOOL, value: false }));

/** Sum over rows. */
const biasGradient = (dy: Tensor2D, native: NativeBackend | null): Tensor =>
  native ? native.executeSingleOutput("BiasAddGrad", [floatType(native), channelsLast(native)], [dy]) : tf.sum(dy, 0);

/**
 * activation(x·W + b) for x [M, I], W [I, O], b [O].
 */
export function dense(x: Tensor2D, weight: Tensor2D, bias: Tensor1D, options: DenseOptions = {}): Tensor2D {
  const { activation = "linear", inputGradient = true, native = nativeBackend() } = options;
  return withGradient<Tensor2D>(
    inputGradient ? [weight, bias, x] : [weight, bias],
    (save) => {
      const y = affine(x, weight, bias, activation, native);
      save(activation === "relu" ? [x, weight, y] : [x, weight]);
      return y;
    },
    (dy, [input, w, y]) => {
      const d = activation === "relu" ? reluGradient(dy, y, native) : dy;
      const gradients = [tf.matMul(input, d, true, false), biasGradient(d, native)];
      return inputGradient ? [...gradients, tf.matMul(d, w, false, true)] : gradients;
    },
  );
}
