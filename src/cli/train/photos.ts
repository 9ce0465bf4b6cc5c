/**
 * @file Trainings of paper B's networks, which read photos.
 */
import { assertInput } from "../../check";
import { defaultRgbEnergyRun, trainRgbEnergyModel } from "../../papers/rgbEnergyTraining";
import { type RgbVariant, rgbPresetNamed, rgbVariant, rgbVariants } from "../../papers/rgbMeanShift";
import type { TrainedModel } from "../../papers/trainModel";
import { defaultRgbRun, type RgbRun, trainRgbModel } from "../../papers/trainRgb";
import { oneOf } from "../named";
import { type Common, type CommonRun, startOf, stepsOf, type TrainOptions, visitsOf } from "./options";

/** The variant and the run of the networks for photos. */
function photoRun(
  options: TrainOptions,
  { poolSize, ...given }: CommonRun,
  defaults: RgbRun,
): { variant: RgbVariant; run: RgbRun; settings: string } {
  assertInput(poolSize === undefined, "train: photos are made anew for every step; leave --pool out");
  const variant = oneOf("train", "variant", rgbVariants, options.variant);
  const run = { ...defaults, ...given, steps: stepsOf(options, defaults.steps) };
  return {
    variant,
    run: { ...run, visits: visitsOf(run.batchSize) },
    settings: `--seed ${run.seed} --steps ${run.steps} --batch ${run.batchSize} --learning-rate ${run.learningRate}${startOf(options)}`,
  };
}

export function trainRgbNetwork(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
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

export function trainRgbRanker(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const { variant, run, settings } = photoRun(options, shared, defaultRgbEnergyRun);
  return trainRgbEnergyModel({
    ...common,
    config: rgbVariant(rgbPresetNamed(options.preset), variant),
    variant,
    run,
    command: `posediff train --network rgbEnergy --preset ${options.preset} --variant ${variant} ${settings}`,
  });
}
