/**
 * @file Trainings of paper C's networks, which describe pictures.
 */
import { assertInput } from "../../check";
import { openBop } from "../../datasets/bop";
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
import { type RenderedModels, renderedModels } from "../../papers/templates/renderedModels";
import { templatePoseSizes, trainTemplatePoseModel } from "../../papers/templates/templatePoseModel";
import { aggregationPreset, trainAggregationModel } from "../../papers/templates/trainAggregation";
import type { ViewSizes } from "../../papers/templates/viewBatch";
import { defaultDiffusionRun, trainDiffusionModel } from "../../papers/trainDiffusion";
import type { TrainedModel } from "../../papers/trainModel";
import { oneOf } from "../named";
import { wholeNumber } from "../wholeNumber";
import { type Common, type CommonRun, startOf, stepsOf, type TrainOptions, visitsOf } from "./options";

export function trainPictureDiffusion(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const { poolSize, ...given } = shared;
  assertInput(options.preset === "small", `train: the diffusion network has no preset "${options.preset}"; take small`);
  assertInput(poolSize === undefined, "train: the diffusion network's pictures are made anew; leave --pool out");
  const run = { ...defaultDiffusionRun, ...given, steps: stepsOf(options, defaultDiffusionRun.steps) };
  return trainDiffusionModel({
    ...common,
    run: { ...run, visits: visitsOf(run.batchSize) },
    command: `posediff train --network diffusion --seed ${run.seed} --steps ${run.steps} --batch ${run.batchSize} --learning-rate ${run.learningRate}${startOf(options)}`,
  });
}

/** The run of the networks that learn from pairs, and its part of the command. */
function pairsRun(options: TrainOptions, { poolSize, ...given }: CommonRun): { run: ContrastiveRun; settings: string } {
  assertInput(poolSize === undefined, "train: the pairs of pictures and templates are made anew; leave --pool out");
  const toys = options.toys === undefined ? undefined : wholeNumber("train", "toys", options.toys, 1);
  const usual = defaultContrastiveRun;
  const run = { ...usual, ...given, steps: stepsOf(options, usual.steps), ...(toys !== undefined && { toys }) };
  return {
    run,
    settings: `${toys === undefined ? "" : `--toys ${toys} `}--seed ${run.seed} --steps ${run.steps} --batch ${run.batchSize} --learning-rate ${run.learningRate}${startOf(options)}`,
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
  const choice = choiceOf(options);
  const backbone = await openBackbone(preset.backbone, preset.options);
  try {
    const sources = await pairSources(choice, { size: backbone.inputSize, grid: preset.grid });
    return await trainAggregationModel({
      ...common,
      preset,
      backbone,
      run,
      sources,
      command: `posediff train --network aggregation --kind ${kind}${options.publishedStart ? " --published-start" : ""} ${settingsOf(choice)}${settings}`,
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
  const choice = choiceOf(options);
  const sources = await pairSources(choice, templatePoseSizes);
  return trainTemplatePoseModel({
    ...common,
    run,
    sources,
    command: `posediff train --network templatePose ${settingsOf(choice)}${settings}`,
  });
}

/** What of a data set --root, --objects, --half and --renders choose. */
interface SetChoice {
  /** The part of the command that names images and objects. */
  settings: string;
  card: { objects: readonly number[] | "all"; half: string };
  pairs: (size: number, grid: number) => ReturnType<typeof bopPairs>;
  /** With --renders: the models, to be rendered. */
  models?: () => Promise<RenderedModels>;
}

function choiceOf({ root, objects, half, renders }: TrainOptions): SetChoice | undefined {
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
  const settings = `--root ROOT${objects ? ` --objects ${objects.join(" ")}` : ""}${half ? ` --half ${half}` : ""}`;
  return {
    settings,
    card: { objects: objectIds ?? "all", half: half ?? "all" },
    pairs: (size, grid) => bopPairs(dataset, size, grid, { ...chosen, leastVisible: 0.5, onMissing: () => {} }),
    ...(renders && { models: () => renderedModels(dataset, settings, objectIds) }),
  };
}

const settingsOf = (choice: SetChoice | undefined): string =>
  choice ? `${choice.settings}${choice.models ? " --renders" : ""} ` : "";

/** What a network learns from besides toys. */
async function pairSources(choice: SetChoice | undefined, { size, grid }: ViewSizes): Promise<PairSources> {
  if (!choice) return {};
  if (choice.models) return { rendered: await choice.models() };
  return { real: { pairs: await keptPairs(choice.pairs(size, grid)), source: choice.settings } };
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
  const choice = choiceOf(options);
  const pairs = stepsOf(options, defaultCanonicalRun.pairs);
  const backbone = await openBackbone(canonicalPreset.backbone, canonicalPreset.options);
  const { inputSize } = backbone;
  const { grid } = canonicalPreset;
  const rendered = await choice?.models?.();
  const real = rendered ? undefined : choice;
  const batches = real
    ? real.pairs(inputSize, grid)
    : renderedPairs({ seed, pairs }, inputSize, grid, rendered?.meshes);
  const command =
    `posediff train --network canonical ${settingsOf(choice)}${real ? "" : `--seed ${seed} --steps ${pairs}`}`.trimEnd();
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
