/**
 * @file The kernels of the native TensorFlow backend that TensorFlow.js has no function for.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";

/** An attribute of a TensorFlow op: `type` is one of the binding's TF_ATTR_ constants. */
interface OpAttribute {
  name: string;
  type: number;
  value: number | string | boolean;
}

/** What `tf.backend()` offers with @tensorflow/tfjs-node. */
export interface NativeBackend {
  binding: Record<"TF_FLOAT" | "TF_ATTR_TYPE" | "TF_ATTR_FLOAT" | "TF_ATTR_STRING" | "TF_ATTR_BOOL", number>;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(name: string, attributes: OpAttribute[], inputs: Tensor[], outputs: number): Tensor[];
}

/** The native backend where it is the one in use, else null: ops then take their generic form. */
export const nativeBackend = (): NativeBackend | null =>
  tf.getBackend() === "tensorflow" ? (tf.backend() as unknown as NativeBackend) : null;

/** The attribute that says "float32" under `name`. */
export const floatType = (native: NativeBackend, name: string = "T"): OpAttribute => ({
  name,
  type: native.binding.TF_ATTR_TYPE,
  value: native.binding.TF_FLOAT,
});

/** The attribute that says "channels last". */
export const channelsLast = (native: NativeBackend): OpAttribute => ({
  name: "data_format",
  type: native.binding.TF_ATTR_STRING,
  value: "NHWC",
});
