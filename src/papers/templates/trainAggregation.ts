/**
 * @file Training of an aggregation network over a frozen backbone, by InfoNCE on rendered objects (paper C, section
 * 4.1.2).
 */
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
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
import { infoNceLoss, similarityMatrix } from "../../training/infoNceLoss";
import { createTrainingState, type TrainingState } from "../../training/trainingState";
import { batchesAhead } from "../batchStream";
import { fitStream } from "../fitStream";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "../trainModel";
import type { AggregationPreset } from "./aggregationModel";
import { type ViewBatchOptions, viewBatches } from "./viewBatch";

/** Seed and length of a run; they determine every number. */
export interface AggregationRun {
  seed: number;
  steps: number;
  batchSize: number;
  viewsPerObject: number;
  visits: number;
  learningRate: number;
  /** Paper C 0.1. */
  temperature: number;
}

/** About an hour on two CPU cores. */
export const defaultAggregationRun: AggregationRun = {
  seed: 0,
  steps: 3_000,
  batchSize: 16,
  viewsPerObject: 4,
  visits: 4,
  learningRate: 1e-3,
  temperature: 0.1,
};

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
  batch: number;
}

/** InfoNCE of the aggregated maps; `top1` is the share of queries whose own template is the most similar. */
export const aggregationLoss =
  ({ aggregation, grid }: AggregationPreset, temperature: number): LossFunction<FeatureBatch> =>
  (weights: Weights, { features, masks, batch }) => {
    const maps = features.map(({ shape, values }) => tf.tensor4d(values, shape));
    const { map } = aggregate(weights, aggregation, maps);
    const half = (from: number): Tensor4D => tf.slice(map, [from, 0, 0, 0], [batch, grid, grid, aggregation.width]);
    const template = tf.tensor3d(Float32Array.from(masks), [batch, grid, grid]) as Tensor3D;
    const similarities: Tensor2D = similarityMatrix(half(0), half(batch), template);
    const total = infoNceLoss(similarities, temperature);
    const own = tf.equal(tf.argMax(similarities, 1), tf.range(0, batch, 1, "int32"));
    return { total, parts: { top1: tf.mean(tf.cast(own, "float32")) } };
  };

/** The state before the first step. */
export const startAggregation = (
  { aggregation }: AggregationPreset,
  { seed }: Pick<AggregationRun, "seed">,
): TrainingState =>
  createTrainingState(createParameters(aggregationParameters(aggregation), new Rng(seed).split("parameters")));

/** Train `state` in place to the end of the run, yielding every step; stopped and saved, it goes on bit for bit. */
export async function* trainAggregation(
  preset: AggregationPreset,
  backbone: FeatureBackbone,
  run: AggregationRun,
  state: TrainingState,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<TrainingStep, void, undefined> {
  const { seed, steps, batchSize, viewsPerObject, visits, learningRate, temperature } = run;
  const { grid } = preset;
  assertInput(
    batchSize % viewsPerObject === 0,
    `trainAggregation: a batch of ${batchSize} does not hold whole objects of ${viewsPerObject} views; give a multiple`,
  );
  const options: ViewBatchOptions = { seed, batchSize, viewsPerObject, visits, size: backbone.inputSize, grid };
  const stream = batchesAhead("templates/viewBatchWorker.js", options, viewBatches);
  const featuresAt = async (step: number): Promise<FeatureBatch> => {
    const { queries, templates, masks, batch } = await stream.batch(step);
    const both = new Uint8Array(2 * queries.length);
    both.set(queries);
    both.set(templates, queries.length);
    const maps = resizedMaps(await backbone.features(both, 2 * batch), 2 * grid);
    const features = await Promise.all(
      maps.map(async (map: Tensor) => ({
        shape: map.shape as [number, number, number, number],
        values: (await map.data()) as Float32Array,
      })),
    );
    tf.dispose(maps);
    return { features, masks, batch };
  };
  yield* fitStream({
    stream: { batch: featuresAt, close: stream.close },
    state,
    loss: aggregationLoss(preset, temperature),
    totalSteps: steps,
    learningRate,
    finalFraction: 0.05,
    warmupSteps: 100,
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
  command,
  ...options
}: NetworkTrainingOptions<TrainingStep> & {
  preset: AggregationPreset;
  backbone: FeatureBackbone;
  run: AggregationRun;
}): Promise<TrainedModel> {
  return trainModel({
    ...options,
    run: { preset: preset.aggregation.kind, run: { ...run, aggregation: preset } },
    totalSteps: run.steps,
    state: startAggregation(preset, run),
    steps: (state, signal) => trainAggregation(preset, backbone, run, state, { signal }),
    card: {
      preset: preset.aggregation.kind,
      network: "aggregation",
      aggregation: preset,
      ...(command && { command }),
      seed: run.seed,
      photoVersion: proceduralPhotoVersion,
    },
  });
}
