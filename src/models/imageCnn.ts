/**
 * @file A small convolutional network that makes image features, trained together with the network of the points.
 */
import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, assertShape } from "../check";
import type { FeatureGrid, ImageFeatureExtractor } from "./imageFeatures";
import { constant, normal } from "./initializers";
import { weight } from "./layers";
import { type ParameterSpec, type Parameters, type Weights, weightsOf } from "./params";

/** One convolution with padding, then ReLU. */
export interface ConvolutionConfig {
  /** Odd. */
  kernel: number;
  stride: number;
  width: number;
}

/** Crop size and convolutions; the strides must divide the crop. */
export interface ImageCnnConfig {
  cropSize: number;
  layers: readonly ConvolutionConfig[];
}

/** 48 × 48 pixels → 24 × 24 cells of 32 numbers, each of which has seen 13 × 13 pixels; 8,176 parameters. */
export const smallImageCnn: ImageCnnConfig = {
  cropSize: 48,
  layers: [
    { kernel: 5, stride: 2, width: 16 },
    { kernel: 3, stride: 1, width: 16 },
    { kernel: 3, stride: 1, width: 32 },
  ],
};

/** 24 × 24 cells of 16 numbers, each of which has seen 9 × 9 pixels; 3,536 parameters. */
export const ablationImageCnn: ImageCnnConfig = {
  cropSize: 48,
  layers: [
    { kernel: 5, stride: 2, width: 16 },
    { kernel: 3, stride: 1, width: 16 },
  ],
};

/** The map that the layers make of a crop. @throws InputError if the strides do not divide it */
export function cnnGrid({ cropSize, layers }: ImageCnnConfig): FeatureGrid {
  const gridSize = layers.reduce((size, { stride }) => size / stride, cropSize);
  assertInput(
    Number.isInteger(gridSize) && layers.length > 0,
    `cnnGrid: strides ${layers.map(({ stride }) => stride).join(", ")} do not divide the crop of ${cropSize} pixels; give a multiple of their product`,
  );
  return { cropSize, gridSize, channels: layers[layers.length - 1].width };
}

/** Parameters `image.0.weight` [k, k, in, out] (He's start), `image.0.bias`, … */
export const imageCnnParameters = ({ layers }: ImageCnnConfig): ParameterSpec[] =>
  layers.flatMap(({ kernel, width }, i): ParameterSpec[] => {
    const inputs = i === 0 ? 3 : layers[i - 1].width;
    return [
      {
        name: `image.${i}.weight`,
        shape: [kernel, kernel, inputs, width],
        initial: normal(Math.sqrt(2 / (kernel * kernel * inputs))),
      },
      { name: `image.${i}.bias`, shape: [width], initial: constant(0) },
    ];
  });

/** Bytes as the network sees them: black −1, white 1, as large as coordinates in radii. */
function normalised(crops: Uint8Array, batch: number, size: number): Tensor4D {
  const values = new Float32Array(crops.length);
  for (let i = 0; i < values.length; i++) values[i] = crops[i] / 127.5 - 1;
  return tf.tensor4d(values, [batch, size, size, 3]);
}

/**
 * Feature maps of a batch of crops, differentiable by the weights.
 *
 * @param crops B × S × S × 3 bytes
 * @returns [B, g, g, C]
 * @throws InputError if the crops do not have the configured size
 */
export function imageCnn(weights: Weights, config: ImageCnnConfig, crops: Uint8Array, batch: number): Tensor4D {
  assertShape("imageCnn", crops, [batch, config.cropSize, config.cropSize, 3]);
  return tf.tidy(() => {
    let h = normalised(crops, batch, config.cropSize);
    config.layers.forEach(({ stride }, i) => {
      const y = tf.conv2d(h, weight<Tensor4D>(weights, `image.${i}.weight`), stride, "same");
      h = tf.relu(tf.add<Tensor4D>(y, weight<Tensor1D>(weights, `image.${i}.bias`)));
    });
    return h;
  });
}

/** A trained CNN as an extractor, with a copy of its weights. @throws InputError if `parameters` has no CNN of this form */
export function cnnExtractor(parameters: Parameters, config: ImageCnnConfig): ImageFeatureExtractor {
  const grid = cnnGrid(config);
  const own = parameters.slots.filter(({ name }) => name.startsWith("image."));
  const weights = weightsOf({ ...parameters, slots: own });
  return {
    ...grid,
    extract: async (crops, batch) => {
      const maps = imageCnn(weights, config, crops, batch);
      try {
        return (await maps.data()) as Float32Array;
      } finally {
        maps.dispose();
      }
    },
    dispose: () => {
      for (const tensor of Object.values(weights)) tensor.dispose();
    },
  };
}
