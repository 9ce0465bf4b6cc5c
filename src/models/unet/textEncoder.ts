/**
 * @file CLIP's text transformer (Radford et al. 2021), as Stable Diffusion reads prompts with it.
 */
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { normal } from "../initializers";
import { weight } from "../layers";
import type { ParameterSpec, Weights } from "../params";
import { type AttentionNames, attention, attentionParameters } from "./attention";
import { ConfigReader, type RawConfig } from "./configReader";
import { gelu, layerNorm, normParameters, quickGelu, tokenLinear, tokenLinearParameters } from "./imageLayers";

/** Sizes of a text encoder. */
export interface TextEncoderConfig {
  vocabulary: number;
  width: number;
  hidden: number;
  layers: number;
  heads: number;
  /** Tokens of a prompt. */
  length: number;
  activation: "quick_gelu" | "gelu";
  epsilon: number;
}

/**
 * A `config.json` of CLIPTextModel, with the library's defaults for missing fields.
 *
 * @throws InputError that names the field for a network of another form
 */
export function textEncoderConfig(raw: RawConfig, where: string = "textEncoderConfig"): TextEncoderConfig {
  const read = new ConfigReader(raw, where);
  read.choice("model_type", ["clip_text_model"], "clip_text_model");
  const config: TextEncoderConfig = {
    vocabulary: read.size("vocab_size", 49_408),
    width: read.size("hidden_size", 512),
    hidden: read.size("intermediate_size", 2048),
    layers: read.size("num_hidden_layers", 12),
    heads: read.size("num_attention_heads", 8),
    length: read.size("max_position_embeddings", 77),
    activation: read.choice("hidden_act", ["quick_gelu", "gelu"], "quick_gelu"),
    epsilon: read.number("layer_norm_eps", 1e-5),
  };
  assertInput(
    config.width % config.heads === 0,
    `${where}: ${config.width} channels cannot be shared by ${config.heads} heads; check num_attention_heads`,
  );
  return config;
}

const attentionNames = (layer: string): AttentionNames => ({
  query: `${layer}.self_attn.q_proj`,
  key: `${layer}.self_attn.k_proj`,
  value: `${layer}.self_attn.v_proj`,
  output: `${layer}.self_attn.out_proj`,
});

/** All parameters under the current libraries' names; older files put `text_model.` before them. */
export const textEncoderParameters = (config: TextEncoderConfig): ParameterSpec[] => {
  const { width, hidden } = config;
  return [
    {
      name: "embeddings.token_embedding.weight",
      shape: [config.vocabulary, width],
      initial: normal(0.02),
    },
    { name: "embeddings.position_embedding.weight", shape: [config.length, width], initial: normal(0.01) },
    ...Array.from({ length: config.layers }, (_, i) => `encoder.layers.${i}`).flatMap((layer) => [
      ...normParameters(`${layer}.layer_norm1`, width),
      ...attentionParameters(attentionNames(layer), width, width, true),
      ...normParameters(`${layer}.layer_norm2`, width),
      ...tokenLinearParameters(`${layer}.mlp.fc1`, width, hidden),
      ...tokenLinearParameters(`${layer}.mlp.fc2`, hidden, width),
    ]),
    ...normParameters("final_layer_norm", width),
  ];
};

/** −10⁹ where a token would look at a later one. */
function causalMask(length: number): Tensor2D {
  const mask = new Float32Array(length * length);
  for (let row = 0; row < length; row++) mask.fill(-1e9, row * length + row + 1, (row + 1) * length);
  return tf.tensor2d(mask, [length, length]);
}

/**
 * The embedding of prompts: the last hidden state after the final norm. Each token sees itself and those before it;
 * padding is not hidden, as Stable Diffusion was trained.
 *
 * @param ids token numbers of each prompt, all of one length
 * @returns [B, tokens, width]
 * @throws InputError for a number outside the vocabulary, or too many tokens
 */
export function encodeText(weights: Weights, config: TextEncoderConfig, ids: readonly (readonly number[])[]): Tensor3D {
  const length = ids[0]?.length ?? 0;
  assertInput(
    length >= 1 && length <= config.length && ids.every((prompt) => prompt.length === length),
    `encodeText: prompts have ${ids.map((prompt) => prompt.length).join(", ")} tokens; all need the same number, at most ${config.length}`,
  );
  for (const id of ids.flat())
    assertInput(
      Number.isInteger(id) && id >= 0 && id < config.vocabulary,
      `encodeText: token ${id} is not in the vocabulary of ${config.vocabulary}; use the tokenizer of this encoder`,
    );
  const table = weight<Tensor2D>(weights, "embeddings.token_embedding.weight");
  const positions = tf.slice(weight<Tensor2D>(weights, "embeddings.position_embedding.weight"), [0, 0], [length, -1]);
  const tokens = tf.gather(table, tf.tensor1d(ids.flat(), "int32"));
  let h = tf.add(tf.reshape(tokens, [ids.length, length, config.width]), positions) as Tensor3D;
  const mask = causalMask(length);
  const activate = config.activation === "gelu" ? gelu : quickGelu;
  for (let i = 0; i < config.layers; i++) {
    const layer = `encoder.layers.${i}`;
    const first = layerNorm(weights, `${layer}.layer_norm1`, h, config.epsilon);
    h = tf.add(h, attention(weights, attentionNames(layer), config.heads, first, first, mask));
    const second = layerNorm(weights, `${layer}.layer_norm2`, h, config.epsilon);
    const inner = activate(tokenLinear(weights, `${layer}.mlp.fc1`, second));
    h = tf.add(h, tokenLinear(weights, `${layer}.mlp.fc2`, inner));
  }
  return layerNorm(weights, "final_layer_norm", h, config.epsilon);
}
