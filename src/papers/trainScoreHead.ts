/**
 * @file The diffusion head alone, on the features of a trained encoder that stays as it is.
 *
 * Jointly learned, the two heads share every step, and a step is nearly all encoder. What the head then still does not
 * say of the feature it learns here at a tenth of the cost: each cloud is encoded once, in the mean over draws of points
 * as an estimate takes it, and the head goes through the rows with new times and noise.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { assertInput } from "../check";
import type { Parameters } from "../models/params";
import { dimensionOf, scoreNetworkParameters } from "../models/scoreNetwork";
import { Rng } from "../random";
import type { TrainingStep } from "../training/fit";
import { grownScoreHeads } from "../training/grownScoreHeads";
import { modelDigest } from "../training/modelDigest";
import type { TrainingState } from "../training/trainingState";
import { cloudEncoder } from "./cloudEncoder";
import { fitFrozenHead } from "./fitFrozenHead";
import { Interrupted } from "./interrupted";
import type { JointLearningConfig } from "./jointLearning";
import { type EncodedObjects, keptFeatures } from "./keptFeatures";
import { pause } from "./pause";
import { startJoint } from "./trainJoint";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "./trainModel";

/** A run, as plain data. */
export interface ScoreHeadRun {
  seed: number;
  steps: number;
  /** Clouds a step. */
  batchSize: number;
  /** Draws of time and noise per cloud and step. */
  draws: number;
  /** Clouds that are encoded, a multiple of `encodedAtOnce`. */
  clouds: number;
  /** Draws of points whose mean feature is a row. */
  pointDraws: number;
  /** Rendered views from which the clouds are drawn and augmented. */
  poolSize: number;
  learningRate: number;
}

/** Clouds that are encoded together. */
export const encodedAtOnce = 32;

/**
 * For the small network. Every cloud is a view of its own and is drawn five times, each time with twenty times and noises
 * of its own: clouds that come back much more often are learned by heart.
 */
export const defaultScoreHeadRun: ScoreHeadRun = {
  seed: 0,
  steps: 16_000,
  batchSize: 64,
  draws: 20,
  clouds: 204_800,
  pointDraws: 4,
  poolSize: 204_800,
  learningRate: 5e-4,
};

/** Where and how the clouds of a run are encoded. */
interface Encoding {
  /** Holds the encoder. */
  parameters: Parameters;
  folder: string;
  start: string;
  signal: AbortSignal;
  progress?: (share: number, note: string) => void;
}

/** The run's clouds as the encoder sees them, from the folder's file as far as that goes; undefined: stopped. */
async function encodedClouds(
  config: JointLearningConfig,
  run: ScoreHeadRun,
  { parameters, folder, start, signal, progress }: Encoding,
): Promise<EncodedObjects | undefined> {
  const { clouds, pointDraws, poolSize, seed } = run;
  const batches = clouds / encodedAtOnce;
  // Fewer clouds are the first of more: their number is no part of the name.
  const made = JSON.stringify([modelDigest(start), pointDraws, poolSize, seed]);
  const digest = createHash("sha256").update(made).digest("hex").slice(0, 12);
  let told = performance.now();
  try {
    return await keptFeatures({
      batches,
      batchSize: encodedAtOnce,
      width: config.score.featureSize,
      dimension: dimensionOf(config.score),
      path: join(folder, `features-${digest}.f32`),
      open: () => cloudEncoder(config, parameters, { batchSize: encodedAtOnce, pointDraws, poolSize, seed }),
      pause: () => pause({ signal }),
      progress: (done) => {
        if (performance.now() - told < 20_000 && done < batches) return;
        told = performance.now();
        progress?.(0, `encoded ${done * encodedAtOnce} of ${clouds} clouds`);
      },
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return undefined;
  }
}

export type TrainScoreHeadOptions = NetworkTrainingOptions<TrainingStep> & {
  config: JointLearningConfig;
  run: ScoreHeadRun;
};

/** Train the score network in `state` in place to the end of the run, yielding every step; encoder and regression stay. */
async function* trainScoreHead(
  { config, run, ...encoding }: Pick<TrainScoreHeadOptions, "config" | "run"> & Encoding,
  state: TrainingState,
): AsyncGenerator<TrainingStep, void, undefined> {
  const { batchSize, draws, learningRate, seed, steps } = run;
  if (state.step >= steps) return; // nothing is encoded for a run that is complete
  const encoded = await encodedClouds(config, run, encoding);
  if (!encoded) return;
  const { score, timeFocus } = config;
  const own = new Set(scoreNetworkParameters(score).map(({ name }) => name));
  yield* fitFrozenHead({
    state,
    encoded,
    score,
    timeFocus,
    batchSize,
    draws,
    steps,
    learningRate,
    rng: new Rng(seed).split("score head"),
    trainable: (name) => own.has(name),
    signal: encoding.signal,
  });
}

/**
 * `trainModel` for the score network of a trained model of paper A. The model file is one of `loadPoseEstimator`: encoder
 * and regression head are those of `start`, whose score network may be narrower or less deep (`grownScoreHeads`).
 *
 * @throws InputError without `start`, or if `clouds` is not a multiple of 32
 * @throws Interrupted if the signal was aborted before the end; call again to go on
 */
export async function trainScoreHeadModel({
  config,
  run,
  command,
  ...options
}: TrainScoreHeadOptions): Promise<TrainedModel> {
  const { start, folder, progress, where = "trainScoreHeadModel" } = options;
  assertInput(
    start,
    `${where}: the score network learns on a trained encoder; give its model file by ${where === "train" ? "--start" : "start"}`,
  );
  assertInput(
    run.clouds > 0 && run.clouds % encodedAtOnce === 0,
    `${where}: ${run.clouds} clouds cannot be encoded ${encodedAtOnce} at a time; give a multiple of ${encodedAtOnce}`,
  );
  return trainModel({
    ...options,
    run: { preset: config.preset, run },
    totalSteps: run.steps,
    state: startJoint(config, run),
    grow: (model) => grownScoreHeads(model, config.score),
    steps: (at, own) =>
      trainScoreHead({ config, run, parameters: at.parameters, folder, start, signal: own, progress }, at),
    card: { preset: config.preset, ...(command && { command }), seed: run.seed },
  });
}
