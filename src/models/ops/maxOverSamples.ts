/**
 * @file The symmetric function of PointNet: maximum over the points of a group.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { withGradient } from "./withGradient";

/**
 * y[g, c] = max over s of x[g·S + s, c].
 *
 * Equal maxima share the gradient evenly: a ball query repeats its first hit to fill a group, and each copy taking
 * the whole gradient (as tf.max has it) would count that point several times.
 *
 * @param x [G·S, C]
 * @returns [G, C]
 */
export function maxOverSamples(x: Tensor2D, samples: number): Tensor2D {
  const [rows, channels] = x.shape;
  const groups = rows / samples;
  return withGradient<Tensor2D>(
    [x],
    (save) => {
      const y = tf.max(tf.reshape(x, [groups, samples, channels]), 1) as Tensor2D;
      save([x, y]);
      return y;
    },
    (dy, [input, y]) => {
      const grouped = tf.reshape(input, [groups, samples, channels]);
      const winners = tf.cast(tf.equal(grouped, tf.reshape(y, [groups, 1, channels])), "float32");
      const share = tf.reshape(tf.div(dy, tf.sum(winners, 1)), [groups, 1, channels]);
      return [tf.reshape(tf.mul(winners, share), [rows, channels])];
    },
  );
}
