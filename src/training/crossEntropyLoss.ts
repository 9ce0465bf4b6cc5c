/**
 * @file The loss of classification.
 */
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";

/**
 * Mean over rows of −log softmax(logits)[label]: maximum likelihood of the classes, in nats (log C for a guess).
 *
 * @param logits tensor [B, C]
 * @param labels B class indices from 0
 * @throws InputError if there is not one label in 0 … C − 1 a row
 */
export function crossEntropyLoss(logits: Tensor, labels: ArrayLike<number>): Scalar {
  const [rows, classes] = logits.shape;
  assertInput(
    logits.rank === 2 && rows === labels.length,
    `crossEntropyLoss: got logits [${logits.shape.join(", ")}] and ${labels.length} labels; pass [B, C] and one label a row`,
  );
  const oneHot = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const label = labels[row];
    assertInput(
      Number.isInteger(label) && label >= 0 && label < classes,
      `crossEntropyLoss: label ${row} is ${label}; expected a whole number from 0 to ${classes - 1}`,
    );
    oneHot[row * classes + label] = 1;
  }
  return tf.tidy(() => {
    const logLikelihood = tf.mul(tf.logSoftmax(logits as Tensor2D), tf.tensor2d(oneHot, [rows, classes]));
    return tf.div(tf.neg(tf.sum(logLikelihood)), rows) as Scalar;
  });
}
