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
    () => tf.gather(x, indices),
    (dy) => [tf.unsortedSegmentSum(dy, indices, x.shape[0])],
  );
