/**
 * @file Networks that learn from four of LM-O's objects, asked about these and the other four (paper C, Table 2, on what is
 * here of its data): the aggregations, and template-pose's, which is trained whole.
 */
import { join } from "node:path";
import type { BopDataset } from "../../datasets/bop";
import type { AggregationKind } from "../../models/aggregation";
import type { FeatureBackbone } from "../../models/featureBackbone";
import { efficientNetPath } from "../templates/backbonePath";
import { efficientNetBackbone } from "../templates/backbones";
import { bopPairs } from "../templates/canonicalModel";
import { type ContrastiveRun, defaultContrastiveRun, type PairSources } from "../templates/contrastivePairs";
import { type Descriptor, frozenDescriptor } from "../templates/descriptor";
import { keptPairs } from "../templates/realPairs";
import { renderedModels } from "../templates/renderedModels";
import { templatePoseBackbone, templatePoseSizes, trainTemplatePoseModel } from "../templates/templatePoseModel";
import { aggregationPreset } from "../templates/trainAggregation";
import type { ViewSizes } from "../templates/viewBatch";
import { disposing } from "./disposing";
import type { Experiment, ExperimentPart, Json, PartContext } from "./experiment";
import { foldScores, folds, openLmo, queriesOf, similaritiesOf, templatesOf } from "./realFolds";
import { withAggregation } from "./withAggregation";

/** From what a network learns of the seen objects. */
type Source = "real pictures" | "renders";

const seenSources: Record<
  Source,
  (dataset: BopDataset, seen: readonly number[], sizes: ViewSizes) => Promise<PairSources>
> = {
  "real pictures": async (dataset, objectIds, { size, grid }) => {
    const chosen = { objectIds, half: "odd", leastVisible: 0.5, onMissing: () => {} } as const;
    const pairs = await keptPairs(bopPairs(dataset, size, grid, chosen));
    return { real: { pairs, source: `LM-O, odd pictures of ${objectIds.join(", ")}` } };
  },
  renders: async (dataset, objectIds) => ({
    rendered: await renderedModels(dataset, `LM-O, models ${objectIds.join(", ")}`, objectIds),
  }),
};

/** Places, among the layers that the networks read, of the frozen default's: stages 3, 4, 5. */
const frozenLayers = [1, 2, 3];
const { grid, options } = aggregationPreset("cwa");

/** What a training is given. */
type Training = Omit<Parameters<typeof trainTemplatePoseModel>[0], "run">;

/** A network trained on a fold's seen objects, used as a descriptor. */
type Learn = <R>(training: Training, use: (descriptor: Descriptor) => Promise<R>) => Promise<R>;

/** Both folds, beside the frozen layers. */
async function measure(
  source: Source,
  sizes: ViewSizes,
  backbone: FeatureBackbone,
  learn: Learn,
  context: PartContext,
): Promise<Json> {
  const dataset = openLmo();
  const all = frozenDescriptor(backbone, grid);
  const objects = await templatesOf(dataset, all, {}, context);
  const queries = await queriesOf(dataset, all, context);
  const chosenOf = <T>(layers: readonly T[]): T[] => frozenLayers.map((layer) => layers[layer]);
  const frozen = await similaritiesOf(
    queries.map((query) => ({ ...query, maps: chosenOf(query.maps) })),
    objects.map((object) => ({ ...object, layers: chosenOf(object.layers) })),
    chosenOf(all.channels),
    context,
  );
  return foldScores(queries, objects, frozen, async (seen) => {
    const fold = folds.indexOf(seen);
    const training = {
      folder: join(context.folder, `fold ${fold}`),
      sources: await seenSources[source](dataset, seen, sizes),
      signal: context.signal,
      progress: (share: number, note: string) => context.progress((fold + 0.8 * share) / folds.length, note),
    };
    return learn(training, async (descriptor) => {
      const learnedObjects = await templatesOf(dataset, descriptor, {}, context);
      const learnedQueries = await queriesOf(dataset, descriptor, context);
      return similaritiesOf(learnedQueries, learnedObjects, descriptor.channels, context);
    });
  });
}

const efficientNet = (): FeatureBackbone => efficientNetBackbone(efficientNetPath, options);

/** The part of an aggregation network. */
export const realAggregationPart = (kind: AggregationKind, source: Source): string =>
  `${kind.toUpperCase()}, ${source}`;

/** The part of template-pose's network. */
export const realTemplatePosePart = "template-pose, real pictures";

/** CWA and template-pose's network from real pictures, and a network of each kind from renders. */
export function realAggregationParts(run: ContrastiveRun, kinds: readonly AggregationKind[]): ExperimentPart[] {
  const aggregation = (kind: AggregationKind, source: Source): ExperimentPart => ({
    name: realAggregationPart(kind, source),
    measure: (context) =>
      disposing(efficientNet(), (backbone) => {
        const learn: Learn = (training, use) =>
          withAggregation({ ...training, run, preset: aggregationPreset(kind), backbone }, use);
        return measure(source, { size: backbone.inputSize, grid }, backbone, learn, context);
      }),
  });
  const templatePose: ExperimentPart = {
    name: realTemplatePosePart,
    measure: (context) =>
      disposing(efficientNet(), (backbone) => {
        const learn: Learn = async (training, use) => {
          const { path } = await trainTemplatePoseModel({ ...training, run });
          return disposing(templatePoseBackbone(path), (trained) => use(frozenDescriptor(trained, grid)));
        };
        return measure("real pictures", templatePoseSizes, backbone, learn, context);
      }),
  };
  return [aggregation("cwa", "real pictures"), templatePose, ...kinds.map((kind) => aggregation(kind, "renders"))];
}

export const realAggregation: Experiment = {
  name: "realAggregation",
  title: "Four seen and four unseen objects of LM-O: aggregation and template-pose",
  question:
    "Networks learn by InfoNCE from four of LM-O's objects, 500 steps: from its pictures at odd places in turn with rendered toys, or " +
    "from renders of the four models on random backgrounds. How well do they find these and the other four objects in the pictures " +
    "at even places? Pictures of 128 pixels, 16 × 16 cells; two folds, so that every object is seen once and unseen once. C4: the gap " +
    "between seen and unseen is smaller for CWA than for template-pose's network, trained whole, and CWA is above it on unseen objects, both from " +
    "real pictures. Learned aggregation, with the share of the frozen similarity that is best on odd pictures, is to be at least 2 points above " +
    "the frozen layers on unseen objects. Needs LM-O (POSEDIFF_DATA).",
  photos: true,
  parts: () => realAggregationParts({ ...defaultContrastiveRun, steps: 500 }, ["cwa", "na", "va"]),
};
