/**
 * @file `posediff train`: train the networks of the three papers on the embedded data; can be stopped and resumed.
 */
import type { Command } from "commander";
import { assertInput } from "../check";
import { defaultEnergyRun } from "../papers/energyTraining";
import { Interrupted } from "../papers/interrupted";
import { defaultRgbEnergyRun } from "../papers/rgbEnergyTraining";
import { defaultCanonicalRun } from "../papers/templates/canonicalModel";
import { defaultContrastiveRun } from "../papers/templates/contrastivePairs";
import { defaultDiffusionRun } from "../papers/trainDiffusion";
import { defaultJointRun } from "../papers/trainJoint";
import type { TrainedModel } from "../papers/trainModel";
import { defaultMultiModalRun } from "../papers/trainMultiModal";
import { defaultRgbRun } from "../papers/trainRgb";
import { defaultScoreHeadRun } from "../papers/trainScoreHead";
import { rerunKeepingMemory } from "./keepMemory";
import { trainEnergyNetwork, trainJointNetworks, trainMultiModalNetwork, trainScoreNetwork } from "./train/clouds";
import type { CommonRun, TrainOptions } from "./train/options";
import { trainRgbNetwork, trainRgbRanker } from "./train/photos";
import {
  fitCanonicalNetwork,
  trainAggregationNetwork,
  trainPictureDiffusion,
  trainTemplatePoseNetwork,
} from "./train/templates";
import { wholeNumber } from "./wholeNumber";

/** What can be trained. */
const networks: Readonly<
  Record<string, (...args: Parameters<typeof trainJointNetworks>) => Promise<Pick<TrainedModel, "path" | "minutes">>>
> = {
  joint: trainJointNetworks,
  score: trainScoreNetwork,
  energy: trainEnergyNetwork,
  multiModal: trainMultiModalNetwork,
  rgb: trainRgbNetwork,
  rgbEnergy: trainRgbRanker,
  diffusion: trainPictureDiffusion,
  aggregation: trainAggregationNetwork,
  templatePose: trainTemplatePoseNetwork,
  canonical: fitCanonicalNetwork,
};

function learningRateOf(given: string): number {
  const rate = Number(given);
  assertInput(rate > 0 && rate < Infinity, `train: --learning-rate is "${given}"; give a positive number`);
  return rate;
}

/** Run or resume a training; every `--save-every` minutes and at the end state and model are written. */
export async function train(options: TrainOptions): Promise<void> {
  const trainNetwork = networks[options.network];
  assertInput(
    trainNetwork,
    `train: there is no network "${options.network}"; use ${Object.keys(networks).join(" or ")}`,
  );
  const shared: CommonRun = {
    seed: wholeNumber("train", "seed", options.seed, 0),
    ...(options.batch !== undefined && { batchSize: wholeNumber("train", "batch", options.batch, 1) }),
    ...(options.pool !== undefined && { poolSize: wholeNumber("train", "pool", options.pool, 1) }),
    ...(options.learningRate !== undefined && { learningRate: learningRateOf(options.learningRate) }),
  };
  const saveEveryMinutes = Number(options.saveEvery);
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
      "joint: regression pre-training, then joint learning; score: the diffusion head of such a model alone, on what its encoder says of clouds that are encoded once (--start); energy: GenPose's ranker; multiModal: RGB-D with sizes; rgb: paper B's network for photos; rgbEnergy: its ranker, from a model of it (--start); diffusion: paper C's, of pictures; aggregation: paper C's, over frozen features of EfficientNet-Lite0; canonical: a linear one of these, in closed form; templatePose: its baseline, a ResNet trained whole",
      "joint",
    )
    .option("--preset <name>", "small (two CPU cores), paper (the published sizes) or ablation (for trials)", "small")
    .option("--out <folder>", "where state and model are written; a run found there goes on (default: runs/NETWORK)")
    .option("--seed <n>", "seed of data, parameters and noise", String(defaultJointRun.seed))
    .option("--pretrain-steps <n>", "steps of regression alone", String(defaultJointRun.pretrainSteps))
    .option("--joint-steps <n>", "steps of both heads together", String(defaultJointRun.jointSteps))
    .option(
      "--steps <n>",
      `steps of the score, energy and rgb networks (default: ${defaultScoreHeadRun.steps}; energy ${defaultEnergyRun.steps}; rgb ${defaultRgbRun.steps}; rgbEnergy ${defaultRgbEnergyRun.steps}; diffusion ${defaultDiffusionRun.steps}; aggregation and templatePose ${defaultContrastiveRun.steps}; canonical ${defaultCanonicalRun.pairs} pairs)`,
    )
    .option("--kind <name>", "of the aggregation network: va, na or cwa", "cwa")
    .option(
      "--root <folder>",
      "learn from real pictures of a data set in BOP format: canonical instead of toys, aggregation and templatePose in turn with them",
    )
    .option("--objects <id...>", "with --root: only these objects, the seen ones")
    .option("--half <which>", "with --root: the images at even or odd places only")
    .option("--renders", "with --root: learn from renders of its models instead of pictures and toys")
    .option(
      "--toys <n>",
      "of the aggregation and templatePose networks: learn from so many toys in turn (default: always others)",
    )
    .option("--published-start", "the aggregation's bottleneck begins at 0 as in the published code, and never learns")
    .option("--variant <name>", "of the rgb networks: NGR, NG (no whole photo), NC (no category) or all", "NGR")
    .option(
      "--pretrained <file>",
      "weights of torchvision's resnet34 (.pth, .safetensors) for the rgb network's paper preset",
    )
    .option("--no-regression", "train the rgb network by score matching alone, as paper B does")
    .option(
      "--batch <n>",
      `clouds, photos or pairs a step (default: ${defaultJointRun.batchSize}; score ${defaultScoreHeadRun.batchSize}; diffusion ${defaultDiffusionRun.batchSize}; aggregation and templatePose ${defaultContrastiveRun.batchSize})`,
    )
    .option(
      "--draws <n>",
      "draws of time and noise per cloud and step of the joint and score networks",
      String(defaultJointRun.draws),
    )
    .option(
      "--point-draws <n>",
      `draws of points per cloud of the joint and score networks, averaged as an estimate averages four (default: 1; score ${defaultScoreHeadRun.pointDraws})`,
    )
    .option("--freeze-encoder", "let the heads of the joint network alone learn, on the encoder of --start")
    .option("--clouds <n>", `clouds that are encoded for the score network (default: ${defaultScoreHeadRun.clouds})`)
    .option(
      "--pool <n>",
      `rendered views that are kept and augmented (default: ${defaultJointRun.poolSize}; score ${defaultScoreHeadRun.poolSize}, energy ${defaultEnergyRun.poolSize}, multiModal ${defaultMultiModalRun.poolSize})`,
    )
    .option("--extractor <file.onnx>", "image model of the multiModal network's paper preset, its card beside it")
    .option(
      "--learning-rate <r>",
      `after warm-up; it decays exponentially (default: ${defaultJointRun.learningRate}; score ${defaultScoreHeadRun.learningRate})`,
    )
    .option(
      "--start <file>",
      "begin with the weights of this model, which may be narrower, the joint network's heads also less deep",
    )
    .option("--save-every <minutes>", "minutes between saves", "3")
    .action(async (options: TrainOptions) => {
      if (!(await rerunKeepingMemory())) await train(options);
    });
};
