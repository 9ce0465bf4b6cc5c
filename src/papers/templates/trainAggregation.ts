/**
 * @file Training of an aggregation network over a frozen backbone, by InfoNCE on rendered objects (paper C, section
 * 4.1.2).
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { proceduralPhotoVersion } from "../../datasets/procedural/proceduralPhoto";
import {
  type AggregationConfig,
  type AggregationKind,
  aggregate,
  aggregationParameters,
} from "../../models/aggregation";
import { type FeatureBackbone, resizedMaps } from "../../models/featureBackbone";
import { createParameters, type Weights } from "../../models/params";
import { Rng } from "../../random";
import type { TrainingStep } from "../../training/fit";
import type { LossFunction } from "../../training/gradients";
import { createTrainingState, type TrainingState } from "../../training/trainingState";
import { fitStream } from "../fitStream";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "../trainModel";
import type { AggregationPreset } from "./aggregationModel";
import {
  bothOf,
  type ContrastiveOptions,
  type ContrastiveRun,
  type PairSources,
  pairLoss,
  pairsAhead,
  pairsSchedule,
  sourceWords,
} from "./contrastivePairs";

/** The preset of a kind over EfficientNet-Lite0's stages 2–5: crops of 128 pixels, maps of 16 × 16 × 32. */
export const aggregationPreset = (
  kind: AggregationKind,
  { zero, width = 32 }: { zero?: AggregationConfig["zero"]; width?: number } = {},
): AggregationPreset => ({
  backbone: "efficientnet-lite0",
  options: { inputSize: 128, layers: [2, 3, 4, 5] },
  grid: 16,
  aggregation: { kind, channels: [24, 40, 80, 112], width, ...(zero && { zero }) },
});

/** Frozen features of a batch: queries, then templates. */
export interface FeatureBatch {
  /** One a layer, 2·batch × 2g × 2g × C. */
  features: { shape: [number, number, number, number]; values: Float32Array }[];
  /** batch × g × g. */
  masks: Uint8Array;
}

/** `pairLoss` of the aggregated maps. */
export const aggregationLoss =
  ({ aggregation }: AggregationPreset, temperature: number): LossFunction<FeatureBatch> =>
  (weights: Weights, { features, masks }) => {
    const maps = features.map(({ shape, values }) => tf.tensor4d(values, shape));
    return pairLoss(aggregate(weights, aggregation, maps).map, masks, temperature);
  };

/** The state before the first step. */
export const startAggregation = (
  { aggregation }: AggregationPreset,
  { seed }: Pick<ContrastiveRun, "seed">,
): TrainingState =>
  createTrainingState(createParameters(aggregationParameters(aggregation), new Rng(seed).split("parameters")));

/** Train `state` in place to the end of the run, yielding every step; stopped and saved, it goes on bit for bit. */
export async function* trainAggregation(
  preset: AggregationPreset,
  backbone: FeatureBackbone,
  run: ContrastiveRun,
  state: TrainingState,
  { signal, ...sources }: ContrastiveOptions = {},
): AsyncGenerator<TrainingStep, void, undefined> {
  const { grid } = preset;
  const stream = pairsAhead(run, { size: backbone.inputSize, grid }, sources);
  const featuresAt = async (step: number): Promise<FeatureBatch> => {
    const pairs = await stream.batch(step);
    const maps = resizedMaps(await backbone.features(bothOf(pairs), 2 * pairs.batch), 2 * grid);
    const features = await Promise.all(
      maps.map(async (map: Tensor) => ({
        shape: map.shape as [number, number, number, number],
        values: (await map.data()) as Float32Array,
      })),
    );
    tf.dispose(maps);
    return { features, masks: pairs.masks };
  };
  yield* fitStream({
    stream: { batch: featuresAt, close: stream.close },
    state,
    loss: aggregationLoss(preset, run.temperature),
    ...pairsSchedule(run),
    signal,
  });
}

/**
 * The same in a folder: saved, stopped, resumed. The model file is one of `loadAggregation`.
 *
 * @throws Interrupted if the signal was aborted before the end; call again to go on
 */
export function trainAggregationModel({
  preset,
  backbone,
  run,
  sources = {},
  command,
  ...options
}: NetworkTrainingOptions<TrainingStep> & {
  preset: AggregationPreset;
  backbone: FeatureBackbone;
  run: ContrastiveRun;
  sources?: PairSources;
}): Promise<TrainedModel> {
  return trainModel({
    ...options,
    run: { preset: preset.aggregation.kind, run: { ...run, aggregation: preset, ...sourceWords(sources) } },
    totalSteps: run.steps,
    state: startAggregation(preset, run),
    steps: (state, signal) => trainAggregation(preset, backbone, run, state, { signal, ...sources }),
    card: {
      preset: preset.aggregation.kind,
      network: "aggregation",
      aggregation: preset,
      ...(command && { command }),
      seed: run.seed,
      photoVersion: proceduralPhotoVersion,
      ...sourceWords(sources),
    },
  });
}
