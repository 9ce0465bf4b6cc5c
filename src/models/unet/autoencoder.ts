/**
 * @file The encoder half of Stable Diffusion's autoencoder (diffusers' AutoencoderKL): pictures to latents.
 */
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { silu } from "../ops/silu";
import type { ParameterSpec, Weights } from "../params";
import { ConfigReader, type RawConfig } from "./configReader";
import { convolution, convolutionParameters, groupNorm, normParameters } from "./imageLayers";
import { downsample, pixelAttention, pixelAttentionParameters, resnetBlock, resnetBlockParameters } from "./unetBlocks";

/** An autoencoder's encoder half. */
export interface AutoencoderConfig {
  inputs: number;
  /** Channels of a latent. */
  latents: number;
  /** Channels of each resolution, fine to coarse; the picture is halved between them. */
  widths: readonly number[];
  resnets: number;
  groups: number;
  /** Whether attention stands in the middle, and a 1 × 1 convolution at the end. */
  middleAttention: boolean;
  lastConvolution: boolean;
  /** Latents for the UNet are the encoder's times this. */
  scaling: number;
}

/** diffusers' constant for all group norms of an autoencoder. */
const epsilon = 1e-6;

/**
 * A diffusers `config.json` of AutoencoderKL, with the library's defaults for missing fields.
 *
 * @throws InputError that names the field for a network of another form
 */
export function autoencoderConfig(raw: RawConfig, where: string = "autoencoderConfig"): AutoencoderConfig {
  const read = new ConfigReader(raw, where);
  read.choice("_class_name", ["AutoencoderKL"], "AutoencoderKL");
  read.only({ act_fn: "silu", latents_mean: null, latents_std: null, shift_factor: null });
  const widths = read.sizes("block_out_channels", [64]);
  read.names(
    "down_block_types",
    ["DownEncoderBlock2D"],
    new Array<"DownEncoderBlock2D">(widths.length).fill("DownEncoderBlock2D"),
  );
  const groups = read.size("norm_num_groups", 32);
  for (const width of widths)
    assertInput(width % groups === 0, `${where}: ${width} channels do not divide into norm_num_groups ${groups}`);
  return {
    inputs: read.size("in_channels", 3),
    latents: read.size("latent_channels", 4),
    widths,
    resnets: read.size("layers_per_block", 1),
    groups,
    middleAttention: read.flag("mid_block_add_attention", true),
    lastConvolution: read.flag("use_quant_conv", true),
    scaling: read.number("scaling_factor", 0.18215),
  };
}

/** All parameters of the encoder under diffusers' names: `encoder.…` and `quant_conv`. */
export function autoencoderParameters(config: AutoencoderConfig): ParameterSpec[] {
  const { widths, resnets, latents } = config;
  const last = widths[widths.length - 1];
  const blocks = widths.flatMap((width, b): ParameterSpec[] => {
    const name = `encoder.down_blocks.${b}`;
    return [
      ...Array.from({ length: resnets }, (_, r) =>
        resnetBlockParameters(`${name}.resnets.${r}`, r > 0 ? width : widths[Math.max(0, b - 1)], width, 0),
      ).flat(),
      ...(b < widths.length - 1 ? convolutionParameters(`${name}.downsamplers.0.conv`, width, width) : []),
    ];
  });
  return [
    ...convolutionParameters("encoder.conv_in", config.inputs, widths[0]),
    ...blocks,
    ...resnetBlockParameters("encoder.mid_block.resnets.0", last, last, 0),
    ...(config.middleAttention ? pixelAttentionParameters("encoder.mid_block.attentions.0", last) : []),
    ...resnetBlockParameters("encoder.mid_block.resnets.1", last, last, 0),
    ...normParameters("encoder.conv_norm_out", last),
    ...convolutionParameters("encoder.conv_out", last, 2 * latents),
    ...(config.lastConvolution ? convolutionParameters("quant_conv", 2 * latents, 2 * latents, { kernel: 1 }) : []),
  ];
}

/** The normal distribution of a picture's latents, [B, h, w, latents] each, not yet scaled. */
export interface LatentDistribution {
  mean: Tensor4D;
  /** exp(½·clamp(log variance, −30, 20)). */
  deviation: Tensor4D;
}

/**
 * Encode pictures (Rombach et al. 2022, section 3.1). For the UNet: mean (or mean + deviation·z) times `scaling`.
 *
 * @param x [B, H, W, inputs] in [−1, 1]; sides that 2^(resolutions − 1) divides
 */
export function encodeLatents(weights: Weights, config: AutoencoderConfig, x: Tensor4D): LatentDistribution {
  const factor = 2 ** (config.widths.length - 1);
  assertInput(
    x.shape[3] === config.inputs && x.shape[1] % factor === 0 && x.shape[2] % factor === 0,
    `encodeLatents: got pictures of ${x.shape.slice(1).join(" × ")}; sides must be multiples of ${factor}, channels ${config.inputs}`,
  );
  const norm = { groups: config.groups, epsilon };
  let h = convolution(weights, "encoder.conv_in", x);
  config.widths.forEach((_, b) => {
    const name = `encoder.down_blocks.${b}`;
    for (let r = 0; r < config.resnets; r++) h = resnetBlock(weights, `${name}.resnets.${r}`, h, undefined, norm).y;
    if (b < config.widths.length - 1) h = downsample(weights, `${name}.downsamplers.0`, h, 0);
  });
  h = resnetBlock(weights, "encoder.mid_block.resnets.0", h, undefined, norm).y;
  if (config.middleAttention) h = pixelAttention(weights, "encoder.mid_block.attentions.0", h, 1, norm);
  h = resnetBlock(weights, "encoder.mid_block.resnets.1", h, undefined, norm).y;
  h = convolution(
    weights,
    "encoder.conv_out",
    silu(groupNorm(weights, "encoder.conv_norm_out", h, config.groups, epsilon)),
  );
  if (config.lastConvolution) h = convolution(weights, "quant_conv", h);
  const [mean, logVariance] = tf.split(h, 2, 3) as Tensor4D[];
  const halved = tf.mul(tf.clipByValue(logVariance, -30, 20), 0.5) as Tensor4D;
  return { mean, deviation: tf.exp(halved) };
}
