/**
 * @file Layers of diffusers' networks as functions of named weights: convolutions, norms and linear maps, channels last.
 *
 * Kernels are [kh, kw, in, out] and matrices [in, out]; `models/torchWeights` turns PyTorch's around.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { constant, linearUniform } from "../initializers";
import { weight } from "../layers";
import { dense } from "../ops/dense";
import { groupNorm as normalizeGroups } from "../ops/groupNorm";
import type { ParameterSpec, Weights } from "../params";

/** `name.weight` [k, k, in, out] and `name.bias`, PyTorch's default start; `zero` starts as 0. */
export const convolutionParameters = (
  name: string,
  inputs: number,
  outputs: number,
  { kernel = 3, zero = false }: { kernel?: number; zero?: boolean } = {},
): ParameterSpec[] => {
  const initial = zero ? constant(0) : linearUniform(kernel * kernel * inputs);
  return [
    { name: `${name}.weight`, shape: [kernel, kernel, inputs, outputs], initial },
    { name: `${name}.bias`, shape: [outputs], initial },
  ];
};

/** Zeros around a picture: so many before and after, rows and columns alike. */
const padded = (x: Tensor4D, before: number, after: number): Tensor4D =>
  before === 0 && after === 0
    ? x
    : tf.pad(x, [
        [0, 0],
        [before, after],
        [before, after],
        [0, 0],
      ]);

/**
 * x * W + b with zeros around, as PyTorch pads (TensorFlow's "same" pads only one side where the stride is 2).
 *
 * @param padding [before, after]; default: the same size at stride 1
 */
export function convolution(
  weights: Weights,
  name: string,
  x: Tensor4D,
  { stride = 1, padding }: { stride?: 1 | 2; padding?: readonly [number, number] } = {},
): Tensor4D {
  const filter = weight<Tensor4D>(weights, `${name}.weight`);
  const margin = (filter.shape[0] - 1) / 2;
  const [before, after] = padding ?? [margin, margin];
  const y =
    stride === 1 && before === margin && after === margin
      ? tf.conv2d(x, filter, 1, "same")
      : tf.conv2d(padded(x, before, after), filter, stride, "valid");
  return tf.add(y, weight<Tensor1D>(weights, `${name}.bias`));
}

/** `name.weight` and `name.bias` of a norm over `width` channels. */
export const normParameters = (name: string, width: number): ParameterSpec[] => [
  { name: `${name}.weight`, shape: [width], initial: constant(1) },
  { name: `${name}.bias`, shape: [width], initial: constant(0) },
];

/** `ops/groupNorm` with `name.weight` and `name.bias`. */
export const groupNorm = (weights: Weights, name: string, x: Tensor4D, groups: number, epsilon: number): Tensor4D =>
  normalizeGroups(
    x,
    weight<Tensor1D>(weights, `${name}.weight`),
    weight<Tensor1D>(weights, `${name}.bias`),
    groups,
    epsilon,
  );

/** γ·(x − mean)/√(var + ε) + β over the last axis (Ba et al. 2016, eq. 4). */
export function layerNorm<T extends Tensor>(weights: Weights, name: string, x: T, epsilon: number): T {
  const deviation = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(deviation), -1, true);
  const scaled = tf.mul(deviation, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(scaled, weight(weights, `${name}.weight`)), weight(weights, `${name}.bias`));
}

/** `name.weight` [in, out] and, unless told otherwise, `name.bias`. */
export const tokenLinearParameters = (
  name: string,
  inputs: number,
  outputs: number,
  { bias = true, zero = false }: { bias?: boolean; zero?: boolean } = {},
): ParameterSpec[] => {
  const initial = zero ? constant(0) : linearUniform(inputs);
  return [
    { name: `${name}.weight`, shape: [inputs, outputs], initial },
    ...(bias ? [{ name: `${name}.bias`, shape: [outputs], initial }] : []),
  ];
};

/** x·W + b on tokens [B, N, C]; without a bias where the weights have none. */
export function tokenLinear(weights: Weights, name: string, x: Tensor3D): Tensor3D {
  const [batch, tokens, channels] = x.shape;
  const rows = tf.reshape(x, [batch * tokens, channels]) as Tensor2D;
  const matrix = weight<Tensor2D>(weights, `${name}.weight`);
  const bias = weights[`${name}.bias`] as Tensor1D | undefined;
  const y = bias ? dense(rows, matrix, bias) : tf.matMul(rows, matrix);
  return tf.reshape(y, [batch, tokens, matrix.shape[1]]);
}

/** x·Φ(x) by the error function. */
export const gelu = <T extends Tensor>(x: T): T => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

/** x·sigmoid(1.702·x): what CLIP was trained with. */
export const quickGelu = <T extends Tensor>(x: T): T => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)));

/** Each pixel four times, two by two: torch's nearest neighbours at factor 2. */
export function doubled(x: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  // [… C] beside itself is the pixel twice; [… 2W·C] beside itself is the row twice.
  const wide = tf.reshape(tf.concat([x, x], 3), [batch, height, 2 * width * channels]);
  return tf.reshape(tf.concat([wide, wide], 2), [batch, 2 * height, 2 * width, channels]);
}
