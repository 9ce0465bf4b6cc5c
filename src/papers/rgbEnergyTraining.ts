/**
 * @file Training of the network that ranks paper B's hypotheses: GenPose's energy network on twelve numbers.
 */
import { tf } from "../backend";
import { assertInput } from "../check";
import { proceduralPhotoVersion } from "../datasets/procedural/proceduralPhoto";
import { poseSizeDimension } from "../geometry/poseSizeVector";
import { energyAndScore } from "../models/energyNetwork";
import { createParameters, type ParameterSpec } from "../models/params";
import { scoreNetworkParameters } from "../models/scoreNetwork";
import { encodeViews, viewEncoderParameters } from "../models/viewEncoder";
import { Rng } from "../random";
import type { TrainingStep } from "../training/fit";
import type { LossFunction } from "../training/gradients";
import { scoreMatchingLoss } from "../training/scoreMatchingLoss";
import { createTrainingState, type TrainingState } from "../training/trainingState";
import { adaptScoreWeights } from "./energyTraining";
import { fitStream } from "./fitStream";
import type { RgbBatch } from "./rgbBatch";
import type { RgbConfig, RgbVariant } from "./rgbMeanShift";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "./trainModel";
import { defaultRgbRun, photoFit, type RgbRun } from "./trainRgb";

/** Shorter than the score network's: the encoder is trained already. */
export const defaultRgbEnergyRun: RgbRun = { ...defaultRgbRun, steps: 4_000 };

/** The encoder, and a network of the score network's layout. */
export const rgbEnergyParameters = (config: RgbConfig): ParameterSpec[] => [
  ...viewEncoderParameters(config.encoder),
  ...scoreNetworkParameters(config.score),
];

/** The denoising loss (paper B, eq. 1) of the score ∂E/∂x that the energy implies (GenPose, section 3.3). */
export const rgbEnergyLoss =
  (config: RgbConfig): LossFunction<RgbBatch> =>
  (weights, { view, draws: { t, deviation, noise, noised } }) => {
    const { feature } = encodeViews(weights, config.encoder, view);
    const x = tf.tensor2d(noised, [t.length, poseSizeDimension]);
    const { score } = energyAndScore(weights, config.score, { feature, x, t, sigma: deviation });
    const total = scoreMatchingLoss(tf.mul(score, tf.tensor2d(deviation, [t.length, 1])), noise);
    return { total, parts: { energy: total } };
  };

/**
 * Train `state` in place to the end of the run, yielding every step. The encoder stays as it is: GenPose's energy
 * network has one of its own, trained anew, which here would cost as much as the score network again.
 */
export async function* trainRgbEnergy(
  config: RgbConfig,
  run: RgbRun,
  state: TrainingState,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<TrainingStep, void, undefined> {
  const encoder = new Set(viewEncoderParameters(config.encoder).map(({ name }) => name));
  const trainable = (name: string): boolean => !encoder.has(name);
  yield* fitStream({ ...photoFit(config, run), state, loss: rgbEnergyLoss(config), trainable, signal });
}

/** Options of `trainRgbEnergyModel`. */
export type TrainRgbEnergyOptions = NetworkTrainingOptions<TrainingStep> & {
  config: RgbConfig;
  /** Which variant `config` is; told in the card. */
  variant: RgbVariant;
  run: RgbRun;
};

/**
 * `trainModel` for the energy network; the model file is one of `loadRgbRanker`.
 *
 * @param options `start` is a model of `posediff train --network rgb` of the same preset and variant, whose encoder is
 *   kept and whose score network is where the energy begins (`adaptScoreWeights`)
 * @throws InputError without `start`
 * @throws Interrupted if the signal was aborted before the end; call again to go on
 */
export function trainRgbEnergyModel({
  config,
  variant,
  run,
  command,
  ...options
}: TrainRgbEnergyOptions): Promise<TrainedModel> {
  assertInput(
    options.start !== undefined,
    "train: the ranker of photos keeps the encoder of a trained network; give that network's model file by --start",
  );
  return trainModel({
    ...options,
    run: { preset: config.preset, run: { ...run, variant } },
    totalSteps: run.steps,
    state: createTrainingState(createParameters(rgbEnergyParameters(config), new Rng(run.seed).split("parameters"))),
    adapt: (parameters) => adaptScoreWeights(parameters, config.score),
    steps: (state, signal) => trainRgbEnergy(config, run, state, { signal }),
    card: {
      preset: config.preset,
      network: "rgbEnergy",
      variant,
      ...(command && { command }),
      seed: run.seed,
      photoVersion: proceduralPhotoVersion,
    },
  });
}
