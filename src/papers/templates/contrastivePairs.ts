/**
 * @file Contrastive training on pairs of a picture and its template (paper C, section 4.1.2): what the networks that are
 * trained by it share.
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import type { Loss } from "../../training/gradients";
import { infoNceLoss, similarityMatrix } from "../../training/infoNceLoss";
import { type BatchStream, batchesAhead } from "../batchStream";
import type { StreamSchedule } from "../fitStream";
import { inTurn, type RealPictures, realBatches } from "./realPairs";
import type { RenderedModels } from "./renderedModels";
import { type ViewBatch, type ViewBatchOptions, type ViewSizes, viewBatches } from "./viewBatch";

/** Seed and length of a run; they determine every number. */
export interface ContrastiveRun {
  seed: number;
  steps: number;
  batchSize: number;
  viewsPerObject: number;
  visits: number;
  learningRate: number;
  /** Paper C 0.1. */
  temperature: number;
  /** Train on so many toys, in turn; default: each is seen once. */
  toys?: number;
}

/** About an hour on two CPU cores. */
export const defaultContrastiveRun: ContrastiveRun = {
  seed: 0,
  steps: 3_000,
  batchSize: 16,
  viewsPerObject: 4,
  visits: 4,
  learningRate: 1e-3,
  temperature: 0.1,
};

/** What a network learns from; default: toys alone. */
export interface PairSources {
  /** Real pictures, every second step. */
  real?: RealPictures;
  /** Renders of these instead of toys. */
  rendered?: RenderedModels;
}

/** What trainings on pairs may be given. */
export interface ContrastiveOptions extends PairSources {
  signal?: AbortSignal;
}

/** The words of the sources, for cards. */
export const sourceWords = ({ real, rendered }: PairSources): { real?: string; rendered?: string } => ({
  ...(real && { real: real.source }),
  ...(rendered && { rendered: rendered.source }),
});

/**
 * The pairs of a run, made ahead.
 *
 * @throws InputError if the views of an object do not divide the batch, or there are no real pictures
 */
export function pairsAhead(
  run: ContrastiveRun,
  picture: ViewSizes,
  { real, rendered }: PairSources = {},
): BatchStream<ViewBatch> {
  const { seed, batchSize, viewsPerObject, visits, toys } = run;
  assertInput(
    batchSize % viewsPerObject === 0,
    `pairsAhead: a batch of ${batchSize} does not hold whole objects of ${viewsPerObject} views; give a multiple`,
  );
  const options: ViewBatchOptions = {
    seed,
    batchSize,
    viewsPerObject,
    visits,
    ...picture,
    ...(toys !== undefined && { toys }),
    ...(rendered && { models: rendered.meshes }),
  };
  const realAt = real && realBatches(real.pairs, run, picture);
  const ofRenders = batchesAhead("templates/viewBatchWorker.js", options, viewBatches);
  return realAt ? inTurn(ofRenders, realAt) : ofRenders;
}

/** Length, rate and warm-up of a run, as `fitStream` takes them. */
export const pairsSchedule = ({ steps, learningRate }: ContrastiveRun): StreamSchedule => ({
  totalSteps: steps,
  learningRate,
  finalFraction: 0.05,
  warmupSteps: 100,
});

/** The pictures of a batch: queries, then templates. */
export function bothOf({ queries, templates }: Pick<ViewBatch, "queries" | "templates">): Uint8Array {
  const both = new Uint8Array(queries.length + templates.length);
  both.set(queries);
  both.set(templates, queries.length);
  return both;
}

/**
 * InfoNCE of the maps of a batch; `top1` is the share of queries whose own template is the most similar.
 *
 * @param maps [2·batch, g, g, C]: queries, then templates
 * @param masks batch × g × g, of the templates
 */
export function pairLoss(maps: Tensor4D, masks: Uint8Array, temperature: number): Loss {
  const [both, grid, , width] = maps.shape;
  const batch = both / 2;
  const half = (from: number): Tensor4D => tf.slice(maps, [from, 0, 0, 0], [batch, grid, grid, width]);
  const template: Tensor3D = tf.tensor3d(Float32Array.from(masks), [batch, grid, grid]);
  const similarities: Tensor2D = similarityMatrix(half(0), half(batch), template);
  const total = infoNceLoss(similarities, temperature);
  const own = tf.equal(tf.argMax(similarities, 1), tf.range(0, batch, 1, "int32"));
  return { total, parts: { top1: tf.mean(tf.cast(own, "float32")) } };
}
