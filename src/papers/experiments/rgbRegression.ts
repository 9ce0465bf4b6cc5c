/**
 * @file Does paper A's joint learning help paper B's network? Score matching alone, and with a regression head beside it.
 */
import { modeOfBoxes } from "../../estimation/boxAggregation";
import { poseSizeDimension } from "../../geometry/poseSizeVector";
import { type BoxError, boxError } from "../../metrics/boxError";
import { Rng } from "../../random";
import { ddim } from "../../samplers/ddim";
import { priorNoise } from "../../samplers/priorNoise";
import { pause } from "../pause";
import { type RgbConfig, rgbPresets } from "../rgbMeanShift";
import { defaultRgbRun, type RgbRun, trainRgbModel } from "../trainRgb";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import { type RgbArm, rgbArm } from "./rgbHypotheses";
import { rgbObjects, rgbSampling } from "./rgbObjects";
import { seededPart } from "./seededPart";

/** How much is measured. */
export interface RgbRegressionAmount {
  run: RgbRun;
  objects: number;
  hypotheses: number;
  /** Of training. */
  trainings: number;
}

/** One hypothesis, and the mode of all. */
export type RgbRegressionResult = { steps: number; single: RgbArm; mode: RgbArm };

const { regression: head, ...alone } = rgbPresets.small;
/** Both begin with the same weights and see the same batches. */
const arms: Readonly<Record<string, RgbConfig>> = {
  "score matching alone": alone,
  "with regression head": { ...alone, regression: head },
};

async function measure(
  config: RgbConfig,
  training: number,
  { run, objects: count, hypotheses }: RgbRegressionAmount,
  context: PartContext,
): Promise<RgbRegressionResult> {
  const { path } = await trainRgbModel({
    config,
    variant: "NGR",
    run: { ...run, seed: training },
    folder: context.folder,
    signal: context.signal,
    progress: (share, note) => context.progress(0.9 * share, note),
  });
  const objects = await rgbObjects(count, path, context);
  const [single, mode]: BoxError[][] = [[], []];
  for (const { index, truth, score, boxesOf } of objects) {
    await pause(context);
    const z = priorNoise(new Rng(0).split("regression").split(index), hypotheses, poseSizeDimension);
    const boxes = boxesOf(ddim(score, z, rgbSampling).x);
    single.push(boxError(boxes[0], truth));
    mode.push(boxError(modeOfBoxes()(boxes), truth));
    context.progress(0.9 + (0.1 * mode.length) / count, "sampling");
  }
  return { steps: run.steps, single: rgbArm(single), mode: rgbArm(mode) };
}

/** One part per network and training seed; smaller amounts for a quick look. */
export const rgbRegressionParts = (amount: RgbRegressionAmount): ExperimentPart[] =>
  Array.from({ length: amount.trainings }, (_, training) => training).flatMap((training) =>
    Object.entries(arms).map(([name, config]) =>
      experimentPart(seededPart(name, training), (context) => measure(config, training, amount, context)),
    ),
  );

export const rgbRegressionExperiment: Experiment = {
  name: "rgbRegression",
  title: "Paper A's joint learning for paper B's network: with a regression head beside the score, and without",
  question:
    "Two networks, 2,500 steps each on the same batches, 200 unseen photos: does a regression head that shares the encoder make the sampled rotations better? It helps if the mode of 50 hypotheses has at least 3 points more within 10°; paper B trains by score matching alone.",
  photos: true,
  parts: () =>
    rgbRegressionParts({ run: { ...defaultRgbRun, steps: 2500 }, objects: 200, hypotheses: 50, trainings: 1 }),
};
