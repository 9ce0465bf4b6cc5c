/**
 * @file Queries and templates of LM-O, and what learning from some of its objects adds on the others: two folds, choices
 * on the pictures at odd places, reports on those at even ones.
 */
import { assertInput } from "../../check";
import { type BopDataset, openBop } from "../../datasets/bop";
import { sharedData } from "../../datasets/sharedData";
import { joinTemplates } from "../../models/templateIndex";
import { pause } from "../pause";
import { type BatchSimilaritiesOptions, batchSimilarities } from "../templates/batchSimilarities";
import type { Descriptor } from "../templates/descriptor";
import { templateCrops } from "../templates/evaluateTemplates";
import { type ObjectTemplates, objectTemplates, type TemplateSettings } from "../templates/templateStore";
import type { Json, PartContext } from "./experiment";
import { percent } from "./percent";
import {
  type BandScore,
  bandScores,
  type Found,
  foundBy,
  type HalfScores,
  halfScores,
  interval,
  meanOf,
  objectMean,
  type RealQuery,
} from "./realTemplateScores";

/** Shares of the frozen layers in the similarity of the learned arm; first none. */
const frozenShares: readonly number[] = [0, 0.25, 0.5, 0.75];

/** Seen objects of the two folds; each object is unseen in one. */
export const folds: readonly (readonly number[])[] = [
  [1, 6, 9, 11],
  [5, 8, 10, 12],
];

/** LM-O as the reader has it. @throws InputError if there is none */
export function openLmo(): BopDataset {
  const root = sharedData("lmo");
  assertInput(
    root,
    "this experiment reads LM-O, and there is none; give a folder that has it as lmo/ (BOP format) by POSEDIFF_DATA",
  );
  return openBop(root);
}

/** What is asked: every object of every picture on disk, described. */
export async function queriesOf(
  dataset: BopDataset,
  descriptor: Descriptor,
  context: PartContext,
): Promise<RealQuery[]> {
  const queries: RealQuery[] = [];
  const places = new Map<string, number>();
  for await (const crop of templateCrops(dataset, descriptor.inputSize, { side: 0.2 }, { onMissing: () => {} })) {
    await pause(context);
    const image = crop.id.split("#")[0];
    if (!places.has(image)) places.set(image, places.size);
    queries.push({
      object: crop.objectId,
      place: places.get(image)!,
      visibleShare: crop.visibleShare ?? 1,
      truth: { direction: crop.direction, symmetric: crop.symmetric },
      maps: await descriptor.describe(crop.rgb, 1),
    });
    context.progress(0.5, `${queries.length} queries`);
  }
  return queries;
}

/** The templates of all objects. */
export async function templatesOf(
  dataset: BopDataset,
  descriptor: Descriptor,
  settings: TemplateSettings,
  context: PartContext,
): Promise<ObjectTemplates[]> {
  const objects: ObjectTemplates[] = [];
  for (const id of dataset.models.keys())
    objects.push(
      await objectTemplates(id, await dataset.texturedMesh(id), descriptor, {
        views: "half",
        side: 0.2,
        distance: 0.8,
        ...settings,
        folder: context.folder,
        onProgress: (object, done, of) => context.progress(0, `templates of object ${object}: ${done}/${of}`),
      }),
    );
  return objects;
}

/** The similarity of every query with every template, by each layer. */
export async function layerSimilarities(
  queries: readonly RealQuery[],
  objects: readonly ObjectTemplates[],
  channels: readonly number[],
  context: PartContext,
  options: (layer: number) => BatchSimilaritiesOptions = () => ({}),
): Promise<Float32Array[][]> {
  const layers: Float32Array[][] = [];
  for (const [layer, width] of channels.entries()) {
    await pause(context);
    const templates = joinTemplates(objects.map((object) => object.layers[layer]));
    const maps = queries.map((query) => query.maps[layer]);
    layers.push(batchSimilarities(maps, templates, width, options(layer)));
    context.progress(0.7, `matched by layer ${layer + 1} of ${channels.length}`);
  }
  return layers;
}

/** The layers' mean of that. */
export async function similaritiesOf(...given: Parameters<typeof layerSimilarities>): Promise<Float32Array[]> {
  const layers = await layerSimilarities(...given);
  return layers[0].map((_, i) => meanOf(layers.map((of) => of[i])));
}

const shareArm = (share: number): string => `frozen share ${share}`;

/** What was learned, alone. */
export const aloneArm: string = shareArm(0);

/** By share of the frozen layers in the similarity: what was learned from each fold's seen objects, on both halves. */
export type LearnedScores = Record<string, { unseen: HalfScores; seen: HalfScores }>;

/** What learning adds: before, and after by each share of the frozen layers, on both halves of the pictures. */
export type FoldScores = {
  queries: number;
  frozen: HalfScores;
  /** What was learned, alone, by how much of an object is seen; on all pictures. */
  bands: { unseen: BandScore[]; seen: BandScore[] };
  /** The share with the highest score of unseen objects on odd pictures, and what it gains on the others, points. */
  chosen: number;
  gain: { even: number; evenInterval: number[]; all: number; interval: number[] };
};

/**
 * Score what was learned from each fold's seen objects, alone and added to the frozen similarity; every object is unseen
 * in one fold.
 *
 * @param frozen of each query its similarities with all templates
 * @param learn the same after learning from the seen objects
 */
export async function foldScores(
  queries: readonly RealQuery[],
  objects: readonly ObjectTemplates[],
  frozen: readonly Float32Array[],
  learn: (seen: readonly number[]) => Promise<readonly Float32Array[]>,
): Promise<FoldScores & Json> {
  const learned = frozenShares.map(() => ({ unseen: [] as Found[], seen: [] as Found[] }));
  for (const seen of folds) {
    const alone = await learn(seen);
    queries.forEach((query, i) => {
      frozenShares.forEach((share, k) => {
        const total = alone[i].map((x, t) => share * frozen[i][t] + (1 - share) * x);
        learned[k][seen.includes(query.object) ? "seen" : "unseen"].push(foundBy(query, total, objects));
      });
    });
  }
  const before = queries.map((query, i) => foundBy(query, frozen[i], objects));
  const arms: LearnedScores = Object.fromEntries(
    frozenShares.map((share, k) => [
      shareArm(share),
      { unseen: halfScores(learned[k].unseen), seen: halfScores(learned[k].seen) },
    ]),
  );
  const chosen = frozenShares.reduce((best, _, k) => {
    const odd = (at: number): number => arms[shareArm(frozenShares[at])].unseen.odd;
    return odd(k) > odd(best) ? k : best;
  }, 0);
  // Pairs of (frozen, learned) for the same query, for the gain's interval.
  const learnedOf = new Map(learned[chosen].unseen.map((found) => [found.query, found]));
  const pairs = before.map((found) => ({ place: found.place, before: found, after: learnedOf.get(found.query)! }));
  const gain = (some: readonly (typeof pairs)[number][]): number =>
    objectMean(some.map(({ after }) => after)) - objectMean(some.map((pair) => pair.before));
  const even = pairs.filter(({ place }) => place % 2 === 0);
  return {
    queries: queries.length,
    frozen: halfScores(before),
    ...arms,
    bands: { unseen: bandScores(learned[0].unseen), seen: bandScores(learned[0].seen) },
    chosen: frozenShares[chosen],
    gain: {
      even: percent(gain(even)),
      evenInterval: interval(even, gain),
      all: percent(gain(pairs)),
      interval: interval(pairs, gain),
    },
  };
}
