/**
 * @file ReLU with a cheap gradient.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { floatType, type NativeBackend, nativeBackend } from "./native";
import { withGradient } from "./withGradient";

/** dy where y = relu(x) is positive, else 0. Native: one kernel (tfjs' own step and mul cost five times as much). */
export const reluGradient = <T extends Tensor>(dy: T, y: Tensor, native: NativeBackend | null = nativeBackend()): T =>
  (native ? native.executeSingleOutput("ReluGrad", [floatType(native)], [dy, y]) : tf.mul(dy, tf.step(y))) as T;

/** max(x, 0). */
export const relu = <T extends Tensor>(x: T, native: NativeBackend | null = nativeBackend()): T =>
  withGradient(
    [x],
    (save) => {
      const y = tf.relu(x);
      save([y]);
      return y;
    },
    (dy, [y]) => [reluGradient(dy, y, native)],
  );
