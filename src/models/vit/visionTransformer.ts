/**
 * @file Vision transformers (Dosovitskiy et al. 2021) in the forms of DINOv2 and of CLIP's image encoder, every hidden
 * state given.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { constant, linearUniform, normal } from "../initializers";
import { weight } from "../layers";
import type { ParameterSpec, Weights } from "../params";
import { type AttentionNames, attention, attentionParameters } from "../unet/attention";
import { ConfigReader, type RawConfig } from "../unet/configReader";
import { gelu, layerNorm, normParameters, quickGelu, tokenLinear, tokenLinearParameters } from "../unet/imageLayers";
import { bicubicMatrix } from "./bicubic";

/** Sizes and form of a vision transformer. */
export interface VisionTransformerConfig {
  family: "dinov2" | "clip";
  width: number;
  hidden: number;
  layers: number;
  heads: number;
  /** Pixels of a patch's side. */
  patch: number;
  /** Patches of a side of the pictures that the positions were learned for. */
  grid: number;
  channels: number;
  activation: "gelu" | "quick_gelu";
  epsilon: number;
}

/**
 * A `config.json` of Dinov2Model or CLIPVisionModel, with the library's defaults for missing fields.
 *
 * @throws InputError that names the field for a network of another form
 */
export function visionTransformerConfig(
  raw: RawConfig,
  where: string = "visionTransformerConfig",
): VisionTransformerConfig {
  const read = new ConfigReader(raw, where);
  const dino = read.choice("model_type", ["dinov2", "clip_vision_model"], "clip_vision_model") === "dinov2";
  read.only(dino ? { use_swiglu_ffn: false, qkv_bias: true } : {});
  const width = read.size("hidden_size", 768);
  const [patch, size] = [read.size("patch_size", dino ? 14 : 32), read.size("image_size", 224)];
  const heads = read.size("num_attention_heads", 12);
  assertInput(
    width % heads === 0,
    `${where}: ${width} channels cannot be shared by ${heads} heads; check num_attention_heads`,
  );
  return {
    family: dino ? "dinov2" : "clip",
    width,
    hidden: dino ? Math.floor(width * read.number("mlp_ratio", 4)) : read.size("intermediate_size", 3072),
    layers: read.size("num_hidden_layers", 12),
    heads,
    patch,
    grid: Math.floor(size / patch),
    channels: read.size("num_channels", 3),
    activation: read.choice("hidden_act", ["gelu", "quick_gelu"], dino ? "gelu" : "quick_gelu"),
    epsilon: read.number("layer_norm_eps", dino ? 1e-6 : 1e-5),
  };
}

/** What the two families call the same arrays. */
interface Names {
  classToken: string;
  patches: string;
  positions: string;
  layer: (i: number) => string;
  norms: readonly [string, string];
  attention: (layer: string) => AttentionNames;
  last: string;
}

const namesOf: Readonly<Record<VisionTransformerConfig["family"], Names>> = {
  dinov2: {
    classToken: "embeddings.cls_token",
    patches: "embeddings.patch_embeddings.projection",
    positions: "embeddings.position_embeddings",
    layer: (i) => `encoder.layer.${i}`,
    norms: ["norm1", "norm2"],
    attention: (layer) => ({
      query: `${layer}.attention.attention.query`,
      key: `${layer}.attention.attention.key`,
      value: `${layer}.attention.attention.value`,
      output: `${layer}.attention.output.dense`,
    }),
    last: "layernorm",
  },
  clip: {
    classToken: "embeddings.class_embedding",
    patches: "embeddings.patch_embedding",
    positions: "embeddings.position_embedding.weight",
    layer: (i) => `encoder.layers.${i}`,
    norms: ["layer_norm1", "layer_norm2"],
    attention: (layer) => ({
      query: `${layer}.self_attn.q_proj`,
      key: `${layer}.self_attn.k_proj`,
      value: `${layer}.self_attn.v_proj`,
      output: `${layer}.self_attn.out_proj`,
    }),
    last: "post_layernorm",
  },
};

/** The misspelling is the published files'. */
const entryNorm = "pre_layrnorm";

/** Arrays that PyTorch does not lay out as matrices: rows stay rows. */
export const keptRows = (name: string): boolean =>
  /(cls_token|class_embedding|position_embeddings?(\.weight)?)$/.test(name);

/** All parameters under the current libraries' names; older CLIP files put `vision_model.` before them. */
export function visionTransformerParameters(config: VisionTransformerConfig): ParameterSpec[] {
  const { width, hidden, patch, channels, grid } = config;
  const names = namesOf[config.family];
  const dino = config.family === "dinov2";
  const tokens = grid * grid + 1;
  const scale = (name: string): ParameterSpec[] =>
    dino ? [{ name: `${name}.lambda1`, shape: [width], initial: constant(1) }] : [];
  return [
    { name: names.classToken, shape: dino ? [1, 1, width] : [width], initial: normal(0.02) },
    {
      name: `${names.patches}.weight`,
      shape: [patch, patch, channels, width],
      initial: linearUniform(patch * patch * channels),
    },
    ...(dino ? [{ name: `${names.patches}.bias`, shape: [width], initial: constant(0) }] : []),
    { name: names.positions, shape: dino ? [1, tokens, width] : [tokens, width], initial: normal(0.02) },
    ...(dino ? [] : normParameters(entryNorm, width)),
    ...Array.from({ length: config.layers }, (_, i) => names.layer(i)).flatMap((layer) => [
      ...normParameters(`${layer}.${names.norms[0]}`, width),
      ...attentionParameters(names.attention(layer), width, width, true),
      ...scale(`${layer}.layer_scale1`),
      ...normParameters(`${layer}.${names.norms[1]}`, width),
      ...tokenLinearParameters(`${layer}.mlp.fc1`, width, hidden),
      ...tokenLinearParameters(`${layer}.mlp.fc2`, hidden, width),
      ...scale(`${layer}.layer_scale2`),
    ]),
    ...normParameters(names.last, width),
  ];
}

/** Positions of the class token and of rows × columns patches, [1 + rows·columns, C]; resized where the grid is another. */
function positionsFor(table: Tensor2D, grid: number, rows: number, columns: number): Tensor2D {
  if (rows === grid && columns === grid) return table;
  const width = table.shape[1];
  const patches = tf.slice(table, [1, 0], [grid * grid, width]);
  const vertical = tf.tensor2d(bicubicMatrix(grid, rows), [rows, grid]);
  const horizontal = tf.tensor2d(bicubicMatrix(grid, columns), [1, columns * grid]);
  const tall = tf.reshape(tf.matMul(vertical, tf.reshape(patches, [grid, grid * width])), [rows, grid, width]);
  const across = tf.tile(tf.reshape(horizontal, [1, columns, grid]), [rows, 1, 1]);
  const resized = tf.reshape(tf.matMul(across, tall), [rows * columns, width]) as Tensor2D;
  return tf.concat([tf.slice(table, [0, 0], [1, width]), resized], 0);
}

/** What the network made of pictures. */
export interface VisionTransformerOutput {
  /** [B, 1 + rows·columns, C] each: what goes into the first block, then what each block gives; class token first. */
  hidden: Tensor3D[];
  /** DINOv2: the last hidden state normed; CLIP: as it is. */
  last: Tensor3D;
  /** [B, C]: the class token, normed. */
  pooled: Tensor2D;
  /** Patches of a column and of a row. */
  grid: readonly [number, number];
}

/**
 * Run the network; positions are resized for pictures of another size than they were learned for.
 *
 * @param x [B, H, W, channels], normalised as the model was trained
 * @throws InputError if a side is shorter than a patch, or the channels differ
 */
export function visionTransformer(
  weights: Weights,
  config: VisionTransformerConfig,
  x: Tensor4D,
): VisionTransformerOutput {
  const { width, patch, epsilon } = config;
  const [batch, height, pictureWidth, channels] = x.shape;
  assertInput(
    channels === config.channels && height >= patch && pictureWidth >= patch,
    `visionTransformer: got pictures of ${height} × ${pictureWidth} × ${channels}; expected sides of at least ${patch} and ${config.channels} channels`,
  );
  const names = namesOf[config.family];
  const dino = config.family === "dinov2";
  const convolved = tf.conv2d(x, weight<Tensor4D>(weights, `${names.patches}.weight`), patch, "valid");
  const map = dino ? tf.add(convolved, weight<Tensor1D>(weights, `${names.patches}.bias`)) : convolved;
  const [, rows, columns] = map.shape;
  const classToken = tf.tile(tf.reshape(weight(weights, names.classToken), [1, 1, width]), [batch, 1, 1]);
  const tokens = tf.concat([classToken, tf.reshape(map, [batch, rows * columns, width])], 1);
  const table = tf.reshape(weight(weights, names.positions), [config.grid ** 2 + 1, width]) as Tensor2D;
  const placed = tf.add(tokens, positionsFor(table, config.grid, rows, columns)) as Tensor3D;
  let h = dino ? placed : layerNorm(weights, entryNorm, placed, epsilon);
  const hidden = [h];
  const activate = config.activation === "gelu" ? gelu : quickGelu;
  const scaled = (y: Tensor3D, name: string): Tensor3D =>
    dino ? tf.mul(y, weight<Tensor>(weights, `${name}.lambda1`)) : y;
  for (let i = 0; i < config.layers; i++) {
    const layer = names.layer(i);
    const [first, second] = names.norms.map((norm) => `${layer}.${norm}`);
    const attended = attention(weights, names.attention(layer), config.heads, layerNorm(weights, first, h, epsilon));
    h = tf.add(h, scaled(attended, `${layer}.layer_scale1`));
    const inner = activate(tokenLinear(weights, `${layer}.mlp.fc1`, layerNorm(weights, second, h, epsilon)));
    h = tf.add(h, scaled(tokenLinear(weights, `${layer}.mlp.fc2`, inner), `${layer}.layer_scale2`));
    hidden.push(h);
  }
  const last = dino ? layerNorm(weights, names.last, h, epsilon) : h;
  const top = tf.reshape(tf.slice(last, [0, 0, 0], [batch, 1, width]), [batch, width]) as Tensor2D;
  return { hidden, last, pooled: dino ? top : layerNorm(weights, names.last, top, epsilon), grid: [rows, columns] };
}
