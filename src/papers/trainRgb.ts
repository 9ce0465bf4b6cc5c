/**
 * @file Training of paper B's network on the embedded photos.
 */

import { assertInput } from "../check";
import { proceduralPhotoVersion } from "../datasets/procedural/proceduralPhoto";
import { openStateDict } from "../formats/weightFile";
import { createParameters } from "../models/params";
import { loadResNetWeights } from "../models/resNetWeights";
import type { TorchState } from "../models/torchWeights";
import { Rng } from "../random";
import type { TrainingStep } from "../training/fit";
import { createTrainingState, type TrainingState } from "../training/trainingState";
import { type BatchStream, batchesAhead } from "./batchStream";
import { type FitStreamOptions, fitStream, type StreamSchedule } from "./fitStream";
import { type RgbBatch, type RgbBatchOptions, rgbBatches } from "./rgbBatch";
import { type RgbConfig, type RgbVariant, rgbLoss, rgbParameters } from "./rgbMeanShift";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "./trainModel";

/** Seed, length and sizes of a run; with the configuration it determines every number. */
export interface RgbRun {
  seed: number;
  steps: number;
  batchSize: number;
  /** Draws of time and noise per encoder pass. */
  draws: number;
  /** How often a rendered scene is seen. */
  visits: number;
  learningRate: number;
  /** Learning rate of the last step as a share of that. */
  finalFraction: number;
}

/** Draws and batch that two CPU cores take. */
export const defaultRgbRun: RgbRun = {
  seed: 0,
  steps: 24_000,
  batchSize: 32,
  draws: 16,
  visits: 8,
  learningRate: 1e-3,
  finalFraction: 0.02,
};

/** The state before the first step. */
export const startRgb = (config: RgbConfig, { seed }: Pick<RgbRun, "seed">): TrainingState =>
  createTrainingState(createParameters(rgbParameters(config), new Rng(seed).split("parameters")));

/** Options of the batches that a configuration trains on. */
export const rgbBatchOptions = (config: RgbConfig, run: RgbRun): RgbBatchOptions => ({
  seed: run.seed,
  batchSize: run.batchSize,
  draws: run.draws,
  visits: run.visits,
  cropSize: config.encoder.rgb.inputSize[0],
  form: { allocentric: config.allocentric, standard: config.standard },
  dropRate: config.dropRate,
  timeFocus: config.timeFocus,
});

/** The batches of a run, made ahead by a thread of their own. */
export const photoStream = (config: RgbConfig, run: RgbRun): BatchStream<RgbBatch> =>
  batchesAhead("rgbBatchWorker.js", rgbBatchOptions(config, run), rgbBatches);

/** What a run of `fitStream` on photos is, whatever it loses. */
export const photoFit = (
  config: RgbConfig,
  run: RgbRun,
): Pick<FitStreamOptions<RgbBatch>, "stream"> & StreamSchedule => ({
  stream: photoStream(config, run),
  totalSteps: run.steps,
  learningRate: run.learningRate,
  finalFraction: run.finalFraction,
  warmupSteps: 200,
});

/** Train `state` in place to the end of the run, yielding every step; stopped and saved, it goes on bit for bit. */
export async function* trainRgb(
  config: RgbConfig,
  run: RgbRun,
  state: TrainingState,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<TrainingStep, void, undefined> {
  yield* fitStream({ ...photoFit(config, run), state, loss: rgbLoss(config), signal });
}

/** Options of `trainRgbModel`. */
export type TrainRgbOptions = NetworkTrainingOptions<TrainingStep> & {
  config: RgbConfig;
  /** Which variant `config` is; told in the card. */
  variant: RgbVariant;
  run: RgbRun;
  /** Weights of a torchvision ResNet (.pth or .safetensors) with which the network of the crop's colours begins. */
  pretrained?: string;
};

/** The state before the first step, the colours' network from a file. @throws InputError if it does not fit the preset */
export function startPretrained(config: RgbConfig, run: Pick<RgbRun, "seed">, path: string): TrainingState {
  assertInput(
    config.encoder.rgb.norm === "batch",
    `startPretrained: the preset ${config.preset} has no torchvision network; leave the file away, or take the preset paper`,
  );
  const torch: TorchState = Object.fromEntries(
    [...openStateDict(path)]
      .filter(([, { dtype }]) => dtype.includes("F"))
      .map(([name, tensor]) => [name, { shape: tensor.shape, values: tensor.read() as Float32Array }]),
  );
  const state = startRgb(config, run);
  loadResNetWeights(state.parameters, "rgb.", torch);
  state.ema.set(state.parameters.values);
  return state;
}

/**
 * The same in a folder: saved, stopped, resumed. The model file is one of `loadRgbEstimator`.
 *
 * @throws Interrupted if the signal was aborted before the end; call again to go on
 */
export const trainRgbModel = ({
  config,
  variant,
  run,
  pretrained,
  command,
  ...options
}: TrainRgbOptions): Promise<TrainedModel> =>
  trainModel({
    ...options,
    run: {
      preset: config.preset,
      run: { ...run, variant, regression: config.regression !== undefined, ...(pretrained && { pretrained: true }) },
    },
    totalSteps: run.steps,
    state: pretrained ? startPretrained(config, run, pretrained) : startRgb(config, run),
    steps: (state, signal) => trainRgb(config, run, state, { signal }),
    card: {
      preset: config.preset,
      network: "rgb",
      variant,
      regression: config.regression !== undefined,
      ...(command && { command }),
      seed: run.seed,
      photoVersion: proceduralPhotoVersion,
    },
  });
