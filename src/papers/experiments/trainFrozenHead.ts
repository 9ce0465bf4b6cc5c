/**
 * @file A score head that learns on features that no longer change.
 */
import { tf } from "../../backend";
import { meanOfNumbers } from "../../metrics/averages";
import type { Parameters } from "../../models/params";
import { dimensionOf, type ScoreNetworkConfig, scaledScore } from "../../models/scoreNetwork";
import type { Rng } from "../../random";
import { vesde } from "../../sde/vesde";
import { type DenoisingDraws, perturb } from "../../training/denoisingDraws";
import { fit } from "../../training/fit";
import type { LossFunction } from "../../training/gradients";
import { warmupExponential } from "../../training/schedule";
import { scoreMatchingLoss } from "../../training/scoreMatchingLoss";
import { createTrainingState } from "../../training/trainingState";
import type { EncodedObjects } from "./encodedObjects";
import { Interrupted } from "./experiment";
import { rounded } from "./testObjects";

/** How the head learns. */
export interface FrozenHeadTraining {
  score: ScoreNetworkConfig;
  steps: number;
  /** Objects a step. */
  batchSize: number;
  /** Draws of time and noise per object. */
  draws: number;
  /** Of objects, times and noise. */
  rng: Rng;
  /** A diffusion time. */
  time: (rng: Rng) => number;
  signal: AbortSignal;
  /** Called after each step. */
  progress: (step: number, loss: number) => void;
}

interface HeadBatch {
  features: Float32Array;
  draws: DenoisingDraws;
}

const headLoss =
  (score: ScoreNetworkConfig, batchSize: number): LossFunction<HeadBatch> =>
  (weights, { features, draws: { t, deviation, noise, noised } }) => {
    const feature = tf.tensor2d(features, [batchSize, score.featureSize]);
    const x = tf.tensor2d(noised, [t.length, dimensionOf(score)]);
    const total = scoreMatchingLoss(scaledScore(weights, score, { feature, x, t, sigma: deviation }), noise);
    return { total, parts: { diffusion: total } };
  };

/**
 * Train a score network in place by denoising score matching (paper A, eq. 3) on objects drawn with replacement; at the
 * end it holds the moving average of its weights.
 *
 * @returns the mean loss of the last fifth of the steps; of runs with the same times comparable
 * @throws Interrupted if the signal was aborted before the end
 */
export async function trainFrozenHead(
  parameters: Parameters,
  { features, poses }: EncodedObjects,
  { score, steps, batchSize, draws, rng, time, signal, progress }: FrozenHeadTraining,
): Promise<number> {
  const [width, dimension] = [score.featureSize, dimensionOf(score)];
  const objects = poses.length / dimension;
  const batches = (step: number): HeadBatch => {
    const own = rng.split(step);
    const [f, p] = [new Float32Array(batchSize * width), new Float32Array(batchSize * dimension)];
    for (let b = 0; b < batchSize; b++) {
      const object = own.integer(objects);
      f.set(features.subarray(object * width, (object + 1) * width), b * width);
      p.set(poses.subarray(object * dimension, (object + 1) * dimension), b * dimension);
    }
    const t = Float32Array.from({ length: batchSize * draws }, () => time(own));
    const noise = Float32Array.from({ length: t.length * dimension }, () => own.normal());
    return { features: f, draws: perturb(p, t, noise, (at) => vesde.sigma(at), draws) };
  };
  const state = createTrainingState(parameters);
  const learningRate = warmupExponential({ base: 1e-3, totalSteps: steps, finalFraction: 0.02 });
  const late: number[] = [];
  for await (const { step, loss } of fit({
    state,
    loss: headLoss(score, batchSize),
    batches,
    steps,
    learningRate,
    signal,
  })) {
    if (step > 0.8 * steps) late.push(loss);
    progress(step, loss);
  }
  if (signal.aborted) throw new Interrupted("stopped; this part begins anew, it takes a few minutes");
  state.parameters.values.set(state.ema);
  return rounded(meanOfNumbers(late));
}
