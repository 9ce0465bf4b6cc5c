/**
 * @file Batches of a score network that learns on features that no longer change, and its loss on them.
 */
import { tf } from "../backend";
import { dimensionOf, type ScoreNetworkConfig, scaledScore } from "../models/scoreNetwork";
import type { Rng } from "../random";
import { vesde } from "../sde/vesde";
import { type DenoisingDraws, focusedTime, perturb } from "../training/denoisingDraws";
import type { LossFunction } from "../training/gradients";
import { scoreMatchingLoss } from "../training/scoreMatchingLoss";
import type { EncodedObjects } from "./keptFeatures";

/** Rows of a score network's batch: B features, and R draws of time and noise for each. */
export interface HeadBatch {
  /** B × F. */
  features: Float32Array;
  draws: DenoisingDraws;
}

/** How objects, times and noise are drawn. */
export interface HeadDraws {
  score: ScoreNetworkConfig;
  /** B. */
  batchSize: number;
  /** R. */
  draws: number;
  /** Share of the diffusion times drawn from (0.05, 0.6) (`focusedTime`). */
  timeFocus: number;
  /** Of objects, times and noise; each step splits its own from it. */
  rng: Rng;
}

/** The batch of a step: objects drawn with replacement, by numbers of that step alone. */
export function headBatch(
  { features, poses }: EncodedObjects,
  { score, batchSize, draws, timeFocus }: Omit<HeadDraws, "rng">,
  rng: Rng,
): HeadBatch {
  const [width, dimension] = [score.featureSize, dimensionOf(score)];
  const objects = poses.length / dimension;
  const [f, p] = [new Float32Array(batchSize * width), new Float32Array(batchSize * dimension)];
  for (let b = 0; b < batchSize; b++) {
    const object = rng.integer(objects);
    f.set(features.subarray(object * width, (object + 1) * width), b * width);
    p.set(poses.subarray(object * dimension, (object + 1) * dimension), b * dimension);
  }
  const t = Float32Array.from({ length: batchSize * draws }, () => focusedTime(rng, timeFocus));
  const noise = Float32Array.from({ length: t.length * dimension }, () => rng.normal());
  return { features: f, draws: perturb(p, t, noise, (at) => vesde.sigma(at), draws) };
}

/** Paper A, eq. 6, of a score network alone. */
export const frozenHeadLoss =
  (score: ScoreNetworkConfig, batchSize: number): LossFunction<HeadBatch> =>
  (weights, { features, draws: { t, deviation, noise, noised } }) => {
    const feature = tf.tensor2d(features, [batchSize, score.featureSize]);
    const x = tf.tensor2d(noised, [t.length, dimensionOf(score)]);
    const total = scoreMatchingLoss(scaledScore(weights, score, { feature, x, t, sigma: deviation }), noise);
    return { total, parts: { diffusion: total } };
  };
