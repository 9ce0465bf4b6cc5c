/**
 * @file SiLU with a cheap gradient.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { floatType, type NativeBackend, nativeBackend } from "./native";
import { withGradient } from "./withGradient";

/** s′·dy = s(1 − s)·dy for s = sigmoid(x). */
const sigmoidGradient = (s: Tensor, dy: Tensor, native: NativeBackend | null): Tensor =>
  native
    ? native.executeSingleOutput("SigmoidGrad", [floatType(native)], [s, dy])
    : tf.mul(dy, tf.mul(s, tf.sub(1, s)));

/** x·sigmoid(x) (Hendrycks & Gimpel 2016; SiLU, swish). */
export const silu = <T extends Tensor>(x: T, native: NativeBackend | null = nativeBackend()): T =>
  withGradient(
    [x],
    (save) => {
      const s = tf.sigmoid(x);
      save([x, s]);
      return tf.mul(x, s) as T;
    },
    (dy, [input, s]) => [tf.add(tf.mul(dy, s), tf.mul(input, sigmoidGradient(s, dy, native)))],
  );
