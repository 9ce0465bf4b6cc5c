/**
 * @file FoldingNet's decoder: a sheet of points is folded into the object twice, each time as the feature says (Yang et
 * al., CVPR 2018, section 3.2). Only for pre-training by reconstruction (paper A, S.2.2).
 */
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { linearUniform } from "./initializers";
import { linear, linearParameters, weight } from "./layers";
import { relu } from "./ops/relu";
import type { ParameterSpec, Weights } from "./params";

/** Sizes of the decoder. */
export interface FoldingDecoderConfig {
  /** F, of the encoder. */
  featureSize: number;
  /** Points along a side of the sheet: M = side² points come out. FoldingNet: 45. */
  side: number;
  /** Hidden width of both layers of each folding. FoldingNet: 512. */
  width: number;
}

/** The sheet: side² points of [−1, 1]², row by row. */
export function foldingGrid(side: number): Float32Array {
  const at = (i: number): number => (side === 1 ? 0 : (2 * i) / (side - 1) - 1);
  return Float32Array.from({ length: 2 * side * side }, (_, k) => {
    const point = k >> 1;
    return k % 2 === 0 ? at(Math.floor(point / side)) : at(point % side);
  });
}

/** Coordinates that each folding reads beside the feature: the sheet's two, then the first folding's three. */
const inputsOf = [2, 3];

/** `folding.f.0.point` [F, W] acts on the feature, `folding.f.0.weight` on the coordinates; then two more layers. */
export const foldingDecoderParameters = ({ featureSize, width }: FoldingDecoderConfig): ParameterSpec[] =>
  inputsOf.flatMap((inputs, f) => {
    const start = linearUniform(featureSize + inputs);
    return [
      { name: `folding.${f}.0.point`, shape: [featureSize, width], initial: start },
      ...linearParameters(`folding.${f}.0`, inputs, width, { weight: start, bias: start }),
      ...linearParameters(`folding.${f}.2`, width, width),
      ...linearParameters(`folding.${f}.4`, width, 3),
    ];
  });

/**
 * Points of features: fold(feature, sheet), then fold(feature, points), each an MLP over rows [feature | coordinates].
 *
 * The feature's part of a first layer is computed once an object instead of once a point.
 *
 * @param feature [B, F]
 * @returns [B, side², 3]
 */
export const fold = (
  weights: Weights,
  { side, width }: Omit<FoldingDecoderConfig, "featureSize">,
  feature: Tensor2D,
): Tensor3D =>
  tf.tidy(() => {
    const batch = feature.shape[0];
    const points = side * side;
    const sheet = tf.tensor3d(foldingGrid(side), [1, points, 2]);
    let rows: Tensor2D = tf.reshape(tf.tile(sheet, [batch, 1, 1]), [batch * points, 2]);
    for (const f of inputsOf.keys()) {
      const ofFeature = tf.matMul(feature, weight<Tensor2D>(weights, `folding.${f}.0.point`));
      const ofRows = linear(weights, `folding.${f}.0`, rows, "linear", f > 0);
      // [B, M, W] + [B, 1, W]
      const sum = tf.add(
        tf.reshape(ofRows, [batch, points, width]),
        tf.reshape(ofFeature, [batch, 1, width]),
      ) as Tensor3D;
      const hidden = linear(
        weights,
        `folding.${f}.2`,
        relu(tf.reshape(sum, [batch * points, width]) as Tensor2D),
        "relu",
      );
      rows = linear(weights, `folding.${f}.4`, hidden);
    }
    return tf.reshape(rows, [batch, points, 3]);
  });
