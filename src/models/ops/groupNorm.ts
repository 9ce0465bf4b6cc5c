/**
 * @file Group norm with a closed gradient: eight passes over the map where differentiating its parts takes thirty.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { withGradient } from "./withGradient";

/** The mean over the channels of each group, for each channel: [B, C] → [B, 1, 1, C]. */
function overGroups(x: Tensor2D, groups: number): Tensor4D {
  const [batch, channels] = x.shape;
  const means = tf.mean(tf.reshape(x, [batch, groups, channels / groups]), 2, true);
  return tf.reshape(tf.tile(means, [1, 1, channels / groups]), [batch, 1, 1, channels]);
}

/**
 * γ·(x − mean)/√(var + ε) + β, mean and variance over all pixels and the channels of a group (Wu & He 2018, eq. 1).
 *
 * With n = (x − mean)/s, g = γ·dy and means over a group: dx = (g − mean(g) − n·mean(g·n))/s.
 *
 * @param x [B, H, W, C], C a multiple of `groups`
 * @param scale γ [C]
 * @param shift β [C]
 */
export const groupNorm = (x: Tensor4D, scale: Tensor1D, shift: Tensor1D, groups: number, epsilon: number): Tensor4D =>
  withGradient<Tensor4D>(
    [x, scale, shift],
    (save) => {
      const deviation = tf.sub(x, overGroups(tf.mean(x, [1, 2]), groups)) as Tensor4D;
      const variance = overGroups(tf.mean(tf.square(deviation), [1, 2]), groups);
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      save([deviation, inverse, scale]);
      return tf.add(tf.mul(deviation, tf.mul(inverse, scale)), shift);
    },
    (dy, [deviation, inverse, gamma]) => {
      const normal = tf.mul(deviation, inverse);
      // Means over the pixels, [B, C]: of dy and of dy·n.
      const plain: Tensor2D = tf.mean(dy, [1, 2]);
      const along: Tensor2D = tf.mean(tf.mul(dy, normal), [1, 2]);
      const mean = overGroups(tf.mul(plain, gamma), groups);
      const slope = overGroups(tf.mul(along, gamma), groups);
      const inner = tf.sub(tf.sub(tf.mul(dy, gamma), mean), tf.mul(normal, slope));
      const pixels = x.shape[1] * x.shape[2];
      const total = (rows: Tensor): Tensor => tf.mul(tf.sum(rows, 0), pixels);
      return [tf.mul(inner, inverse), total(along), total(plain)];
    },
  );
