/**
 * @file Multi-head attention on tokens (Vaswani et al. 2017, eq. 1 and section 3.2.2), exact, in slices of queries where
 * the weights would not fit.
 */
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import type { ParameterSpec, Weights } from "../params";
import { tokenLinear, tokenLinearParameters } from "./imageLayers";

/** More attention weights than this (256 MB) are made slice by slice. */
const mostWeights = 1 << 26;

/** The names of an attention layer's four linear maps. */
export interface AttentionNames {
  query: string;
  key: string;
  value: string;
  output: string;
}

/** diffusers' names after `prefix`. */
export const diffusersAttention = (prefix: string): AttentionNames => ({
  query: `${prefix}.to_q`,
  key: `${prefix}.to_k`,
  value: `${prefix}.to_v`,
  output: `${prefix}.to_out.0`,
});

/**
 * The four maps' parameters: width → width, keys and values from `context` channels.
 *
 * @param inputBias whether queries, keys and values have one
 */
export const attentionParameters = (
  names: AttentionNames,
  width: number,
  context: number,
  inputBias: boolean,
): ParameterSpec[] => [
  ...tokenLinearParameters(names.query, width, width, { bias: inputBias }),
  ...tokenLinearParameters(names.key, context, width, { bias: inputBias }),
  ...tokenLinearParameters(names.value, context, width, { bias: inputBias }),
  ...tokenLinearParameters(names.output, width, width),
];

/** [B, N, h·d] → [B·h, N, d]. */
function splitHeads(x: Tensor3D, heads: number): Tensor3D {
  const [batch, tokens, width] = x.shape;
  const split = tf.transpose(tf.reshape(x, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
  return tf.reshape(split, [batch * heads, tokens, width / heads]);
}

/**
 * softmax(Q·Kᵀ/√d + mask)·V in `heads` heads, projected.
 *
 * @param x [B, N, C]: the queries' tokens
 * @param context [B, M, C']: keys and values; x itself for self-attention
 * @param mask [N, M], added before the softmax
 */
export function attention(
  weights: Weights,
  names: AttentionNames,
  heads: number,
  x: Tensor3D,
  context: Tensor3D = x,
  mask?: Tensor2D,
): Tensor3D {
  const query = splitHeads(tokenLinear(weights, names.query, x), heads);
  const key = splitHeads(tokenLinear(weights, names.key, context), heads);
  const value = splitHeads(tokenLinear(weights, names.value, context), heads);
  const [rows, tokens, size] = query.shape;
  const others = key.shape[1];
  const scaled = tf.mul(query, 1 / Math.sqrt(size)) as Tensor3D;
  const attend = (from: number, count: number): Tensor3D =>
    tf.tidy(() => {
      const slice = count === tokens ? scaled : tf.slice(scaled, [0, from, 0], [rows, count, size]);
      const logits = tf.matMul(slice, key, false, true) as Tensor3D;
      const masked = mask ? tf.add(logits, tf.slice(mask, [from, 0], [count, others])) : logits;
      return tf.matMul(tf.softmax(masked), value) as Tensor3D;
    });
  const step = Math.max(1, Math.min(tokens, Math.floor(mostWeights / (rows * others))));
  const slices: Tensor3D[] = [];
  for (let from = 0; from < tokens; from += step) slices.push(attend(from, Math.min(step, tokens - from)));
  const joined = slices.length === 1 ? slices[0] : tf.concat(slices, 1);
  const batch = x.shape[0];
  const merged = tf.transpose(tf.reshape(joined, [batch, heads, tokens, size]), [0, 2, 1, 3]);
  return tokenLinear(weights, names.output, tf.reshape(merged, [batch, tokens, heads * size]));
}
