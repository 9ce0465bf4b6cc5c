/**
 * @file What a UNet costs, from the arithmetic: multiplications and memory of one forward pass.
 */
import { unetParameters } from "./unet";
import type { UNetBlock, UNetConfig } from "./unetConfig";

/** One forward pass of one input. */
export interface UNetCost {
  parameters: number;
  /** Products with a weight, or of two activations (attention). */
  multiplications: number;
  /** Bytes of the weights in float32. */
  weightBytes: number;
  /** Bytes of the largest array of attention weights, in float32, were it made at once. */
  attentionBytes: number;
  /** Bytes of the hidden states that `unetFeatures` gives, in float32. */
  featureBytes: number;
}

/**
 * Count one pass. A convolution of k × k from c to d channels onto h·w pixels takes k²·c·d·h·w multiplications, a linear
 * map c·d a token, attention of n on m tokens 2·n·m·c.
 *
 * @param height of the latents, 64 for a picture of 512
 * @param tokens of the prompt
 */
export function unetCost(config: UNetConfig, height: number, width: number, tokens: number = 77): UNetCost {
  let [multiplications, attentionWeights, features] = [0, 0, 0];
  const product = (name: string, pixels: number, shape: readonly number[]): void => {
    // A prompt's keys and values are made once a token of it, time's shift once.
    const rows = /attn2\.to_[kv]\./.test(name) ? tokens : /time_emb/.test(name) ? 1 : pixels;
    multiplications += shape.reduce((a, b) => a * b, 1) * rows;
  };
  /** Pixels at the depth of each block; the encoder's sizes, which the decoder half takes back. */
  const sizes: number[] = [];
  for (let b = 0, h = height, w = width; b < config.down.length; b++, h = Math.ceil(h / 2), w = Math.ceil(w / 2))
    sizes.push(h * w);
  const deepest = sizes.length - 1;
  const pixelsOf = (name: string): number => {
    const [, half, index] = /(down|up)_blocks\.(\d+)\./.exec(name) ?? [];
    if (half === undefined) return name.includes("mid_block") ? sizes[deepest] : sizes[0];
    const depth = half === "down" ? Number(index) : deepest - Number(index);
    if (name.includes("downsamplers")) return sizes[depth + 1];
    return name.includes("upsamplers") ? sizes[depth - 1] : sizes[depth];
  };
  const specs = unetParameters(config);
  for (const { name, shape } of specs) if (shape.length > 1) product(name, pixelsOf(name), shape);
  const attend = (block: UNetBlock, pixels: number, count: number): void => {
    if (block.attention === "none") return;
    const layers = block.attention === "cross" ? block.transformerLayers : 1;
    const others = block.attention === "cross" ? pixels + tokens : pixels;
    multiplications += 2 * count * layers * pixels * others * block.width;
    attentionWeights = Math.max(attentionWeights, block.heads * pixels * pixels);
  };
  config.down.forEach((block, b) => {
    attend(block, sizes[b], block.resnets);
    features += block.resnets * sizes[b] * block.width;
  });
  config.up.forEach((block, b) => {
    attend(block, sizes[deepest - b], block.resnets);
    features += block.resnets * sizes[deepest - b] * block.width;
  });
  if (config.middle) attend(config.middle, sizes[deepest], config.middle.resnets - 1);
  const parameters = specs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return {
    parameters,
    multiplications: multiplications,
    weightBytes: 4 * parameters,
    attentionBytes: 4 * attentionWeights,
    featureBytes: 4 * features,
  };
}
