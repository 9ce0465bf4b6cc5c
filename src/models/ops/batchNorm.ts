/**
 * @file Batch normalisation over rows.
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { channelsLast, floatType, type NativeBackend, nativeBackend } from "./native";
import { withGradient } from "./withGradient";

/** y and the statistics of the batch (no gradient goes through these). */
export interface BatchNormResult {
  y: Tensor2D;
  /** [C] */
  mean: Tensor1D;
  /** [C], unbiased: what the running variance averages. */
  variance: Tensor1D;
}

/** PyTorch's default, which GenPose keeps. */
export const batchNormEpsilon = 1e-5;

/** TensorFlow's own kernels: y, mean, variance and the gradient in one pass each. */
function nativeBatchNorm(x: Tensor2D, gamma: Tensor1D, beta: Tensor1D, native: NativeBackend): BatchNormResult {
  const { TF_ATTR_FLOAT, TF_ATTR_BOOL } = native.binding;
  const [rows, channels] = x.shape;
  const attributes = [
    floatType(native),
    floatType(native, "U"),
    { name: "epsilon", type: TF_ATTR_FLOAT, value: batchNormEpsilon },
    channelsLast(native),
    { name: "is_training", type: TF_ATTR_BOOL, value: true },
  ];
  const asImage = (t: Tensor): Tensor => tf.reshape(t, [rows, 1, 1, channels]);
  let mean!: Tensor1D;
  let variance!: Tensor1D;
  const y = withGradient<Tensor2D>(
    [x, gamma, beta],
    (save) => {
      const none = tf.tensor1d([]);
      const [image, batchMean, batchVariance, ...reserved] = native.executeMultipleOutputs(
        "FusedBatchNormV3",
        [...attributes, { name: "exponential_avg_factor", type: TF_ATTR_FLOAT, value: 1 }],
        [asImage(x), gamma, beta, none, none],
        6,
      );
      // Kept past this op's scope; handed to the caller's scope below.
      mean = tf.keep(batchMean) as Tensor1D;
      variance = tf.keep(batchVariance) as Tensor1D;
      save([x, gamma, ...reserved]);
      return tf.reshape(image, [rows, channels]);
    },
    (dy, [input, scale, ...reserved]) => {
      const [dx, dGamma, dBeta] = native.executeMultipleOutputs(
        "FusedBatchNormGradV3",
        attributes,
        [asImage(dy), asImage(input), scale, ...reserved],
        5,
      );
      return [tf.reshape(dx, [rows, channels]), dGamma, dBeta];
    },
  );
  const result = { y, mean: mean.clone(), variance: variance.clone() };
  mean.dispose();
  variance.dispose();
  return result;
}

/** The same by elementary operations. */
function genericBatchNorm(x: Tensor2D, gamma: Tensor1D, beta: Tensor1D): BatchNormResult {
  const rows = x.shape[0];
  const mean = tf.mean(x, 0) as Tensor1D;
  const deviation = tf.sub(x, mean);
  const biased = tf.mean(tf.square(deviation), 0);
  const y = tf.add(tf.mul(deviation, tf.mul(gamma, tf.rsqrt(tf.add(biased, batchNormEpsilon)))), beta) as Tensor2D;
  return { y, mean, variance: tf.mul(biased, rows / Math.max(1, rows - 1)) };
}

/**
 * y = γ·(x − mean)/√(var + 1e-5) + β with mean and biased variance over the rows of x [M, C] (Ioffe & Szegedy 2015,
 * Algorithm 1).
 */
export const batchNorm = (
  x: Tensor2D,
  gamma: Tensor1D,
  beta: Tensor1D,
  native: NativeBackend | null = nativeBackend(),
): BatchNormResult => (native ? nativeBatchNorm(x, gamma, beta, native) : genericBatchNorm(x, gamma, beta));
