/**
 * @file The denoising UNet of diffusers (UNet2DConditionModel and UNet2DModel), channels last, with the hidden states
 * that paper C aggregates.
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { silu } from "../ops/silu";
import type { ParameterSpec, Weights } from "../params";
import {
  convolution,
  convolutionParameters,
  groupNorm,
  normParameters,
  tokenLinear,
  tokenLinearParameters,
} from "./imageLayers";
import { timestepFeatures } from "./timestepEmbedding";
import {
  downsample,
  pixelAttention,
  pixelAttentionParameters,
  resnetBlock,
  resnetBlockParameters,
  spatialTransformer,
  spatialTransformerParameters,
  upsample,
} from "./unetBlocks";
import type { UNetBlock, UNetConfig } from "./unetConfig";

/** Width of the time embedding. */
const timeWidth = (config: UNetConfig): number => 4 * config.time.width;

/** Channels that each ResNet block of the decoder half finds: what comes from below and what the encoder left. */
function upInputs(config: UNetConfig): number[][] {
  const skips = [config.down[0].width];
  config.down.forEach(({ width, resnets }, b) => {
    for (let r = 0; r < resnets; r++) skips.push(width);
    if (b < config.down.length - 1) skips.push(width);
  });
  let width = config.down[config.down.length - 1].width;
  return config.up.map((block) =>
    Array.from({ length: block.resnets }, () => {
      const skip = skips.pop();
      assertInput(skip !== undefined, "unet: the up blocks have more ResNet blocks than the down blocks left states");
      const inputs = width + skip;
      width = block.width;
      return inputs;
    }),
  );
}

const attentionSpecs = (name: string, block: UNetBlock, config: UNetConfig): ParameterSpec[] =>
  block.attention === "cross"
    ? spatialTransformerParameters(name, block.width, config.contextWidth, block.transformerLayers)
    : block.attention === "pixels"
      ? pixelAttentionParameters(name, block.width)
      : [];

/**
 * All parameters under diffusers' names after `prefix`; `conv_out` starts as 0, so that an untrained network predicts 0.
 * 859,520,964 for Stable Diffusion 1.5.
 */
export function unetParameters(config: UNetConfig, prefix: string = ""): ParameterSpec[] {
  const time = timeWidth(config);
  const { down, middle, up } = config;
  const specs: ParameterSpec[] = [
    ...convolutionParameters(`${prefix}conv_in`, config.inputs, down[0].width),
    ...tokenLinearParameters(`${prefix}time_embedding.linear_1`, config.time.width, time),
    ...tokenLinearParameters(`${prefix}time_embedding.linear_2`, time, time),
  ];
  const resnet = (name: string, r: number, inputs: number, width: number): void => {
    specs.push(...resnetBlockParameters(`${name}.resnets.${r}`, inputs, width, time));
  };
  let width = down[0].width;
  down.forEach((block, b) => {
    const name = `${prefix}down_blocks.${b}`;
    for (let r = 0; r < block.resnets; r++) {
      resnet(name, r, r === 0 ? width : block.width, block.width);
      specs.push(...attentionSpecs(`${name}.attentions.${r}`, block, config));
    }
    width = block.width;
    if (b < down.length - 1)
      specs.push(...convolutionParameters(`${name}.downsamplers.0.conv`, block.width, block.width));
  });
  if (middle) {
    for (let r = 0; r < middle.resnets; r++) resnet(`${prefix}mid_block`, r, middle.width, middle.width);
    specs.push(...attentionSpecs(`${prefix}mid_block.attentions.0`, middle, config));
  }
  const inputs = upInputs(config);
  up.forEach((block, b) => {
    const name = `${prefix}up_blocks.${b}`;
    for (let r = 0; r < block.resnets; r++) {
      resnet(name, r, inputs[b][r], block.width);
      specs.push(...attentionSpecs(`${name}.attentions.${r}`, block, config));
    }
    if (b < up.length - 1) specs.push(...convolutionParameters(`${name}.upsamplers.0.conv`, block.width, block.width));
  });
  const last = up[up.length - 1].width;
  return [
    ...specs,
    ...normParameters(`${prefix}conv_norm_out`, last),
    ...convolutionParameters(`${prefix}conv_out`, last, config.outputs, { zero: true }),
  ];
}

/** How a forward pass runs. */
export interface UNetOptions {
  /** The prompt's embedding [B or 1, M, C'], where the network has cross-attention. */
  context?: Tensor3D;
  /** Of the parameters' names. */
  prefix?: string;
}

/** What the network made of its inputs. */
export interface UNetOutput {
  /** [B, H, W, outputs]: the noise, or v, or x₀: what it was trained to predict. */
  sample: Tensor4D;
  /** The hidden state of every ResNet block of the encoder half after its second convolution, before the residual. */
  down: Tensor4D[];
  /** The same of the middle. */
  middle: Tensor4D[];
  /** The same of the decoder half, in the order in which it runs. Stable Diffusion 1.5: 8 down, 2 middle, 12 up. */
  up: Tensor4D[];
  /** [B, T]: the time embedding. */
  time: Tensor2D;
  /** After the first convolution. */
  first: Tensor4D;
}

/**
 * Run the network. Gradients go through all of it.
 *
 * @param x [B, H, W, inputs]: noisy latents or pictures; any size
 * @param steps [B], or one number for all: diffusion steps 0 … 999
 * @throws InputError if x, steps or the context do not fit the network
 */
export const unet = (
  weights: Weights,
  config: UNetConfig,
  x: Tensor4D,
  steps: number | ArrayLike<number>,
  { context, prefix = "" }: UNetOptions = {},
): UNetOutput => {
  const [batch, , , channels] = x.shape;
  assertInput(
    channels === config.inputs,
    `unet: x has ${channels} channels, the network reads ${config.inputs}; channels lie last`,
  );
  const each = typeof steps === "number" ? new Array<number>(batch).fill(steps) : steps;
  assertInput(
    each.length === batch,
    `unet: got ${each.length} steps for ${batch} inputs; give one each, or one number`,
  );
  const prompt = promptFor(config, context, batch);
  const features = tf.tensor3d(timestepFeatures(each, config.time), [batch, 1, config.time.width]);
  const inner = silu(tokenLinear(weights, `${prefix}time_embedding.linear_1`, features));
  const time = tf.reshape(tokenLinear(weights, `${prefix}time_embedding.linear_2`, inner), [
    batch,
    timeWidth(config),
  ]) as Tensor2D;
  const norm = { groups: config.groups, epsilon: config.epsilon };

  const attend = (name: string, block: UNetBlock, h: Tensor4D, scale: number = 1): Tensor4D => {
    if (block.attention === "pixels") return pixelAttention(weights, name, h, block.heads, norm, scale);
    if (block.attention === "none" || !prompt) return h;
    const { heads, transformerLayers } = block;
    return spatialTransformer(weights, name, h, prompt, { heads, layers: transformerLayers, groups: config.groups });
  };

  const first = convolution(weights, `${prefix}conv_in`, config.centred ? tf.sub(tf.mul(x, 2), 1) : x);
  let h = first;
  const skips = [h];
  const output: UNetOutput = { sample: h, down: [], middle: [], up: [], time, first };
  const through = (name: string, r: number, taps: Tensor4D[], scale?: number): void => {
    const { y, hidden } = resnetBlock(weights, `${name}.resnets.${r}`, h, time, norm, scale);
    taps.push(hidden);
    h = y;
  };
  config.down.forEach((block, b) => {
    const name = `${prefix}down_blocks.${b}`;
    for (let r = 0; r < block.resnets; r++) {
      through(name, r, output.down);
      h = attend(`${name}.attentions.${r}`, block, h);
      skips.push(h);
    }
    if (b === config.down.length - 1) return;
    h = downsample(weights, `${name}.downsamplers.0`, h, config.downsamplePadding);
    skips.push(h);
  });
  const { middle, middleScale } = config;
  if (middle) {
    const name = `${prefix}mid_block`;
    through(name, 0, output.middle, middleScale);
    for (let r = 1; r < middle.resnets; r++) {
      h = attend(`${name}.attentions.0`, middle, h, middleScale);
      through(name, r, output.middle, middleScale);
    }
  }
  config.up.forEach((block, b) => {
    const name = `${prefix}up_blocks.${b}`;
    for (let r = 0; r < block.resnets; r++) {
      h = tf.concat([h, skips.pop() as Tensor4D], 3);
      through(name, r, output.up);
      h = attend(`${name}.attentions.${r}`, block, h);
    }
    const next = skips[skips.length - 1];
    if (b < config.up.length - 1) h = upsample(weights, `${name}.upsamplers.0`, h, next.shape[1], next.shape[2]);
  });
  const normed = silu(groupNorm(weights, `${prefix}conv_norm_out`, h, config.groups, config.epsilon));
  return { ...output, sample: convolution(weights, `${prefix}conv_out`, normed) };
};

/** The context of every input; undefined where the network has no cross-attention. */
function promptFor(config: UNetConfig, context: Tensor3D | undefined, batch: number): Tensor3D | undefined {
  const blocks = [...config.down, ...config.up, ...(config.middle ? [config.middle] : [])];
  if (!blocks.some(({ attention }) => attention === "cross")) return undefined;
  assertInput(
    context?.shape[2] === config.contextWidth && (context.shape[0] === 1 || context.shape[0] === batch),
    `unet: the context is [${context?.shape.join(", ") ?? ""}], the network's cross-attention reads [${batch} or 1, tokens, ${config.contextWidth}]; pass the prompt's embedding, of the empty prompt for features`,
  );
  return context.shape[0] === batch ? context : tf.tile(context, [batch, 1, 1]);
}

/** Channels of the hidden states of the encoder half and of the decoder's. */
export const unetFeatureChannels = ({
  down,
  up,
}: Pick<UNetConfig, "down" | "up">): { down: number[]; up: number[] } => {
  const of = (blocks: readonly UNetBlock[]): number[] =>
    blocks.flatMap(({ width, resnets }) => new Array<number>(resnets).fill(width));
  return { down: of(down), up: of(up) };
};

/** The hidden states that paper C aggregates, fine to coarse to fine: those of the encoder half, then the decoder's. */
export const unetFeatures = ({ down, up }: UNetOutput): Tensor4D[] => [...down, ...up];
