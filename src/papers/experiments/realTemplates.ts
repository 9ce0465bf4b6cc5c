/**
 * @file Template matching on LM-O's pictures: how templates are rendered, and what learning adds, chosen on one half of
 * the pictures and reported on the other.
 *
 * The split is a rule: of the pictures on disk, in their order, those at odd places choose and those at even places are
 * reported. Real pictures choose, not renders on backgrounds, which come from the renderer that makes the templates and
 * say little of a camera's light.
 */
import { tf } from "../../backend";
import type { BopDataset } from "../../datasets/bop";
import { lookAtDirection, nearestDirection } from "../../geometry/viewpoint";
import type { FeatureBackbone } from "../../models/featureBackbone";
import { createParameters, weightsOf } from "../../models/params";
import { templateCells } from "../../models/templateIndex";
import { Rng } from "../../random";
import { addPair, canonicalProjection, noPairs } from "../../training/canonicalCorrelation";
import { efficientNetPath } from "../templates/backbonePath";
import { efficientNetBackbone } from "../templates/backbones";
import { canonicalParameters, defaultCanonicalRun, fitCanonical, renderedPairs } from "../templates/canonicalModel";
import { canonicalCells, frozenDescriptor } from "../templates/descriptor";
import { renderedModels } from "../templates/renderedModels";
import { type ObjectTemplates, type TemplateSettings, templateRotations } from "../templates/templateStore";
import { disposing } from "./disposing";
import type { Experiment, ExperimentPart, Json, PartContext } from "./experiment";
import { foldScores, layerSimilarities, openLmo, queriesOf, similaritiesOf, templatesOf } from "./realFolds";
import {
  foundBy,
  type HalfScores,
  halfScores,
  meanOf,
  type ObjectScores,
  objectScores,
  type RealQuery,
} from "./realTemplateScores";

/** What templates may be rendered like. */
export const renderCandidates: Readonly<Record<string, TemplateSettings>> = {
  "black, 0.8 m, ambient 0.3": {},
  "grey, 0.8 m, ambient 0.3": { background: [0.485, 0.456, 0.406] },
  "black, 0.4 m, ambient 0.3": { distance: 0.4 },
  "black, 0.8 m, ambient 0.6": { ambient: 0.6 },
  "black, 0.8 m, ambient 0.05": { ambient: 0.05 },
};

const thresholds: readonly number[] = [0, 0.1, 0.2, 0.3];

/** Fit to pictures of objects that are seen at least so far. */
const leastVisible = 0.5;

/** Frozen features with one way to render templates, by every threshold: 16 × 16 cells. It disposes of the backbone. */
export function measureFrozen(
  backbone: FeatureBackbone,
  settings: TemplateSettings,
  context: PartContext,
): Promise<Json> {
  return disposing(backbone, async () => {
    const dataset = openLmo();
    const descriptor = frozenDescriptor(backbone, 16);
    const objects = await templatesOf(dataset, descriptor, settings, context);
    const queries = await queriesOf(dataset, descriptor, context);
    const scores: Record<string, HalfScores> = {};
    for (const threshold of thresholds) {
      const totals = await similaritiesOf(queries, objects, descriptor.channels, context, () => ({ threshold }));
      scores[`threshold ${threshold}`] = halfScores(queries.map((query, i) => foundBy(query, totals[i], objects)));
    }
    return scores;
  });
}

/** Each object's Acc15 with class and their mean, percent, by the layers together and by each alone; on the even pictures. */
export type LayerScores = {
  together: ObjectScores;
  layers: ObjectScores[];
};

/** The frozen default's layers at their default size. */
async function measureLayers(context: PartContext): Promise<Json> {
  const dataset = openLmo();
  return disposing(efficientNetBackbone(efficientNetPath), async (backbone) => {
    const descriptor = frozenDescriptor(backbone, 28);
    const objects = await templatesOf(dataset, descriptor, {}, context);
    const queries = await queriesOf(dataset, descriptor, context);
    const layers = await layerSimilarities(queries, objects, descriptor.channels, context);
    const evenScores = (similaritiesOf: (i: number) => Float32Array): ObjectScores =>
      objectScores(
        queries.flatMap((query, i) => (query.place % 2 === 0 ? [foundBy(query, similaritiesOf(i), objects)] : [])),
      );
    return {
      together: evenScores((i) => meanOf(layers.map((of) => of[i]))),
      layers: layers.map((of) => evenScores((i) => of[i])),
    };
  });
}

/** Canonical projections of the layers, fitted to odd pictures of the seen objects and their nearest templates. */
function fitSeen(
  queries: readonly RealQuery[],
  objects: readonly ObjectTemplates[],
  seen: readonly number[],
  channels: readonly number[],
): Float32Array {
  const directions = templateRotations({}).map(lookAtDirection);
  return Float32Array.from(
    channels.flatMap((width, layer) => {
      const moments = noPairs(width);
      const [a, b] = [new Float64Array(width), new Float64Array(width)];
      for (const { object, place, visibleShare, truth, maps } of queries) {
        if (place % 2 === 0 || visibleShare < leastVisible || !seen.includes(object)) continue;
        const templates = objects.find(({ objectId }) => objectId === object)!.layers[layer];
        const { cells, codes, inverse, channels: padded } = templates;
        const [start, end] = templateCells(templates, nearestDirection(directions, truth.direction));
        for (let i = start; i < end; i++) {
          const feature = maps[layer].subarray(cells[i] * width, (cells[i] + 1) * width);
          const norm = Math.hypot(...feature) || 1;
          for (let c = 0; c < width; c++) [a[c], b[c]] = [feature[c] / norm, codes[i * padded + c] * inverse[i]];
          addPair(moments, a, b);
        }
      }
      const { meanA, meanB, matrix } = canonicalProjection(moments, { shrinkage: defaultCanonicalRun.shrinkage });
      return [...meanA, ...meanB, ...matrix];
    }),
  );
}

/** The same fitted to renders of the seen models. */
async function fitRenders(
  backbone: FeatureBackbone,
  dataset: BopDataset,
  seen: readonly number[],
): Promise<Float32Array> {
  const { meshes } = await renderedModels(dataset, "", seen);
  const pairs = renderedPairs(defaultCanonicalRun, backbone.inputSize, 28, meshes);
  return (await fitCanonical(backbone, pairs, 28)).values;
}

/** Frozen features at their default size, and with a linear aggregation of them fitted to the seen objects of a fold. */
async function measureLearned(source: "odd pictures" | "renders", context: PartContext): Promise<Json> {
  const dataset = openLmo();
  return disposing(efficientNetBackbone(efficientNetPath), async (backbone) => {
    const descriptor = frozenDescriptor(backbone, 28);
    const { channels } = descriptor;
    const objects = await templatesOf(dataset, descriptor, {}, context);
    const queries = await queriesOf(dataset, descriptor, context);
    const frozen = await similaritiesOf(queries, objects, channels, context);
    return foldScores(queries, objects, frozen, async (seen) => {
      const parameters = createParameters(canonicalParameters(channels), new Rng(0));
      parameters.values.set(
        source === "renders" ? await fitRenders(backbone, dataset, seen) : fitSeen(queries, objects, seen, channels),
      );
      const weights = weightsOf(parameters);
      try {
        return await similaritiesOf(queries, objects, channels, context, (layer) => ({
          threshold: 0,
          transform: (rows, side) => canonicalCells(weights, layer, side, rows),
        }));
      } finally {
        tf.dispose(weights);
      }
    });
  });
}

const efficientNet = (): FeatureBackbone =>
  efficientNetBackbone(efficientNetPath, { inputSize: 128, layers: [3, 4, 5] });

/** The part of the learned aggregation. */
export const learnedPart = "linear aggregation, unseen objects";

/** The same, learned from renders of the seen models. */
export const learnedFromRendersPart = "linear aggregation from renders, unseen objects";

/** The part of the layers alone and together. */
export const layersPart = "frozen layers";

/** The ways to render, then what learning adds. */
export const realTemplatesParts = (): ExperimentPart[] => [
  { name: learnedPart, measure: (context) => measureLearned("odd pictures", context) },
  { name: learnedFromRendersPart, measure: (context) => measureLearned("renders", context) },
  { name: layersPart, measure: measureLayers },
  ...Object.entries(renderCandidates).map(
    ([name, settings]): ExperimentPart => ({
      name,
      measure: (context) => measureFrozen(efficientNet(), settings, context),
    }),
  ),
];

export const realTemplates: Experiment = {
  name: "realTemplates",
  title: "Template matching on real pictures: settings, and what learning adds",
  question:
    "Of the ways to render templates and the thresholds, the one with the highest Acc15 with class on LM-O's pictures at " +
    "odd places is the default; what it has on those at even places is reported. A linear aggregation fitted to odd " +
    "pictures of four seen objects, or to renders of their models, added to the frozen similarity with the share that is best on odd pictures, is to be " +
    "at least 2 points above frozen features on unseen objects, on even pictures. C1: the default's layers together are above " +
    "each alone, and at least two are the best of some object, on even pictures. Needs LM-O (POSEDIFF_DATA).",
  photos: true,
  parts: realTemplatesParts,
};
