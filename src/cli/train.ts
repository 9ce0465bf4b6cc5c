/**
 * @file `posediff train`: train the networks of the three papers on the embedded data; can be stopped and resumed.
 */
import type { Command } from "commander";
import { assertInput } from "../check";
import { openBop } from "../datasets/bop";
import { aggregationKinds } from "../models/aggregation";
import { onnxExtractor } from "../models/onnxExtractor";
import {
  defaultEnergyRun,
  type EnergyRun,
  type TrainEnergyModelOptions,
  trainEnergyModel,
} from "../papers/energyTraining";
import { Interrupted } from "../papers/experiments/experiment";
import { presetNamed } from "../papers/jointLearning";
import { multiModalPresets } from "../papers/multiModal";
import { defaultRgbEnergyRun, trainRgbEnergyModel } from "../papers/rgbEnergyTraining";
import { type RgbVariant, rgbPresetNamed, rgbVariant, rgbVariants } from "../papers/rgbMeanShift";
import { openBackbone } from "../papers/templates/backbones";
import {
  bopPairs,
  canonicalPreset,
  defaultCanonicalRun,
  fitCanonicalModel,
  toyPairs,
} from "../papers/templates/canonicalModel";
import { aggregationPreset, defaultAggregationRun, trainAggregationModel } from "../papers/templates/trainAggregation";
import { type DiffusionRun, defaultDiffusionRun, trainDiffusionModel } from "../papers/trainDiffusion";
import { defaultJointRun, type JointRun } from "../papers/trainJoint";
import { trainJointModel } from "../papers/trainJointModel";
import type { TrainedModel } from "../papers/trainModel";
import { defaultMultiModalRun, type MultiModalRun, trainMultiModalModel } from "../papers/trainMultiModal";
import { defaultRgbRun, type RgbRun, trainRgbModel } from "../papers/trainRgb";
import { rerunKeepingMemory } from "./keepMemory";
import { named } from "./named";
import { wholeNumber } from "./wholeNumber";

interface TrainOptions {
  network: string;
  preset: string;
  out?: string;
  seed: string;
  pretrainSteps: string;
  jointSteps: string;
  steps?: string;
  batch: string;
  pointDraws: string;
  pool?: string;
  learningRate: string;
  saveEvery: string;
  start?: string;
  extractor?: string;
  variant: string;
  kind: string;
  publishedStart?: boolean;
  regression: boolean;
  pretrained?: string;
  root?: string;
  objects?: string[];
  half?: string;
}

/** What all networks are trained with. */
type Common = Required<Pick<TrainEnergyModelOptions, "folder" | "signal" | "saveEveryMinutes" | "where">> &
  Pick<TrainEnergyModelOptions, "start" | "progress" | "onBegin" | "command">;

/** The numbers of a run that all networks share. */
interface CommonRun {
  seed: number;
  batchSize: number;
  poolSize?: number;
  learningRate: number;
}

function trainJointNetworks(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const config = presetNamed(options.preset);
  const pointDraws = wholeNumber("train", "point-draws", options.pointDraws, 1);
  const run: JointRun = {
    ...defaultJointRun,
    ...shared,
    pretrainSteps: wholeNumber("train", "pretrain-steps", options.pretrainSteps, 0),
    jointSteps: wholeNumber("train", "joint-steps", options.jointSteps, 0),
    ...(pointDraws > 1 && { pointDraws }),
  };
  assertInput(
    run.pretrainSteps + run.jointSteps > 0,
    "train: there are no steps; give --pretrain-steps or --joint-steps",
  );
  return trainJointModel({
    ...common,
    config,
    run,
    command: `posediff train --preset ${options.preset} --seed ${run.seed} --pretrain-steps ${run.pretrainSteps} --joint-steps ${run.jointSteps} --batch ${run.batchSize}${pointDraws > 1 ? ` --point-draws ${pointDraws}` : ""} --pool ${run.poolSize} --learning-rate ${run.learningRate}${startOf(options)}`,
  });
}

function trainEnergyNetwork(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const config = presetNamed(options.preset);
  const run: EnergyRun = {
    ...defaultEnergyRun,
    ...shared,
    steps: stepsOf(options, defaultEnergyRun.steps),
  };
  return trainEnergyModel({
    ...common,
    config,
    run,
    command: `posediff train --network energy --preset ${options.preset} --seed ${run.seed} --steps ${run.steps} --batch ${run.batchSize} --pool ${run.poolSize} --learning-rate ${run.learningRate}${startOf(options)}`,
  });
}

async function trainMultiModalNetwork(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const { preset } = presetNamed(options.preset);
  const config = multiModalPresets[preset];
  const run: MultiModalRun = {
    ...defaultMultiModalRun,
    ...shared,
    pretrainSteps: wholeNumber("train", "pretrain-steps", options.pretrainSteps, 0),
    jointSteps: wholeNumber("train", "joint-steps", options.jointSteps, 0),
  };
  const { start, ...rest } = common;
  assertInput(start === undefined, "train: the multi-modal network has no --start; leave it out");
  const frozen = config.image?.kind === "frozen";
  assertInput(
    frozen === (options.extractor !== undefined),
    frozen
      ? `train: the preset ${preset} reads a frozen image model; give its ONNX file by --extractor`
      : `train: the preset ${preset} trains its own CNN; leave --extractor out, or take --preset paper`,
  );
  const extractor = options.extractor === undefined ? undefined : await onnxExtractor(options.extractor);
  try {
    return await trainMultiModalModel({
      ...rest,
      config,
      run,
      extractor,
      command: `posediff train --network multiModal --preset ${preset} --seed ${run.seed} --pretrain-steps ${run.pretrainSteps} --joint-steps ${run.jointSteps} --batch ${run.batchSize} --pool ${run.poolSize} --learning-rate ${run.learningRate}`,
    });
  } finally {
    extractor?.dispose();
  }
}

/** The variant and the run of the networks for photos. */
function photoRun(
  options: TrainOptions,
  { seed, batchSize, learningRate, poolSize }: CommonRun,
  defaults: RgbRun,
): { variant: RgbVariant; run: RgbRun; settings: string } {
  assertInput(poolSize === undefined, "train: photos are made anew for every step; leave --pool out");
  const variant = named("train", "variant", Object.fromEntries(rgbVariants.map((v) => [v, v])), options.variant);
  const steps = stepsOf(options, defaults.steps);
  return {
    variant,
    run: { ...defaults, seed, batchSize, learningRate, visits: visitsOf(batchSize), steps },
    settings: `--seed ${seed} --steps ${steps} --batch ${batchSize} --learning-rate ${learningRate}${startOf(options)}`,
  };
}

function trainRgbNetwork(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const { variant, run, settings } = photoRun(options, shared, defaultRgbRun);
  const { regression, ...preset } = rgbVariant(rgbPresetNamed(options.preset), variant);
  const config = options.regression ? { ...preset, regression } : preset;
  return trainRgbModel({
    ...common,
    config,
    variant,
    run,
    pretrained: options.pretrained,
    command: `posediff train --network rgb --preset ${options.preset} --variant ${variant}${options.regression ? "" : " --no-regression"}${options.pretrained ? ` --pretrained ${options.pretrained}` : ""} ${settings}`,
  });
}

function trainRgbRanker(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const { variant, run, settings } = photoRun(options, shared, defaultRgbEnergyRun);
  return trainRgbEnergyModel({
    ...common,
    config: rgbVariant(rgbPresetNamed(options.preset), variant),
    variant,
    run,
    command: `posediff train --network rgbEnergy --preset ${options.preset} --variant ${variant} ${settings}`,
  });
}

function trainPictureDiffusion(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
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

async function trainAggregationNetwork(
  options: TrainOptions,
  shared: CommonRun,
  common: Common,
): Promise<TrainedModel> {
  const { seed, batchSize, learningRate, poolSize } = shared;
  assertInput(poolSize === undefined, "train: the aggregation network's views are made anew; leave --pool out");
  const kind = named("train", "kind", Object.fromEntries(aggregationKinds.map((k) => [k, k])), options.kind);
  const preset = aggregationPreset(kind, options.publishedStart ? { zero: "all" } : {});
  const run = {
    ...defaultAggregationRun,
    seed,
    batchSize,
    learningRate,
    steps: stepsOf(options, defaultAggregationRun.steps),
  };
  const backbone = await openBackbone(preset.backbone, preset.options);
  try {
    return await trainAggregationModel({
      ...common,
      preset,
      backbone,
      run,
      command: `posediff train --network aggregation --kind ${kind}${options.publishedStart ? " --published-start" : ""} --seed ${seed} --steps ${run.steps} --batch ${batchSize} --learning-rate ${learningRate}${startOf(options)}`,
    });
  } finally {
    backbone.dispose();
  }
}

async function fitCanonicalNetwork(
  options: TrainOptions,
  { seed, poolSize }: CommonRun,
  { folder, start, signal, progress }: Common,
): Promise<Pick<TrainedModel, "path" | "minutes">> {
  const { root, objects, half } = options;
  assertInput(
    poolSize === undefined && start === undefined,
    "train: the canonical network is fitted at once; leave --pool and --start out",
  );
  assertInput(
    root !== undefined || (objects === undefined && half === undefined),
    "train: --objects and --half choose pictures of a data set; give its --root, too",
  );
  const parity = half && named("train", "half", { even: "even" as const, odd: "odd" as const }, half);
  const objectIds = objects?.map((id) => wholeNumber("train", "objects", id, 1));
  const pairs = stepsOf(options, defaultCanonicalRun.pairs);
  const backbone = await openBackbone(canonicalPreset.backbone, canonicalPreset.options);
  const { inputSize } = backbone;
  const { grid } = canonicalPreset;
  const batches =
    root === undefined
      ? toyPairs({ seed, pairs }, inputSize, grid)
      : bopPairs(openBop(root), inputSize, grid, {
          ...(objectIds && { objectIds }),
          ...(parity && { half: parity }),
          leastVisible: 0.5,
          onMissing: () => {},
        });
  const chosen = `${objects ? ` --objects ${objects.join(" ")}` : ""}${half ? ` --half ${half}` : ""}`;
  const command = `posediff train --network canonical ${root === undefined ? `--seed ${seed} --steps ${pairs}` : `--root ROOT${chosen}`}`;
  try {
    return await fitCanonicalModel({
      folder,
      preset: canonicalPreset,
      backbone,
      batches,
      card: { command, ...(root === undefined ? { seed } : { objects: objectIds ?? "all", half: half ?? "all" }) },
      signal,
      progress,
      ...(root === undefined && { expected: pairs }),
    });
  } finally {
    backbone.dispose();
  }
}

/** How often a scene is seen: as often as by default, or the most that divides the batch. */
function visitsOf(batchSize: number): number {
  let { visits } = defaultRgbRun;
  while (batchSize % visits !== 0) visits--;
  return visits;
}

const stepsOf = ({ steps }: TrainOptions, standard: number): number =>
  steps === undefined ? standard : wholeNumber("train", "steps", steps, 1);

const startOf = ({ start }: TrainOptions): string => (start ? ` --start ${start}` : "");

/** What can be trained. */
const networks: Readonly<
  Record<string, (...args: Parameters<typeof trainJointNetworks>) => Promise<Pick<TrainedModel, "path" | "minutes">>>
> = {
  joint: trainJointNetworks,
  energy: trainEnergyNetwork,
  multiModal: trainMultiModalNetwork,
  rgb: trainRgbNetwork,
  rgbEnergy: trainRgbRanker,
  diffusion: trainPictureDiffusion,
  aggregation: trainAggregationNetwork,
  canonical: fitCanonicalNetwork,
};

/** Run or resume a training; every `--save-every` minutes and at the end state and model are written. */
export async function train(options: TrainOptions): Promise<void> {
  const trainNetwork = networks[options.network];
  assertInput(
    trainNetwork,
    `train: there is no network "${options.network}"; use ${Object.keys(networks).join(" or ")}`,
  );
  const shared: CommonRun = {
    seed: wholeNumber("train", "seed", options.seed, 0),
    batchSize: wholeNumber("train", "batch", options.batch, 1),
    ...(options.pool !== undefined && { poolSize: wholeNumber("train", "pool", options.pool, 1) }),
    learningRate: Number(options.learningRate),
  };
  const saveEveryMinutes = Number(options.saveEvery);
  assertInput(
    shared.learningRate > 0 && shared.learningRate < Infinity,
    `train: --learning-rate is "${options.learningRate}"; give a positive number`,
  );
  assertInput(saveEveryMinutes > 0, `train: --save-every is "${options.saveEvery}"; give a positive number of minutes`);
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.once("SIGINT", abort).once("SIGTERM", abort);
  try {
    const { path, minutes } = await trainNetwork(options, shared, {
      folder: options.out ?? `runs/${options.network}`,
      start: options.start,
      signal: stop.signal,
      saveEveryMinutes,
      where: "train",
      onBegin: console.log,
      progress: (_share, note) => console.log(note),
    });
    console.log(`done: ${path} after ${minutes.toFixed(0)} minutes`);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.log(error.message);
  } finally {
    process.off("SIGINT", abort).off("SIGTERM", abort);
  }
}

export const command = (program: Command): void => {
  program
    .command("train")
    .description("train the networks of the three papers on the embedded data; can be stopped and resumed")
    .option(
      "--network <name>",
      "joint: regression pre-training, then joint learning; energy: GenPose's ranker; multiModal: RGB-D with sizes; rgb: paper B's network for photos; rgbEnergy: its ranker, from a model of it (--start); diffusion: paper C's, of pictures; aggregation: paper C's, over frozen features of EfficientNet-Lite0; canonical: a linear one of these, in closed form",
      "joint",
    )
    .option("--preset <name>", "small (two CPU cores), paper (the published sizes) or ablation (for trials)", "small")
    .option("--out <folder>", "where state and model are written; a run found there goes on (default: runs/NETWORK)")
    .option("--seed <n>", "seed of data, parameters and noise", String(defaultJointRun.seed))
    .option("--pretrain-steps <n>", "steps of regression alone", String(defaultJointRun.pretrainSteps))
    .option("--joint-steps <n>", "steps of both heads together", String(defaultJointRun.jointSteps))
    .option(
      "--steps <n>",
      `steps of the energy and rgb networks (default: ${defaultEnergyRun.steps}; rgb ${defaultRgbRun.steps}; rgbEnergy ${defaultRgbEnergyRun.steps}; diffusion ${defaultDiffusionRun.steps}; aggregation ${defaultAggregationRun.steps}; canonical ${defaultCanonicalRun.pairs} pairs)`,
    )
    .option("--kind <name>", "of the aggregation network: va, na or cwa", "cwa")
    .option("--root <folder>", "canonical: fit to real pictures of a data set in BOP format instead of toys")
    .option("--objects <id...>", "with --root: only these objects, the seen ones")
    .option("--half <which>", "with --root: the images at even or odd places only")
    .option("--published-start", "the aggregation's bottleneck begins at 0 as in the published code, and never learns")
    .option("--variant <name>", "of the rgb networks: NGR, NG (no whole photo), NC (no category) or all", "NGR")
    .option(
      "--pretrained <file>",
      "weights of torchvision's resnet34 (.pth, .safetensors) for the rgb network's paper preset",
    )
    .option("--no-regression", "train the rgb network by score matching alone, as paper B does")
    .option("--batch <n>", "clouds or photos a step", String(defaultJointRun.batchSize))
    .option(
      "--point-draws <n>",
      "draws of points per cloud of the joint network, averaged as an estimate averages four",
      "1",
    )
    .option(
      "--pool <n>",
      `rendered views that are kept and augmented (default: ${defaultJointRun.poolSize}; energy ${defaultEnergyRun.poolSize}, multiModal ${defaultMultiModalRun.poolSize})`,
    )
    .option("--extractor <file.onnx>", "image model of the multiModal network's paper preset, its card beside it")
    .option("--learning-rate <r>", "after warm-up; it decays exponentially", String(defaultJointRun.learningRate))
    .option("--start <file>", "begin with the weights of this model, which may be narrower")
    .option("--save-every <minutes>", "minutes between saves", "3")
    .action(async (options: TrainOptions) => {
      if (!(await rerunKeepingMemory())) await train(options);
    });
};
