/**
 * @file A head that names the category: point feature → one logit a class. Only for pre-training (paper A, S.2.2).
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { linear, linearParameters } from "./layers";
import type { ParameterSpec, Weights } from "./params";

/** Widths from the feature to the logits: [F, …, C]. */
export interface ClassificationHeadConfig {
  widths: readonly number[];
}

const layer = (i: number): string => `classification.${2 * i}`;

/** Parameters `classification.0`, `classification.2`, … (numbered as the regression head's). */
export const classificationHeadParameters = ({ widths }: ClassificationHeadConfig): ParameterSpec[] =>
  widths.slice(1).flatMap((width, i) => linearParameters(layer(i), widths[i], width));

/**
 * Logits of features: an MLP with ReLUs between.
 *
 * @param feature [B, F]
 * @returns [B, C]
 */
export const classify = (weights: Weights, { widths }: ClassificationHeadConfig, feature: Tensor2D): Tensor2D =>
  tf.tidy(() => {
    const last = widths.length - 2;
    let h = feature;
    for (let i = 0; i <= last; i++) h = linear(weights, layer(i), h, i === last ? "linear" : "relu");
    return h;
  });
