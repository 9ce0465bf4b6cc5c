/**
 * @file EfficientNet-Lite (Tan & Le 2019 without squeeze-and-excitation, with ReLU6; Liu 2020) as a frozen backbone: the
 * map after each stage. Batch norms are folded into the convolutions when the weights are read.
 */
import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import { weight } from "./layers";
import type { Weights } from "./params";
import { type FindTorchTensor, fromTorchLayout } from "./torchWeights";

/** Inverted residual blocks of one width; the first has the stride. */
export interface EfficientNetStage {
  blocks: number;
  kernel: 3 | 5;
  stride: 1 | 2;
  /** Width of the inner convolutions over the block's inputs. */
  expansion: number;
  width: number;
}

/** Form of an EfficientNet-Lite. */
export interface EfficientNetLiteConfig {
  stem: number;
  stages: readonly EfficientNetStage[];
}

/** EfficientNet-Lite0: seven stages of 16, 24, 40, 80, 112, 192, 320 channels at strides 2, 4, 8, 16, 16, 32, 32. */
export const efficientNetLite0: EfficientNetLiteConfig = {
  stem: 32,
  stages: [
    { blocks: 1, kernel: 3, stride: 1, expansion: 1, width: 16 },
    { blocks: 2, kernel: 3, stride: 2, expansion: 6, width: 24 },
    { blocks: 2, kernel: 5, stride: 2, expansion: 6, width: 40 },
    { blocks: 3, kernel: 3, stride: 2, expansion: 6, width: 80 },
    { blocks: 3, kernel: 5, stride: 1, expansion: 6, width: 112 },
    { blocks: 4, kernel: 5, stride: 2, expansion: 6, width: 192 },
    { blocks: 1, kernel: 3, stride: 1, expansion: 6, width: 320 },
  ],
};

/** A convolution and its norm by the names of the PyTorch file. */
interface Convolution {
  name: string;
  norm: string;
  kernel: number;
  stride: 1 | 2;
  inputs: number;
  width: number;
  /** One filter a channel. */
  depthwise: boolean;
  /** min(max(y, 0), 6) after it. */
  relu6: boolean;
}

interface Block {
  convolutions: Convolution[];
  /** Adds what went in. */
  residual: boolean;
  /** The last of its stage. */
  endsStage: boolean;
}

function blocksOf({ stem, stages }: EfficientNetLiteConfig): Block[] {
  const blocks: Block[] = [];
  let inputs = stem;
  for (const { blocks: count, kernel, stride, expansion, width } of stages)
    for (let i = 0; i < count; i++) {
      const at = `_blocks.${blocks.length}.`;
      const inner = inputs * expansion;
      const own = i === 0 ? stride : 1;
      const form = { stride: 1 as const, depthwise: false, relu6: true };
      blocks.push({
        convolutions: [
          ...(expansion === 1
            ? []
            : [{ ...form, name: `${at}_expand_conv`, norm: `${at}_bn0`, kernel: 1, inputs, width: inner }]),
          {
            ...form,
            name: `${at}_depthwise_conv`,
            norm: `${at}_bn1`,
            kernel,
            stride: own,
            inputs: inner,
            width: inner,
            depthwise: true,
          },
          { ...form, name: `${at}_project_conv`, norm: `${at}_bn2`, kernel: 1, inputs: inner, width, relu6: false },
        ],
        residual: own === 1 && inputs === width,
        endsStage: i === count - 1,
      });
      inputs = width;
    }
  return blocks;
}

const stemOf = ({ stem }: EfficientNetLiteConfig): Convolution => ({
  name: "_conv_stem",
  norm: "_bn0",
  kernel: 3,
  stride: 2,
  inputs: 3,
  width: stem,
  depthwise: false,
  relu6: true,
});

const normEpsilon = 1e-3;

/**
 * Tensors of the network from PyTorch's arrays, norms folded in: W·γ/√(var + ε) and β − mean·γ/√(var + ε). Owned by the
 * caller.
 *
 * @param find an array by its name in the file: `_conv_stem.weight`, `_blocks.3._bn1.running_var`, …
 * @throws InputError if an array is missing or has another shape
 */
export function efficientNetLiteWeights(config: EfficientNetLiteConfig, find: FindTorchTensor): Weights {
  const weights: Record<string, Tensor> = {};
  const read = (name: string, shape: readonly number[]): Float32Array => {
    const tensor = find(name);
    assertInput(
      tensor,
      `efficientNetLite: the file has no array ${name}; give the weights of EfficientNet-Lite0 (posediff setup fetches them)`,
    );
    return fromTorchLayout(`efficientNetLite, ${name}`, shape, tensor);
  };
  for (const convolution of [stemOf(config), ...blocksOf(config).flatMap(({ convolutions }) => convolutions)]) {
    const { name, norm, kernel, inputs, width, depthwise } = convolution;
    const filter = read(`${name}.weight`, [kernel, kernel, depthwise ? 1 : inputs, width]);
    const [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((part) =>
      read(`${norm}.${part}`, [width]),
    );
    const scale = gamma.map((g, c) => g / Math.sqrt(variance[c] + normEpsilon));
    for (let i = 0; i < filter.length; i++) filter[i] *= scale[i % width];
    // [k, k, 1, C] and [k, k, C, 1] are the same numbers in the same order.
    weights[`${name}.weight`] = tf.tensor(filter, [kernel, kernel, ...(depthwise ? [width, 1] : [inputs, width])]);
    weights[`${name}.bias`] = tf.tensor(beta.map((b, c) => b - mean[c] * scale[c]));
  }
  return weights;
}

function convolve(weights: Weights, convolution: Convolution, x: Tensor4D): Tensor4D {
  const { name, stride, depthwise, relu6 } = convolution;
  const filter = weight<Tensor4D>(weights, `${name}.weight`);
  // The weights were trained by TensorFlow, whose "same" pads an even picture on one side only where the stride is 2.
  const y = depthwise ? tf.depthwiseConv2d(x, filter, stride, "same") : tf.conv2d(x, filter, stride, "same");
  const shifted = tf.add<Tensor4D>(y, weight<Tensor1D>(weights, `${name}.bias`));
  return relu6 ? tf.clipByValue(shifted, 0, 6) : shifted;
}

/**
 * The map after each stage.
 *
 * @param x [B, H, W, 3], (rgb/255 − mean)/deviation of ImageNet; H, W multiples of 32
 * @returns one [B, H/stride, W/stride, C] a stage, the caller's
 */
export function efficientNetLite(weights: Weights, config: EfficientNetLiteConfig, x: Tensor4D): Tensor4D[] {
  const [, height, width] = x.shape;
  assertInput(
    height % 32 === 0 && width % 32 === 0,
    `efficientNetLite: got pictures of ${height} × ${width}; both must be multiples of 32`,
  );
  return tf.tidy(() => {
    const maps: Tensor4D[] = [];
    let h = convolve(weights, stemOf(config), x);
    for (const { convolutions, residual, endsStage } of blocksOf(config)) {
      const y = convolutions.reduce((map, convolution) => convolve(weights, convolution, map), h);
      h = residual ? tf.add(y, h) : y;
      if (endsStage) maps.push(h);
    }
    return maps;
  });
}
