/**
 * @file The linear aggregation of frozen features: each layer's cells in the space of their canonical correlations
 * between pictures and templates of the same view. Learned in closed form from renders or real pictures, in minutes; a file.
 */
import { join } from "node:path";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import type { BopDataset } from "../../datasets/bop";
import { maskGrid } from "../../datasets/maskGrid";
import { renderTemplate } from "../../datasets/renderTemplate";
import type { Mesh } from "../../geometry/mesh";
import { lookAtRotation, nearestDirection, templateDirections } from "../../geometry/viewpoint";
import { type FeatureBackbone, resizedMaps } from "../../models/featureBackbone";
import { constant } from "../../models/initializers";
import { createParameters, type ParameterSpec } from "../../models/params";
import { unitFeatures } from "../../models/unitFeatures";
import { Rng } from "../../random";
import { addPair, canonicalProjection, noPairs } from "../../training/canonicalCorrelation";
import { type ModelCard, saveModel } from "../../training/checkpoint";
import { batchesAhead } from "../batchStream";
import { Interrupted } from "../interrupted";
import { claimFolder } from "../trainModel";
import type { BackboneOptions } from "./backbones";
import { type TemplateQueriesOptions, templateCrops } from "./evaluateTemplates";
import type { TemplateSettings } from "./templateStore";
import { type ViewBatch, type ViewBatchOptions, viewBatches } from "./viewBatch";

/** Which features, on which grid; a file's card holds this. */
export interface CanonicalPreset {
  backbone: string;
  options: BackboneOptions;
  grid: number;
}

/** The frozen default: EfficientNet-Lite0's stages 3–5 of crops of 224 pixels on 28 × 28 cells. */
export const canonicalPreset: CanonicalPreset = {
  backbone: "efficientnet-lite0",
  options: { inputSize: 224, layers: [3, 4, 5] },
  grid: 28,
};

/** Seed and length of a fit; they determine every number. */
export interface CanonicalRun {
  seed: number;
  /** Pictures with their templates, each of another toy; some hundred cells each. */
  pairs: number;
  shrinkage: number;
}

/** About two minutes of one core. */
export const defaultCanonicalRun: CanonicalRun = { seed: 0, pairs: 240, shrinkage: 0.1 };

/** Arrays of a file: the means `layers.0.queries` and `layers.0.templates`, `layers.0.matrix`, … */
export const canonicalParameters = (channels: readonly number[]): ParameterSpec[] =>
  channels.flatMap((c, layer) => [
    { name: `layers.${layer}.queries`, shape: [c], initial: constant(0) },
    { name: `layers.${layer}.templates`, shape: [c], initial: constant(0) },
    { name: `layers.${layer}.matrix`, shape: [c, c], initial: constant(0) },
  ]);

const batchSize = 4;

/** Pictures of toys, or of models, on a table, most of them with something before them, and the template from the nearest view. */
export async function* renderedPairs(
  { seed, pairs }: Pick<CanonicalRun, "seed" | "pairs">,
  size: number,
  grid: number,
  models?: readonly Mesh[],
): AsyncGenerator<ViewBatch> {
  assertInput(
    Number.isInteger(pairs) && pairs > 0 && pairs % batchSize === 0,
    `renderedPairs: got ${pairs} pairs; give a multiple of ${batchSize}`,
  );
  const options: ViewBatchOptions = {
    seed,
    batchSize,
    viewsPerObject: 1,
    visits: 1,
    size,
    grid,
    ...(models && { models }),
  };
  const stream = batchesAhead("templates/viewBatchWorker.js", options, viewBatches);
  try {
    for (let step = 0; step < pairs / batchSize; step++) yield await stream.batch(step);
  } finally {
    await stream.close();
  }
}

/**
 * Crops of a data set's objects, and their models from the nearest of the training views, as templates are rendered:
 * paper C's pairs of real pictures of the seen objects.
 */
export async function* bopPairs(
  dataset: BopDataset,
  size: number,
  grid: number,
  options: TemplateQueriesOptions = {},
  settings: Required<Pick<TemplateSettings, "side" | "distance">> = { side: 0.2, distance: 0.8 },
): AsyncGenerator<ViewBatch & { objectId: number; view: number }> {
  const directions = templateDirections("train");
  for await (const { objectId, direction, rgb } of templateCrops(dataset, size, settings, options)) {
    const view = nearestDirection(directions, direction);
    const rotation = lookAtRotation(directions[view]);
    const mesh = await dataset.texturedMesh(objectId);
    const { rgb: templates, mask } = renderTemplate(mesh, rotation, { size, ...settings });
    yield { objectId, view, batch: 1, queries: rgb, templates, masks: maskGrid(mask, size, grid) };
  }
}

const noteEveryMs = 20_000;

/** What a fit leaves. */
export interface CanonicalFit {
  /** In the layout of `canonicalParameters`. */
  values: Float32Array;
  /** Canonical correlations of each layer, largest first. */
  correlations: number[][];
  /** Pictures with their templates. */
  pairs: number;
}

/** Options of a fit. */
export interface FitCanonicalOptions {
  shrinkage?: number;
  signal?: AbortSignal;
  progress?: (share: number, note: string) => void;
  /** Of how many pairs there will be, for `progress`. */
  expected?: number;
}

/**
 * Fit to pairs of pictures and templates: their cells within the template's mask, each of length 1, are the pairs of
 * features (`canonicalProjection`), layer by layer.
 *
 * @throws Interrupted if the signal was aborted; nothing is kept, a fit takes minutes
 */
export async function fitCanonical(
  backbone: FeatureBackbone,
  batches: AsyncIterable<ViewBatch>,
  grid: number,
  { shrinkage = defaultCanonicalRun.shrinkage, signal, progress = () => {}, expected }: FitCanonicalOptions = {},
): Promise<CanonicalFit> {
  const moments = backbone.layers.map(({ channels }) => noPairs(channels));
  let pairs = 0;
  let told = performance.now();
  for await (const { queries, templates, masks, batch } of batches) {
    if (signal?.aborted) throw new Interrupted("stopped; nothing is kept of a fit of minutes");
    const cells = async (pictures: Uint8Array): Promise<Float32Array[]> => {
      const maps = resizedMaps(await backbone.features(pictures, batch), grid);
      const units = maps.map((map) => unitFeatures(map));
      const values = await Promise.all(units.map((unit) => unit.data() as Promise<Float32Array>));
      tf.dispose([...maps, ...units]);
      return values;
    };
    const [a, b] = [await cells(queries), await cells(templates)];
    moments.forEach((own, layer) => {
      for (let cell = 0; cell < masks.length; cell++)
        if (masks[cell]) addPair(own, a[layer], b[layer], cell * own.sumA.length);
    });
    pairs += batch;
    if (performance.now() - told < noteEveryMs) continue;
    told = performance.now();
    progress(expected ? pairs / expected : 0, `${pairs}${expected ? ` of ${expected}` : ""} pairs`);
  }
  const projections = moments.map((own) => canonicalProjection(own, { shrinkage }));
  return {
    values: Float32Array.from(projections.flatMap(({ meanA, meanB, matrix }) => [...meanA, ...meanB, ...matrix])),
    correlations: projections.map(({ correlations }) => correlations),
    pairs,
  };
}

/** What `fitCanonicalModel` needs. */
export interface FitCanonicalModelOptions extends FitCanonicalOptions {
  folder: string;
  preset: CanonicalPreset;
  backbone: FeatureBackbone;
  batches: AsyncIterable<ViewBatch>;
  /** What the pairs are, for the card. */
  card: ModelCard;
}

/**
 * Fit and save: a model file of `loadAggregation`.
 *
 * @throws Interrupted as `fitCanonical`; InputError if the folder has a model
 */
export async function fitCanonicalModel({
  folder,
  preset,
  backbone,
  batches,
  card,
  ...options
}: FitCanonicalModelOptions): Promise<{ path: string; minutes: number; correlations: number[][] }> {
  const path = join(folder, "model.safetensors");
  claimFolder("train", folder, path);
  const began = performance.now();
  const { values, correlations, pairs } = await fitCanonical(backbone, batches, preset.grid, options);
  const minutes = (performance.now() - began) / 60_000;
  const channels = backbone.layers.map((layer) => layer.channels);
  saveModel(path, createParameters(canonicalParameters(channels), new Rng(0)), values, {
    preset: "canonical",
    network: "canonical",
    canonical: { ...preset, channels },
    shrinkage: options.shrinkage ?? defaultCanonicalRun.shrinkage,
    pairs,
    ...card,
    minutes: Number(minutes.toFixed(2)),
  });
  return { path, minutes, correlations };
}
