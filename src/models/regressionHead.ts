/**
 * @file The regression head: point feature → one pose vector.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { linear, linearParameters } from "./layers";
import type { ParameterSpec, Weights } from "./params";

/** Widths from the feature to the pose vector: [F, …, 9]. */
export interface RegressionHeadConfig {
  widths: readonly number[];
}

/** Paper A: 1024-512-512-9, 792,073 parameters; unused at inference by the diffusion. */
export const paperRegressionHead: RegressionHeadConfig = { widths: [1024, 512, 512, 9] };

/** 512-256-9. */
export const smallRegressionHead: RegressionHeadConfig = { widths: [512, 256, 9] };

/** 256-128-9. */
export const ablationRegressionHead: RegressionHeadConfig = { widths: [256, 128, 9] };

/** Parameters `regression.0`, `regression.2`, … (PyTorch's numbering of linear layers between ReLUs). */
export const regressionHeadParameters = ({ widths }: RegressionHeadConfig): ParameterSpec[] =>
  widths.slice(1).flatMap((width, i) => linearParameters(`regression.${2 * i}`, widths[i], width));

/**
 * Pose vectors [rotation6d | translation] of features: an MLP with ReLUs between.
 *
 * @param feature [B, F]
 * @returns [B, 9]
 */
export const regress = (weights: Weights, { widths }: RegressionHeadConfig, feature: Tensor2D): Tensor2D =>
  tf.tidy(() => {
    let h = feature;
    for (let i = 0; i < widths.length - 1; i++)
      h = linear(weights, `regression.${2 * i}`, h, i === widths.length - 2 ? "linear" : "relu");
    return h;
  });
