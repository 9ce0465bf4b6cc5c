/**
 * @file Residual networks of basic blocks (He et al. 2016): torchvision's ResNet-34, and small ones of the same form.
 */
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import { constant, normal } from "./initializers";
import { batchNormParameters, normWithBatch, normWithStored, type StatisticsUpdates, weight } from "./layers";
import { relu } from "./ops/relu";
import type { ParameterSpec, Weights } from "./params";

/** Blocks of one width; the first of them has the stride. */
export interface ResNetStage {
  blocks: number;
  width: number;
  stride: 1 | 2;
}

/** Sizes and form of a residual network. */
export interface ResNetConfig {
  /** Height and width of the pictures. */
  inputSize: readonly [number, number];
  channels: number;
  stem: {
    kernel: number;
    width: number;
    stride: 1 | 2 /** Then the maximum over 3 × 3, every second one. */;
    pool: boolean;
  };
  stages: readonly ResNetStage[];
  /**
   * `batch`: batch norm after every convolution, as published. `none`: biases instead, and each block begins as the
   * identity; faster on a CPU and independent of what else is in the batch.
   */
  norm: "batch" | "none";
  /** The last map is averaged to so many rows and columns, which lie side by side in the feature. */
  grid: readonly [number, number];
}

/** torchvision's `resnet34` without its classifier, for RGB; 21,284,672 trainable parameters. */
export const resNet34: ResNetConfig = {
  inputSize: [224, 224],
  channels: 3,
  stem: { kernel: 7, width: 64, stride: 2, pool: true },
  stages: [
    { blocks: 3, width: 64, stride: 1 },
    { blocks: 4, width: 128, stride: 2 },
    { blocks: 6, width: 256, stride: 2 },
    { blocks: 3, width: 512, stride: 2 },
  ],
  norm: "batch",
  grid: [1, 1],
};

/** Length of the feature. */
export const resNetFeatureSize = ({ stages, grid }: ResNetConfig): number =>
  (stages[stages.length - 1]?.width ?? 0) * grid[0] * grid[1];

/** A convolution of the network: its name, that of its norm, and its form. */
interface Convolution {
  name: string;
  norm: string;
  kernel: number;
  inputs: number;
  width: number;
  /** Begins with 0: the last of a block without norm. */
  zero?: boolean;
}

/** A basic block: two 3 × 3 convolutions, and a 1 × 1 one on the shortcut where the form changes. */
interface Block {
  first: Convolution;
  second: Convolution;
  shortcut?: Convolution;
  stride: 1 | 2;
}

/** All blocks with torchvision's names. */
function blocksOf(prefix: string, { stem, stages }: ResNetConfig): Block[] {
  const blocks: Block[] = [];
  let inputs = stem.width;
  stages.forEach(({ blocks: count, width, stride }, s) => {
    for (let b = 0; b < count; b++) {
      const name = `${prefix}layer${s + 1}.${b}.`;
      const own = b === 0 ? stride : 1;
      const reform = own !== 1 || inputs !== width;
      blocks.push({
        first: { name: `${name}conv1`, norm: `${name}bn1`, kernel: 3, inputs, width },
        second: { name: `${name}conv2`, norm: `${name}bn2`, kernel: 3, inputs: width, width, zero: true },
        ...(reform && {
          shortcut: { name: `${name}downsample.0`, norm: `${name}downsample.1`, kernel: 1, inputs, width },
        }),
        stride: own,
      });
      inputs = width;
    }
  });
  return blocks;
}

const stemOf = (prefix: string, { stem, channels }: ResNetConfig): Convolution => ({
  name: `${prefix}conv1`,
  norm: `${prefix}bn1`,
  kernel: stem.kernel,
  inputs: channels,
  width: stem.width,
});

const convolutionsOf = (prefix: string, config: ResNetConfig): Convolution[] => [
  stemOf(prefix, config),
  ...blocksOf(prefix, config).flatMap(({ first, second, shortcut }) => [
    first,
    second,
    ...(shortcut ? [shortcut] : []),
  ]),
];

/**
 * All arrays under torchvision's names after `prefix`: `conv1.weight` [k, k, in, out], `bn1.weight`, `bn1.bias`,
 * `bn1.running_mean`, `bn1.running_var`, `layer1.0.conv1.weight`, …, `layer2.0.downsample.0.weight`; without norm
 * `conv1.bias` instead of `bn1`.
 */
export const resNetParameters = (prefix: string, config: ResNetConfig): ParameterSpec[] =>
  convolutionsOf(prefix, config).flatMap(({ name, norm, kernel, inputs, width, zero }): ParameterSpec[] => {
    const bare = config.norm === "none";
    // He's start by the fan-out, torchvision's; without norm by the fan-in, and blocks that begin as the identity.
    const fan = kernel * kernel * (bare ? inputs : width);
    const start = bare && zero ? constant(0) : normal(Math.sqrt(2 / fan));
    const matrix: ParameterSpec = { name: `${name}.weight`, shape: [kernel, kernel, inputs, width], initial: start };
    if (bare) return [matrix, { name: `${name}.bias`, shape: [width], initial: constant(0) }];
    return [matrix, ...batchNormParameters(norm, width)];
  });

/** What the network made of a batch of pictures. */
export interface ResNetOutput {
  /** Maps after the stem's ReLU, its maximum (if any) and every stage, [B, h, w, C] each. */
  maps: Tensor4D[];
  /** [B, F]: the last map averaged to the grid, row by row, column by column, channel by channel. */
  feature: Tensor2D;
}

/** How a forward pass runs. */
export interface ResNetOptions {
  /** Norms by the batch's statistics, whose running averages go into `updates`. */
  training?: boolean;
  updates?: StatisticsUpdates;
}

/** Zeros around a picture: PyTorch pads both sides, TensorFlow's "same" only one where the stride is 2. */
const padded = (x: Tensor4D, margin: number): Tensor4D =>
  tf.pad(x, [
    [0, 0],
    [margin, margin],
    [margin, margin],
    [0, 0],
  ]);

/** norm(x * W), or x * W + b. */
function convolve(
  weights: Weights,
  { name, norm, kernel, width }: Convolution,
  x: Tensor4D,
  stride: 1 | 2,
  bare: boolean,
  { training = false, updates = {} }: ResNetOptions,
): Tensor4D {
  const margin = (kernel - 1) / 2;
  const filter = weight<Tensor4D>(weights, `${name}.weight`);
  const y =
    stride === 1 || margin === 0
      ? tf.conv2d(x, filter, stride, "same")
      : tf.conv2d(padded(x, margin), filter, stride, "valid");
  if (bare) return tf.add(y, weight<Tensor1D>(weights, `${name}.bias`));
  const rows = tf.reshape(y, [-1, width]) as Tensor2D;
  const normed = training ? normWithBatch(weights, norm, rows, updates) : normWithStored(weights, norm, rows);
  return tf.reshape(normed, y.shape);
}

/** The mean of each cell of a grid over the map, [B, rows·columns·C]. */
function gridMean(map: Tensor4D, [rows, columns]: readonly [number, number]): Tensor2D {
  const [batch, height, width, channels] = map.shape;
  assertInput(
    height % rows === 0 && width % columns === 0,
    `resNet: a map of ${height} × ${width} cannot be averaged to ${rows} × ${columns}; give a grid that divides it`,
  );
  const cells = tf.reshape(map, [batch * rows, height / rows, columns, (width / columns) * channels]);
  const byColumn = tf.reshape(tf.mean(cells, 1), [batch * rows * columns, width / columns, channels]);
  return tf.reshape(tf.mean(byColumn, 1), [batch, rows * columns * channels]) as Tensor2D;
}

/**
 * Run the network: stem, stages of basic blocks y = relu(norm(W₂ * relu(norm(W₁ * x))) + shortcut(x)), average.
 *
 * @param x [B, H, W, channels]; for ImageNet weights (rgb/255 − mean)/deviation
 * @throws InputError if the pictures do not have the configured size, or the weights are another network's
 */
export function resNet(
  weights: Weights,
  prefix: string,
  config: ResNetConfig,
  x: Tensor4D,
  options: ResNetOptions = {},
): ResNetOutput {
  const [height, width] = config.inputSize;
  assertInput(
    x.shape[1] === height && x.shape[2] === width && x.shape[3] === config.channels,
    `resNet: got pictures of ${x.shape.slice(1).join(" × ")}, the network reads ${height} × ${width} × ${config.channels}`,
  );
  const bare = config.norm === "none";
  const { stem } = config;
  let h = relu(convolve(weights, stemOf(prefix, config), x, stem.stride, bare, options));
  const maps = [h];
  // After a ReLU the border's zeros are no larger than any pixel, as PyTorch's −∞ are not.
  if (stem.pool) {
    h = tf.maxPool(padded(h, 1), 3, 2, "valid");
    maps.push(h);
  }
  const blocks = blocksOf(prefix, config);
  let next = 0;
  for (const { blocks: count } of config.stages) {
    for (let b = 0; b < count; b++) {
      const { first, second, shortcut, stride } = blocks[next++];
      const inner = relu(convolve(weights, first, h, stride, bare, options));
      const beside = shortcut ? convolve(weights, shortcut, h, stride, bare, options) : h;
      h = relu(tf.add(convolve(weights, second, inner, 1, bare, options), beside));
    }
    maps.push(h);
  }
  return { maps, feature: gridMean(h, config.grid) };
}
