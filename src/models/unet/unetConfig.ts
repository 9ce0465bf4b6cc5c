/**
 * @file The configuration of a UNet as diffusers writes it, in plain numbers: which blocks, how wide, which attention.
 */
import { assertInput } from "../../check";
import { ConfigReader, type RawConfig } from "./configReader";

/** What follows each ResNet block: nothing, a spatial transformer that also sees the prompt, or attention over pixels. */
export type BlockAttention = "none" | "cross" | "pixels";

/** One resolution of the encoder or the decoder half. */
export interface UNetBlock {
  attention: BlockAttention;
  width: number;
  /** Heads of its attention. */
  heads: number;
  /** Layers of each of its spatial transformers. */
  transformerLayers: number;
  /** ResNet blocks. */
  resnets: number;
}

/** A UNet. Down blocks from fine to coarse, up blocks in the order in which they run. */
export interface UNetConfig {
  inputs: number;
  outputs: number;
  down: readonly UNetBlock[];
  /** undefined: no middle block. `resnets` is 1 or 2. */
  middle: UNetBlock | undefined;
  up: readonly UNetBlock[];
  /** Channels of the prompt's embedding, where there is cross-attention. */
  contextWidth: number;
  groups: number;
  /** Of the ResNet blocks and the last norm. */
  epsilon: number;
  time: { width: number; cosineFirst: boolean; frequencyShift: number };
  /** Zeros around before downsampling: 1 on all sides, 0 only right and bottom. */
  downsamplePadding: number;
  middleScale: number;
  /** Inputs x ∈ [0, 1] are taken as 2x − 1. */
  centred: boolean;
}

const downTypes = ["DownBlock2D", "CrossAttnDownBlock2D", "AttnDownBlock2D"] as const;
const upTypes = ["UpBlock2D", "CrossAttnUpBlock2D", "AttnUpBlock2D"] as const;
const attentionOf = (type: string): BlockAttention =>
  type.startsWith("Cross") ? "cross" : type.startsWith("Attn") ? "pixels" : "none";

/** What both classes cannot be here. */
const refused = {
  act_fn: "silu",
  resnet_time_scale_shift: "default",
  time_embedding_type: "positional",
  class_embed_type: null,
  num_class_embeds: null,
};
const refusedConditional = {
  addition_embed_type: null,
  attention_type: "default",
  conv_in_kernel: 3,
  conv_out_kernel: 3,
  cross_attention_norm: null,
  dual_cross_attention: false,
  encoder_hid_dim: null,
  encoder_hid_dim_type: null,
  mid_block_only_cross_attention: false,
  only_cross_attention: false,
  resnet_out_scale_factor: 1,
  resnet_skip_time_act: false,
  time_cond_proj_dim: null,
  time_embedding_act_fn: null,
  time_embedding_dim: null,
  timestep_post_act: null,
  reverse_transformer_layers_per_block: null,
};
const refusedUnconditional = {
  downsample_type: "conv",
  upsample_type: "conv",
  attn_norm_num_groups: null,
};

/**
 * A diffusers `config.json` of UNet2DConditionModel (Stable Diffusion 1 and 2) or UNet2DModel (unconditional), with the
 * library's defaults for missing fields.
 *
 * `attention_head_dim` of the conditional class is the number of heads, for all blocks or one a block (a mistake of the
 * library that its files keep); of the unconditional class it is the width of a head.
 *
 * @param where named in errors: the path
 * @throws InputError that names the field for a network of another form
 */
export function unetConfig(raw: RawConfig, where: string = "unetConfig"): UNetConfig {
  const read = new ConfigReader(raw, where);
  const conditional =
    read.choice("_class_name", ["UNet2DConditionModel", "UNet2DModel"], "UNet2DConditionModel") ===
    "UNet2DConditionModel";
  read.only({ ...refused, ...(conditional ? refusedConditional : refusedUnconditional) });
  const widths = read.sizes("block_out_channels", conditional ? [320, 640, 1280, 1280] : [224, 448, 672, 896]);
  const count = widths.length;
  const downNames = read.names(
    "down_block_types",
    downTypes,
    conditional
      ? ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"]
      : ["DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"],
  );
  const upNames = read.names(
    "up_block_types",
    upTypes,
    conditional
      ? ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]
      : ["AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
  );
  assertInput(
    downNames.length === count && upNames.length === count,
    `${where}: there are ${count} block_out_channels, ${downNames.length} down_block_types and ${upNames.length} up_block_types; each block needs one of each`,
  );
  const wholeHeads = !conditional && raw.attention_head_dim === null;
  const headField = raw.num_attention_heads != null ? "num_attention_heads" : "attention_head_dim";
  const headNumbers = read.perBlock(headField, count, 8);
  const layers = read.perBlock("layers_per_block", count, 2);
  const transformerLayers = read.perBlock("transformer_layers_per_block", count, 1);
  const block = (attention: BlockAttention, b: number, resnets: number): UNetBlock => {
    const width = widths[b];
    const ofWidth = wholeHeads ? 1 : Math.max(1, Math.floor(width / headNumbers[b]));
    const heads = attention === "pixels" ? ofWidth : headNumbers[b];
    assertInput(
      attention === "none" || width % heads === 0,
      `${where}: ${width} channels cannot be shared by ${heads} heads; check attention_head_dim`,
    );
    return { attention, width, heads, transformerLayers: transformerLayers[b], resnets };
  };
  const groups = read.size("norm_num_groups", 32);
  for (const width of widths)
    assertInput(width % groups === 0, `${where}: ${width} channels do not divide into norm_num_groups ${groups}`);
  return {
    inputs: read.size("in_channels", conditional ? 4 : 3),
    outputs: read.size("out_channels", conditional ? 4 : 3),
    down: downNames.map((type, b) => block(attentionOf(type), b, layers[b])),
    middle: middleBlock(read, conditional, (attention, resnets) => block(attention, count - 1, resnets)),
    up: upNames.map((type, b) => block(attentionOf(type), count - 1 - b, layers[count - 1 - b] + 1)),
    contextWidth: conditional ? read.size("cross_attention_dim", 1280) : 0,
    groups,
    epsilon: read.number("norm_eps", 1e-5),
    time: {
      width: widths[0],
      cosineFirst: read.flag("flip_sin_to_cos", true),
      frequencyShift: read.number("freq_shift", 0),
    },
    downsamplePadding: read.number("downsample_padding", 1),
    middleScale: read.number("mid_block_scale_factor", 1),
    centred: read.flag("center_input_sample", false),
  };
}

function middleBlock(
  read: ConfigReader,
  conditional: boolean,
  block: (attention: BlockAttention, resnets: number) => UNetBlock,
): UNetBlock | undefined {
  if (!conditional) return read.flag("add_attention", true) ? block("pixels", 2) : block("none", 2);
  // null says that there is none, a missing field has the default.
  if (read.raw.mid_block_type === null) return undefined;
  const types = ["UNetMidBlock2DCrossAttn", "UNetMidBlock2D"] as const;
  return read.choice("mid_block_type", types, types[0]) === types[0] ? block("cross", 2) : block("none", 1);
}
