/**
 * @file Rows of a matrix by index.
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { withGradient } from "./withGradient";

/**
 * y[m] = x[indices[m]]; the gradient of a row is the sum over its uses.
 *
 * @param x [N, C]
 * @param indices [M], int32
 */
export const gatherRows = (x: Tensor2D, indices: Tensor1D): Tensor2D =>
  withGradient<Tensor2D>(
    [x],
    (save) => {
      save([indices]); // the tape keeps what is saved, not what the closure holds
      return tf.gather(x, indices);
    },
    (dy, [kept]) => [tf.unsortedSegmentSum(dy, kept as Tensor1D, x.shape[0])],
  );
