/**
 * @file What tells the scale: networks without the category, without the whole photo, with both for all heads, with the
 * whole photo for translation and size only (Table 1, claims B3 and B4).
 */
import { modeOfBoxes } from "../../estimation/boxAggregation";
import { poseSizeDimension } from "../../geometry/poseSizeVector";
import { type BoxError, boxError } from "../../metrics/boxError";
import { Rng } from "../../random";
import { ddim } from "../../samplers/ddim";
import { priorNoise } from "../../samplers/priorNoise";
import { type RgbVariant, rgbPresets, rgbVariant, rgbVariants } from "../rgbMeanShift";
import { defaultRgbRun, type RgbRun, trainRgbModel } from "../trainRgb";
import type { Experiment, ExperimentPart, Json, PartContext } from "./experiment";
import { type RgbArm, rgbArm } from "./rgbHypotheses";
import { rgbObjects, rgbSampling } from "./rgbObjects";
import { seededPart } from "./seededPart";
import { pause } from "./testObjects";

/** How much is measured. */
export interface RgbVariantsAmount {
  run: RgbRun;
  objects: number;
  hypotheses: number;
  /** Of sampling. */
  seeds: number;
  /** Of training. */
  trainings: number;
}

/** Mean Shift++ of a variant; one arm per sampling seed. */
export type RgbVariantResult = { steps: number; arms: RgbArm[] };

async function measure(
  variant: RgbVariant,
  training: number,
  { run, objects: count, hypotheses, seeds }: RgbVariantsAmount,
  context: PartContext,
): Promise<RgbVariantResult> {
  const { folder, signal } = context;
  const { path } = await trainRgbModel({
    config: rgbVariant(rgbPresets.small, variant),
    variant,
    run: { ...run, seed: training },
    folder,
    signal,
    progress: (share, note) => context.progress(0.9 * share, note),
  });
  const objects = await rgbObjects(count, path, context);
  const shift = modeOfBoxes();
  const arms: RgbArm[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const errors: BoxError[] = [];
    for (const { index, truth, score, boxesOf } of objects) {
      await pause(context);
      const z = priorNoise(new Rng(seed).split("variants").split(index), hypotheses, poseSizeDimension);
      errors.push(boxError(shift(boxesOf(ddim(score, z, rgbSampling).x)), truth));
      context.progress(0.9 + (0.1 * (seed + errors.length / count)) / seeds, variant);
    }
    arms.push(rgbArm(errors));
  }
  return { steps: run.steps, arms };
}

/** One part per variant and training seed; smaller amounts for a quick look. */
export const rgbVariantsParts = (amount: RgbVariantsAmount): ExperimentPart[] =>
  Array.from({ length: amount.trainings }, (_, training) => training).flatMap((training) =>
    rgbVariants.map((variant) => ({
      name: seededPart(variant, training),
      measure: async (context: PartContext) => (await measure(variant, training, amount, context)) as unknown as Json,
    })),
  );

export const rgbVariantsExperiment: Experiment = {
  name: "rgbVariants",
  title: "What tells the scale of a photo: category and whole photo, left out in turn (B3, B4; Table 1)",
  question:
    "Four networks, 6,000 steps each, 200 unseen photos, Mean Shift++ on 50 hypotheses, 3 sampling seeds. B3: does translation get worse without the category? It holds if NC has at least 3 points fewer within 10 cm than «all» (both see the whole photo everywhere), mean over seeds. B4: does it without the whole photo, and is it best to show that to translation and size only? It holds if NG has at least 2 points fewer within 10 cm than NGR, and NGR is at most 1 point below the best of all four at 10°10cm.",
  photos: true,
  parts: () =>
    rgbVariantsParts({
      run: { ...defaultRgbRun, steps: 6000 },
      objects: 200,
      hypotheses: 50,
      seeds: 3,
      trainings: 1,
    }),
};
