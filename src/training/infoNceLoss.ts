/**
 * @file The contrastive loss of template matching.
 */
import type { Scalar, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import { unitFeatures } from "../models/unitFeatures";

export interface SimilarityMatrixOptions {
  /** Norms are at least this. */
  epsilon?: number;
}

/**
 * s[i][j]: mean over template j's mask of the cosine between query i and template j; no threshold, as in training
 * (paper C, section 4.1.2).
 *
 * @param queries [Q, h, w, C]
 * @param templates [T, h, w, C]
 * @param masks [T, h, w], 1 on the template
 * @throws InputError if the sizes differ
 */
export function similarityMatrix(
  queries: Tensor4D,
  templates: Tensor4D,
  masks: Tensor3D,
  { epsilon = 1e-6 }: SimilarityMatrixOptions = {},
): Tensor2D {
  assertInput(
    queries.shape.slice(1).join() === templates.shape.slice(1).join() &&
      masks.shape.join() === templates.shape.slice(0, 3).join(),
    `similarityMatrix: queries [${queries.shape.join(", ")}], templates [${templates.shape.join(", ")}], masks [${masks.shape.join(", ")}] do not fit; give maps of one size and a mask for each template`,
  );
  return tf.tidy(() => {
    const flat = (x: Tensor4D): Tensor2D => tf.reshape(x, [x.shape[0], -1]);
    const counts = tf.maximum(tf.sum(masks, [1, 2]), 1);
    const shares = tf.div(masks, tf.reshape(counts, [-1, 1, 1]));
    const masked = tf.mul(unitFeatures(templates, epsilon), tf.expandDims(shares, 3)) as Tensor4D;
    return tf.matMul(flat(unitFeatures(queries, epsilon)), flat(masked), false, true);
  });
}

/**
 * InfoNCE (van den Oord et al. 2018, eq. 4; paper C, section 4.1.2): −log of softmax(s/τ) at the diagonal, mean over the
 * queries: template i is the positive of query i, the others are its negatives.
 *
 * @param similarities [M, T ≥ M]; templates beyond M are negatives of all
 * @param temperature τ; paper C 0.1
 */
export function infoNceLoss(similarities: Tensor2D, temperature: number = 0.1): Scalar {
  const [queries, templates] = similarities.shape;
  assertInput(
    templates >= queries && queries > 0,
    `infoNceLoss: got similarities [${similarities.shape.join(", ")}]; there must be a positive for each query`,
  );
  assertInput(temperature > 0, `infoNceLoss: the temperature is ${temperature}; it must be positive`);
  return tf.tidy(() => {
    const logits = tf.div(similarities, temperature) as Tensor2D;
    const positives = tf.sum(tf.mul(logits, tf.eye(queries, templates)), 1);
    return tf.mean(tf.sub(tf.logSumExp(logits, 1), positives)) as Scalar;
  });
}
