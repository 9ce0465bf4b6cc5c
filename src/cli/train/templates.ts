/**
 * @file Trainings of paper C's networks, which describe pictures.
 */
import { assertInput } from "../../check";
import { type BopDataset, openBop } from "../../datasets/bop";
import { aggregationKinds } from "../../models/aggregation";
import { openBackbone } from "../../papers/templates/backbones";
import {
  bopPairs,
  canonicalPreset,
  defaultCanonicalRun,
  fitCanonicalModel,
  renderedPairs,
} from "../../papers/templates/canonicalModel";
import { type ContrastiveRun, defaultContrastiveRun, type PairSources } from "../../papers/templates/contrastivePairs";
import { imageHalves } from "../../papers/templates/evaluateTemplates";
import { keptPairs } from "../../papers/templates/realPairs";
import { renderedModels } from "../../papers/templates/renderedModels";
import { templatePoseSizes, trainTemplatePoseModel } from "../../papers/templates/templatePoseModel";
import { aggregationPreset, trainAggregationModel } from "../../papers/templates/trainAggregation";
import type { ViewSizes } from "../../papers/templates/viewBatch";
import { type DiffusionRun, defaultDiffusionRun, trainDiffusionModel } from "../../papers/trainDiffusion";
import type { TrainedModel } from "../../papers/trainModel";
import { oneOf } from "../named";
import { wholeNumber } from "../wholeNumber";
import { type Common, type CommonRun, startOf, stepsOf, type TrainOptions, visitsOf } from "./options";

export function trainPictureDiffusion(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const { seed, batchSize, learningRate, poolSize } = shared;
  assertInput(options.preset === "small", `train: the diffusion network has no preset "${options.preset}"; take small`);
  assertInput(poolSize === undefined, "train: the diffusion network's pictures are made anew; leave --pool out");
  const run: DiffusionRun = {
    seed,
    batchSize,
    learningRate,
    visits: visitsOf(batchSize),
    steps: stepsOf(options, defaultDiffusionRun.steps),
  };
  return trainDiffusionModel({
    ...common,
    run,
    command: `posediff train --network diffusion --seed ${seed} --steps ${run.steps} --batch ${batchSize} --learning-rate ${learningRate}${startOf(options)}`,
  });
}

/** The run of the networks that learn from pairs, and its part of the command. */
function pairsRun(
  options: TrainOptions,
  { seed, batchSize, learningRate, poolSize }: CommonRun,
): { run: ContrastiveRun; settings: string } {
  assertInput(poolSize === undefined, "train: the pairs of pictures and templates are made anew; leave --pool out");
  const toys = options.toys === undefined ? undefined : wholeNumber("train", "toys", options.toys, 1);
  const steps = stepsOf(options, defaultContrastiveRun.steps);
  return {
    run: { ...defaultContrastiveRun, seed, batchSize, learningRate, steps, ...(toys !== undefined && { toys }) },
    settings: `${toys === undefined ? "" : `--toys ${toys} `}--seed ${seed} --steps ${steps} --batch ${batchSize} --learning-rate ${learningRate}${startOf(options)}`,
  };
}

export async function trainAggregationNetwork(
  options: TrainOptions,
  shared: CommonRun,
  common: Common,
): Promise<TrainedModel> {
  const { run, settings } = pairsRun(options, shared);
  const kind = oneOf("train", "kind", aggregationKinds, options.kind);
  const preset = aggregationPreset(kind, options.publishedStart ? { zero: "all" } : {});
  const choice = realOf(options);
  const backbone = await openBackbone(preset.backbone, preset.options);
  try {
    const sources = await sourcesOf(options, choice, { size: backbone.inputSize, grid: preset.grid });
    return await trainAggregationModel({
      ...common,
      preset,
      backbone,
      run,
      sources,
      command: `posediff train --network aggregation --kind ${kind}${options.publishedStart ? " --published-start" : ""} ${settingsOf(options, choice)}${settings}`,
    });
  } finally {
    backbone.dispose();
  }
}

export async function trainTemplatePoseNetwork(
  options: TrainOptions,
  shared: CommonRun,
  common: Common,
): Promise<TrainedModel> {
  const { run, settings } = pairsRun(options, shared);
  const choice = realOf(options);
  const sources = await sourcesOf(options, choice, templatePoseSizes);
  return trainTemplatePoseModel({
    ...common,
    run,
    sources,
    command: `posediff train --network templatePose ${settingsOf(options, choice)}${settings}`,
  });
}

/** What of a data set --root, --objects and --half choose. */
interface RealChoice {
  dataset: BopDataset;
  objectIds?: readonly number[];
  /** Their part of the command. */
  settings: string;
  card: { objects: readonly number[] | "all"; half: string };
  pairs: (size: number, grid: number) => ReturnType<typeof bopPairs>;
}

function realOf({ root, objects, half, renders }: TrainOptions): RealChoice | undefined {
  assertInput(
    root !== undefined || (objects === undefined && half === undefined && !renders),
    "train: --objects, --half and --renders choose from a data set; give its --root, too",
  );
  assertInput(
    half === undefined || !renders,
    "train: --renders learns from models, not from pictures; leave --half out",
  );
  if (root === undefined) return undefined;
  const chosenHalf = half && oneOf("train", "half", imageHalves, half);
  const objectIds = objects?.map((id) => wholeNumber("train", "objects", id, 1));
  const chosen = { ...(objectIds && { objectIds }), ...(chosenHalf && { half: chosenHalf }) };
  const dataset = openBop(root);
  return {
    dataset,
    ...(objectIds && { objectIds }),
    settings: `--root ROOT${objects ? ` --objects ${objects.join(" ")}` : ""}${half ? ` --half ${half}` : ""}`,
    card: { objects: objectIds ?? "all", half: half ?? "all" },
    pairs: (size, grid) => bopPairs(dataset, size, grid, { ...chosen, leastVisible: 0.5, onMissing: () => {} }),
  };
}

const settingsOf = ({ renders }: TrainOptions, choice: RealChoice | undefined): string =>
  choice ? `${choice.settings}${renders ? " --renders" : ""} ` : "";

/** What a network learns from besides toys. */
async function sourcesOf(
  { renders }: TrainOptions,
  choice: RealChoice | undefined,
  { size, grid }: ViewSizes,
): Promise<PairSources> {
  if (!choice) return {};
  const { dataset, settings: source, objectIds } = choice;
  if (renders) return { rendered: await renderedModels(dataset, source, objectIds) };
  return { real: { pairs: await keptPairs(choice.pairs(size, grid)), source } };
}

export async function fitCanonicalNetwork(
  options: TrainOptions,
  { seed, poolSize }: CommonRun,
  { folder, start, signal, progress }: Common,
): Promise<Pick<TrainedModel, "path" | "minutes">> {
  assertInput(
    poolSize === undefined && start === undefined,
    "train: the canonical network is fitted at once; leave --pool and --start out",
  );
  const choice = realOf(options);
  const pairs = stepsOf(options, defaultCanonicalRun.pairs);
  const backbone = await openBackbone(canonicalPreset.backbone, canonicalPreset.options);
  const { inputSize } = backbone;
  const { grid } = canonicalPreset;
  const rendered = options.renders
    ? (await renderedModels(choice!.dataset, choice!.settings, choice!.objectIds)).meshes
    : undefined;
  const real = rendered ? undefined : choice;
  const batches = real ? real.pairs(inputSize, grid) : renderedPairs({ seed, pairs }, inputSize, grid, rendered);
  const command =
    `posediff train --network canonical ${settingsOf(options, choice)}${real ? "" : `--seed ${seed} --steps ${pairs}`}`.trimEnd();
  try {
    return await fitCanonicalModel({
      folder,
      preset: canonicalPreset,
      backbone,
      batches,
      card: { command, ...choice?.card, ...(!real && { seed }) },
      signal,
      progress,
      ...(!real && { expected: pairs }),
    });
  } finally {
    backbone.dispose();
  }
}
