/**
 * @file Training of the embedded diffusion network on rendered pictures.
 */
import { proceduralPhotoVersion } from "../datasets/procedural/proceduralPhoto";
import { createParameters } from "../models/params";
import { Rng } from "../random";
import type { TrainingStep } from "../training/fit";
import { createTrainingState, type TrainingState } from "../training/trainingState";
import { batchesAhead } from "./batchStream";
import {
  embeddedUNet,
  type PictureDiffusionConfig,
  pictureDiffusionLoss,
  pictureDiffusionParameters,
  pictureSchedule,
} from "./embeddedUNet";
import { fitStream } from "./fitStream";
import { pictureBatches } from "./pictureBatch";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "./trainModel";

/** Seed and length of a run; they determine every number. */
export interface DiffusionRun {
  seed: number;
  steps: number;
  batchSize: number;
  /** How often a rendered scene is seen. */
  visits: number;
  learningRate: number;
}

/** What two CPU cores take in some hours. */
export const defaultDiffusionRun: DiffusionRun = {
  seed: 0,
  steps: 12_000,
  batchSize: 16,
  visits: 8,
  learningRate: 1e-3,
};

/** The state before the first step. */
export const startDiffusion = (config: PictureDiffusionConfig, { seed }: Pick<DiffusionRun, "seed">): TrainingState =>
  createTrainingState(createParameters(pictureDiffusionParameters(config), new Rng(seed).split("parameters")));

/** Train `state` in place to the end of the run, yielding every step; stopped and saved, it goes on bit for bit. */
export async function* trainDiffusion(
  config: PictureDiffusionConfig,
  { seed, steps, batchSize, visits, learningRate }: DiffusionRun,
  state: TrainingState,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<TrainingStep, void, undefined> {
  const options = { seed, batchSize, visits, size: config.size, timesteps: pictureSchedule.steps };
  const stream = batchesAhead("pictureBatchWorker.js", options, pictureBatches);
  const loss = pictureDiffusionLoss(config);
  yield* fitStream({
    stream,
    state,
    loss,
    totalSteps: steps,
    learningRate,
    finalFraction: 0.02,
    warmupSteps: 200,
    signal,
  });
}

/**
 * The same in a folder: saved, stopped, resumed. The model file is one of `loadPictureDiffusion`.
 *
 * @throws Interrupted if the signal was aborted before the end; call again to go on
 */
export const trainDiffusionModel = ({
  run,
  command,
  ...options
}: NetworkTrainingOptions<TrainingStep> & { run: DiffusionRun }): Promise<TrainedModel> =>
  trainModel({
    ...options,
    run: { preset: "small", run },
    totalSteps: run.steps,
    state: startDiffusion(embeddedUNet, run),
    steps: (state, signal) => trainDiffusion(embeddedUNet, run, state, { signal }),
    card: {
      preset: "small",
      network: "diffusion",
      ...(command && { command }),
      seed: run.seed,
      photoVersion: proceduralPhotoVersion,
    },
  });
