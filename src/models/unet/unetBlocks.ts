/**
 * @file The parts that diffusers' UNets and autoencoders are made of: ResNet block, spatial transformer, attention over
 * pixels, down- and upsampling.
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { silu } from "../ops/silu";
import type { ParameterSpec, Weights } from "../params";
import { attention, attentionParameters, diffusersAttention } from "./attention";
import {
  convolution,
  convolutionParameters,
  doubled,
  gelu,
  groupNorm,
  layerNorm,
  normParameters,
  tokenLinear,
  tokenLinearParameters,
} from "./imageLayers";

/** Number of groups and ε of the group norms. */
export interface GroupNormForm {
  groups: number;
  epsilon: number;
}

/** `norm1`, `conv1`, `time_emb_proj` (with a time embedding), `norm2`, `conv2`, `conv_shortcut` (where widths differ). */
export const resnetBlockParameters = (
  name: string,
  inputs: number,
  outputs: number,
  timeWidth: number,
): ParameterSpec[] => [
  ...normParameters(`${name}.norm1`, inputs),
  ...convolutionParameters(`${name}.conv1`, inputs, outputs),
  ...(timeWidth > 0 ? tokenLinearParameters(`${name}.time_emb_proj`, timeWidth, outputs) : []),
  ...normParameters(`${name}.norm2`, outputs),
  ...convolutionParameters(`${name}.conv2`, outputs, outputs),
  ...(inputs === outputs ? [] : convolutionParameters(`${name}.conv_shortcut`, inputs, outputs, { kernel: 1 })),
];

/** A ResNet block's output and the hidden state that paper C reads. */
export interface ResnetBlockOutput {
  y: Tensor4D;
  /** After the second convolution, before the residual is added. */
  hidden: Tensor4D;
}

/**
 * y = (shortcut(x) + h)/scale with h = W₂ * silu(norm(W₁ * silu(norm(x)) + P·silu(time))).
 *
 * @param time [B, T]; undefined in an autoencoder
 */
export function resnetBlock(
  weights: Weights,
  name: string,
  x: Tensor4D,
  time: Tensor2D | undefined,
  { groups, epsilon }: GroupNormForm,
  scale: number = 1,
): ResnetBlockOutput {
  let h = convolution(weights, `${name}.conv1`, silu(groupNorm(weights, `${name}.norm1`, x, groups, epsilon)));
  if (time) {
    const [batch, , , channels] = h.shape;
    const tokens = tf.reshape(silu(time), [batch, 1, time.shape[1]]) as Tensor3D;
    const shift = tokenLinear(weights, `${name}.time_emb_proj`, tokens);
    h = tf.add(h, tf.reshape(shift, [batch, 1, 1, channels]));
  }
  const hidden = convolution(weights, `${name}.conv2`, silu(groupNorm(weights, `${name}.norm2`, h, groups, epsilon)));
  const shortcut = `${name}.conv_shortcut.weight` in weights ? convolution(weights, `${name}.conv_shortcut`, x) : x;
  const sum = tf.add(shortcut, hidden) as Tensor4D;
  return { y: scale === 1 ? sum : tf.div(sum, scale), hidden };
}

/** [B, H, W, C] → [B, H·W, C]. */
const tokensOf = (x: Tensor4D): Tensor3D => tf.reshape(x, [x.shape[0], x.shape[1] * x.shape[2], x.shape[3]]);

/** ε of the group norm where a spatial transformer begins: diffusers' constant, not the configuration's. */
const transformerEntryEpsilon = 1e-6;
const layerNormEpsilon = 1e-5;

/** `norm`, `proj_in`, `transformer_blocks.i`, `proj_out`. Projections are matrices whatever the file's form. */
export const spatialTransformerParameters = (
  name: string,
  width: number,
  context: number,
  layers: number,
): ParameterSpec[] => [
  ...normParameters(`${name}.norm`, width),
  ...tokenLinearParameters(`${name}.proj_in`, width, width),
  ...Array.from({ length: layers }, (_, i) => `${name}.transformer_blocks.${i}`).flatMap((block) => [
    ...normParameters(`${block}.norm1`, width),
    ...attentionParameters(diffusersAttention(`${block}.attn1`), width, width, false),
    ...normParameters(`${block}.norm2`, width),
    ...attentionParameters(diffusersAttention(`${block}.attn2`), width, context, false),
    ...normParameters(`${block}.norm3`, width),
    ...tokenLinearParameters(`${block}.ff.net.0.proj`, width, 8 * width),
    ...tokenLinearParameters(`${block}.ff.net.2`, 4 * width, width),
  ]),
  ...tokenLinearParameters(`${name}.proj_out`, width, width),
];

/** W₂·(a ⊙ gelu(b)) with [a | b] = W₁·x: GEGLU (Shazeer 2020). */
function feedForward(weights: Weights, name: string, x: Tensor3D): Tensor3D {
  const both = tokenLinear(weights, `${name}.net.0.proj`, x);
  const [a, b] = tf.split(both, 2, 2) as Tensor3D[];
  return tokenLinear(weights, `${name}.net.2`, tf.mul(a, gelu(b)));
}

/** x + proj_out(blocks(proj_in(norm(x)))); a block: self-attention, cross-attention, GEGLU, each h + f(norm(h)). */
export function spatialTransformer(
  weights: Weights,
  name: string,
  x: Tensor4D,
  context: Tensor3D,
  { heads, layers, groups }: { heads: number; layers: number; groups: number },
): Tensor4D {
  const normed = groupNorm(weights, `${name}.norm`, x, groups, transformerEntryEpsilon);
  let h = tokenLinear(weights, `${name}.proj_in`, tokensOf(normed));
  for (let i = 0; i < layers; i++) {
    const block = `${name}.transformer_blocks.${i}`;
    const norm = (n: number): Tensor3D => layerNorm(weights, `${block}.norm${n}`, h, layerNormEpsilon);
    h = tf.add(h, attention(weights, diffusersAttention(`${block}.attn1`), heads, norm(1)));
    h = tf.add(h, attention(weights, diffusersAttention(`${block}.attn2`), heads, norm(2), context));
    h = tf.add(h, feedForward(weights, `${block}.ff`, norm(3)));
  }
  return tf.add(x, tf.reshape(tokenLinear(weights, `${name}.proj_out`, h), x.shape));
}

/** `group_norm`, `to_q`, `to_k`, `to_v`, `to_out.0`, all with biases. */
export const pixelAttentionParameters = (name: string, width: number): ParameterSpec[] => [
  ...normParameters(`${name}.group_norm`, width),
  ...attentionParameters(diffusersAttention(name), width, width, true),
];

/** (x + attention(norm(x)))/scale over the pixels. */
export function pixelAttention(
  weights: Weights,
  name: string,
  x: Tensor4D,
  heads: number,
  { groups, epsilon }: GroupNormForm,
  scale: number = 1,
): Tensor4D {
  const tokens = tokensOf(groupNorm(weights, `${name}.group_norm`, x, groups, epsilon));
  const sum = tf.add(x, tf.reshape(attention(weights, diffusersAttention(name), heads, tokens), x.shape)) as Tensor4D;
  return scale === 1 ? sum : tf.div(sum, scale);
}

/** 3 × 3 with stride 2. `padding` 1: all sides (UNet); 0: only right and bottom (autoencoder, first DDPMs). */
export const downsample = (weights: Weights, name: string, x: Tensor4D, padding: number): Tensor4D =>
  convolution(weights, `${name}.conv`, x, { stride: 2, padding: padding === 0 ? [0, 1] : [padding, padding] });

/** Twice as large by nearest neighbours, cut to the skip that waits (odd sizes), then 3 × 3. */
export function upsample(weights: Weights, name: string, x: Tensor4D, height: number, width: number): Tensor4D {
  const large = doubled(x);
  const fits = large.shape[1] === height && large.shape[2] === width;
  const cut = fits ? large : tf.slice(large, [0, 0, 0, 0], [x.shape[0], height, width, x.shape[3]]);
  return convolution(weights, `${name}.conv`, cut);
}
