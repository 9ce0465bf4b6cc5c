/**
 * @file Layers as plain functions over named weights: linear layers and the shared MLPs of PointNet++.
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import { constant, kaimingNormal, linearUniform } from "./initializers";
import { batchNorm, batchNormEpsilon } from "./ops/batchNorm";
import { type Activation, dense } from "./ops/dense";
import { relu } from "./ops/relu";
import type { Initializer, ParameterSpec, Weights } from "./params";

/** New running statistics by parameter name. */
export type StatisticsUpdates = Record<string, Tensor>;

/** New = 0.9·old + 0.1·batch: PyTorch's momentum. */
export const batchNormMomentum = 0.1;

/** The tensor of a name. @throws InputError if there is none */
export function weight<T extends Tensor>(weights: Weights, name: string): T {
  const tensor = weights[name];
  assertInput(tensor, `the network has no parameter ${name}; were the weights made for another configuration?`);
  return tensor as T;
}

/** `name.weight` [in, out] and `name.bias` [out], PyTorch's default start unless told. */
export const linearParameters = (
  name: string,
  inputs: number,
  outputs: number,
  initial: { weight?: Initializer; bias?: Initializer } = {},
): ParameterSpec[] => [
  { name: `${name}.weight`, shape: [inputs, outputs], initial: initial.weight ?? linearUniform(inputs) },
  { name: `${name}.bias`, shape: [outputs], initial: initial.bias ?? linearUniform(inputs) },
];

/** activation(x·W + b). */
export const linear = (
  weights: Weights,
  name: string,
  x: Tensor2D,
  activation: Activation = "linear",
  inputGradient: boolean = true,
): Tensor2D =>
  dense(x, weight(weights, `${name}.weight`), weight(weights, `${name}.bias`), { activation, inputGradient });

/** Scale γ, shift β and the running statistics of a batch norm of C channels: `NAME.weight`, `.bias`, `.running_mean`, `.running_var`. */
export function batchNormParameters(name: string, channels: number): ParameterSpec[] {
  const vector = (suffix: string, value: number, trainable: boolean): ParameterSpec => ({
    name: `${name}.${suffix}`,
    shape: [channels],
    initial: constant(value),
    trainable,
  });
  return [
    vector("weight", 1, true),
    vector("bias", 0, true),
    vector("running_mean", 0, false),
    vector("running_var", 1, false),
  ];
}

/**
 * Parameters of a shared MLP (1×1 convolutions): with batch norm the convolution has no bias, without it it has one.
 * Names are those of GenPose's `SharedMLP`, matrices are [in, out].
 */
export const sharedMlpParameters = (
  name: string,
  inputs: number,
  widths: readonly number[],
  normalised: boolean,
): ParameterSpec[] =>
  widths.flatMap((width, i): ParameterSpec[] => {
    const layer = `${name}layer${i}`;
    const matrix = {
      name: `${layer}.conv.weight`,
      shape: [i === 0 ? inputs : widths[i - 1], width],
      initial: kaimingNormal,
    };
    if (!normalised) return [matrix, { name: `${layer}.conv.bias`, shape: [width], initial: constant(0) }];
    return [matrix, ...batchNormParameters(`${layer}.bn.bn`, width)];
  });

/** How the layers of a shared MLP run. */
export interface SharedLayerOptions {
  /** Batch statistics (and their running averages into `updates`) instead of the stored ones. */
  training: boolean;
  updates: StatisticsUpdates;
}

/** γ/√(var + ε) and β − mean·γ/√(var + ε): batch norm `norm` with the stored statistics as an affine map. */
function storedAffine(weights: Weights, norm: string): { scale: Tensor1D; shift: Tensor1D } {
  const bn = (suffix: string): Tensor1D => weight(weights, `${norm}.${suffix}`);
  const scale = tf.mul(bn("weight"), tf.rsqrt(tf.add(bn("running_var"), batchNormEpsilon))) as Tensor1D;
  return { scale, shift: tf.sub(bn("bias"), tf.mul(bn("running_mean"), scale)) };
}

/** Batch norm of rows with the stored statistics; parameters `norm.weight`, `.bias`, `.running_mean`, `.running_var`. */
export function normWithStored(weights: Weights, norm: string, x: Tensor2D): Tensor2D {
  const { scale, shift } = storedAffine(weights, norm);
  return tf.add(tf.mul(x, scale), shift);
}

/** Batch norm of rows with the batch's statistics; the running ones are moved on. */
export function normWithBatch(weights: Weights, norm: string, x: Tensor2D, updates: StatisticsUpdates): Tensor2D {
  const name = (suffix: string): string => `${norm}.${suffix}`;
  const { y, mean, variance } = batchNorm(x, weight(weights, name("weight")), weight(weights, name("bias")));
  const moved = (suffix: string, batch: Tensor): void => {
    const old = weight(weights, name(suffix));
    updates[name(suffix)] = tf.add(tf.mul(old, 1 - batchNormMomentum), tf.mul(batch, batchNormMomentum));
  };
  moved("running_mean", mean);
  moved("running_var", variance);
  return y;
}

/** Where the norm of a layer of a shared MLP lies in GenPose's names. */
const normOf = (layer: string): string => `${layer}.bn.bn`;

/** Batch norm of a layer of a shared MLP with the batch's statistics; the running ones are moved on. */
export const trainingBatchNorm = (weights: Weights, layer: string, x: Tensor2D, updates: StatisticsUpdates): Tensor2D =>
  normWithBatch(weights, normOf(layer), x, updates);

/** Matrix and bias of a layer, with stored batch norm folded in; for a layer in training with norm: bias undefined. */
export function layerAffine(
  weights: Weights,
  layer: string,
  training: boolean,
): { matrix: Tensor2D; bias: Tensor1D | undefined } {
  const matrix = weight<Tensor2D>(weights, `${layer}.conv.weight`);
  if (`${layer}.conv.bias` in weights) return { matrix, bias: weight<Tensor1D>(weights, `${layer}.conv.bias`) };
  if (training) return { matrix, bias: undefined };
  const { scale, shift } = storedAffine(weights, normOf(layer));
  return { matrix: tf.mul(matrix, scale), bias: shift };
}

/**
 * One layer on rows: activation(norm(x·W)).
 *
 * @param x [M, C]
 */
export function sharedLayer(
  weights: Weights,
  layer: string,
  x: Tensor2D,
  activation: Activation,
  options: SharedLayerOptions,
): Tensor2D {
  const { matrix, bias } = layerAffine(weights, layer, options.training);
  if (bias) return dense(x, matrix, bias, { activation });
  const y = trainingBatchNorm(weights, layer, tf.matMul(x, matrix), options.updates);
  return activation === "relu" ? relu(y) : y;
}
