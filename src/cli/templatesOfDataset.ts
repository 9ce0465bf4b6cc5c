/**
 * @file `posediff evaluate --dataset` of a set in BOP's form, in terms of `posediff evaluate templates`.
 */
import { assertInput } from "../check";
import { loadModel } from "../training/checkpoint";
import type { EvaluateDatasetOptions } from "./evaluateDataset";
import { type TemplatesOptions, templatesDefaults } from "./evaluateTemplates";

/** Paper C's protocol where it is not that of the defaults: T-LESS is seen by another camera, turned, and judged by VSD. */
const protocols: Readonly<Record<string, Partial<TemplatesOptions>>> = {
  lm: {},
  lmo: {},
  tless: { split: "test_primesense", models: "models_cad", inPlane: "36", vsd: true, paperSplit: "tless" },
  bop: {},
};

/** The names of these sets. */
export const templateDatasets: readonly string[] = Object.keys(protocols);

/** What a model of paper C is in that command. @throws InputError for another model */
function matchedBy(checkpoint: string | undefined): Pick<TemplatesOptions, "aggregation" | "backbone"> {
  if (checkpoint === undefined) return {};
  const { network = "joint" } = loadModel(checkpoint).card;
  if (network === "aggregation" || network === "canonical") return { aggregation: checkpoint };
  assertInput(
    network === "templatePose",
    `evaluate: the card in ${checkpoint} names the network ${JSON.stringify(network)}, which matches no templates; leave --checkpoint away for frozen features, or give a model of train --network aggregation, canonical or templatePose`,
  );
  return { backbone: `template-pose:${checkpoint}` };
}

/**
 * The options of `evaluate templates`.
 *
 * @param checkpoint of a network of paper C; without it frozen features match
 * @throws InputError without --root, and for options that concern other data sets
 */
export function templatesOfDataset(
  checkpoint: string | undefined,
  { dataset, root, split, shard, out, json, protocol, ...others }: Omit<EvaluateDatasetOptions, "checkpoint">,
): TemplatesOptions {
  assertInput(root !== undefined, `evaluate: --dataset ${dataset} needs --root, the folder in which it lies`);
  assertInput(
    protocol === undefined || protocol === "acc15",
    `evaluate: --dataset ${dataset} is scored by Acc15, not --protocol ${protocol}; leave it away, or score results in BOP's csv by evaluate bop`,
  );
  for (const name of ["frames", "detections", "index", "curves", "hypotheses", "ranker", "extractor"] as const)
    assertInput(
      others[name] === undefined,
      `evaluate: --${name} is not of --dataset ${dataset}; leave it away (evaluate templates has options for such sets)`,
    );
  return {
    ...templatesDefaults,
    ...protocols[dataset],
    ...matchedBy(checkpoint),
    ...(split !== undefined && { split }),
    root,
    shard,
    ...(out !== undefined && { out }),
    ...(json && { json }),
  };
}
