/**
 * @file Aggregation networks that learn from real pictures of four of LM-O's objects, asked about the other four (paper C,
 * Table 2, on what is here of its data).
 */
import { join } from "node:path";
import type { AggregationKind } from "../../models/aggregation";
import { efficientNetPath } from "../templates/backbonePath";
import { efficientNetBackbone } from "../templates/backbones";
import { bopPairs } from "../templates/canonicalModel";
import { type ContrastiveRun, defaultContrastiveRun } from "../templates/contrastivePairs";
import { frozenDescriptor } from "../templates/descriptor";
import { keptPairs } from "../templates/realPairs";
import { aggregationPreset } from "../templates/trainAggregation";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { foldScores, folds, openLmo, queriesOf, similaritiesOf, templatesOf } from "./realFolds";
import { withAggregation } from "./withAggregation";

/** Places, among the layers that the networks read, of the frozen default's: stages 3, 4, 5. */
const frozenLayers = [1, 2, 3];

async function measure(kind: AggregationKind, run: ContrastiveRun, context: PartContext) {
  const preset = aggregationPreset(kind);
  const backbone = efficientNetBackbone(efficientNetPath, preset.options);
  try {
    const dataset = openLmo();
    const all = frozenDescriptor(backbone, preset.grid);
    const objects = await templatesOf(dataset, all, {}, context);
    const queries = await queriesOf(dataset, all, context);
    const chosenOf = <T>(layers: readonly T[]): T[] => frozenLayers.map((layer) => layers[layer]);
    const frozen = await similaritiesOf(
      queries.map((query) => ({ ...query, maps: chosenOf(query.maps) })),
      objects.map((object) => ({ ...object, layers: chosenOf(object.layers) })),
      chosenOf(all.channels),
      context,
    );
    return await foldScores(queries, objects, frozen, async (seen) => {
      const fold = folds.indexOf(seen);
      const chosen = { objectIds: seen, half: "odd", leastVisible: 0.5, onMissing: () => {} } as const;
      const pairs = await keptPairs(bopPairs(dataset, backbone.inputSize, preset.grid, chosen));
      const training = {
        folder: join(context.folder, `fold ${fold}`),
        preset,
        backbone,
        run,
        real: { pairs, source: `LM-O, odd pictures of ${seen.join(", ")}` },
        signal: context.signal,
        progress: (share: number, note: string) => context.progress((fold + 0.8 * share) / folds.length, note),
      };
      return withAggregation(training, async (descriptor) => {
        const learnedObjects = await templatesOf(dataset, descriptor, {}, context);
        const learnedQueries = await queriesOf(dataset, descriptor, context);
        return similaritiesOf(learnedQueries, learnedObjects, descriptor.channels, context);
      });
    });
  } finally {
    backbone.dispose();
  }
}

/** A network of each kind. */
export const realAggregationParts = (run: ContrastiveRun, kinds: readonly AggregationKind[]): ExperimentPart[] =>
  kinds.map((kind) => ({ name: kind.toUpperCase(), measure: (context) => measure(kind, run, context) }));

export const realAggregation: Experiment = {
  name: "realAggregation",
  title: "Aggregation learned from real pictures of other objects",
  question:
    "Does an aggregation network that learns by InfoNCE from LM-O's odd pictures of four objects, in turn with rendered toys, find views " +
    "of the four others better than the frozen layers? Pictures of 128 pixels, 16 × 16 cells; two folds, so that every object is unseen once; the " +
    "share of the frozen similarity is chosen on odd pictures, the gain on even ones is reported and is to be at least 2 points. " +
    "Needs LM-O (POSEDIFF_DATA).",
  photos: true,
  parts: () => realAggregationParts({ ...defaultContrastiveRun, steps: 400 }, ["cwa", "va", "na"]),
};
