/**
 * @file What tells the scale: heads without the category, without the whole photo, with both for all, with the whole
 * photo for translation and size only (Table 1, claims B3 and B4).
 */
import { ready } from "../../backend";
import { modeOfBoxes } from "../../estimation/boxAggregation";
import { poseSizeDimension } from "../../geometry/poseSizeVector";
import { type BoxError, boxError } from "../../metrics/boxError";
import { createParameters } from "../../models/params";
import { bindScoreNetwork } from "../../models/scoreEvaluator";
import { scoreNetworkParameters } from "../../models/scoreNetwork";
import { type Condition, conditions, encodeViews, featureParts, viewFeatureSize } from "../../models/viewEncoder";
import { Rng } from "../../random";
import { ddim } from "../../samplers/ddim";
import { priorNoise } from "../../samplers/priorNoise";
import { loadModel, loadParameters } from "../../training/checkpoint";
import type { EncodedObjects, Encoder } from "../keptFeatures";
import { pause } from "../pause";
import { embeddedRgbCheckpoint } from "../rgbEstimator";
import { type RgbConfig, type RgbVariant, rgbParameters, rgbPresets, rgbVariant, rgbVariants } from "../rgbMeanShift";
import { streamEncoder } from "../streamEncoder";
import { defaultRgbRun, photoStream } from "../trainRgb";
import { encodedObjects } from "./encodedObjects";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import { type RgbArm, rgbArm } from "./rgbHypotheses";
import { type RgbObject, rgbObjects, rgbSampling } from "./rgbObjects";
import { seededPart } from "./seededPart";
import { rounded } from "./testObjects";
import { trainFrozenHead } from "./trainFrozenHead";

/** How much is measured. */
export interface RgbVariantsAmount {
  /** The trained network (variant NGR) whose encoder all heads share. */
  checkpoint: string;
  /** Batches of 32 encoded views that the heads learn from. */
  batches: number;
  steps: number;
  objects: number;
  hypotheses: number;
  /** Each with other heads, other batches and other noise. */
  trainings: number;
}

/** Mean Shift++ of a variant, and the loss of its training's last fifth. */
export type RgbVariantResult = { steps: number; loss: number; arm: RgbArm };

const { batchSize, draws } = defaultRgbRun;

/** Training views as the trained encoder sees them, with conditions left out now and then as in its own training. */
function trainingEncoder(checkpoint: string): Encoder {
  const config = rgbPresets.small;
  const parameters = createParameters(rgbParameters(config), new Rng(0));
  loadParameters(parameters, loadModel(checkpoint));
  const stream = photoStream(config, { ...defaultRgbRun, seed: 11, draws: 1 });
  return streamEncoder(parameters, stream, (weights, { view }) => encodeViews(weights, config.encoder, view).feature);
}

/** Rows of the full feature without the parts that a variant's encoder does not have. */
export function featureOfVariant(
  full: RgbConfig["encoder"],
  own: RgbConfig["encoder"],
  rows: Float32Array,
): Float32Array {
  const [all, kept] = [featureParts(full), featureParts(own)];
  const [from, to] = [viewFeatureSize(full), viewFeatureSize(own)];
  if (from === to) return rows;
  const count = rows.length / from;
  const result = new Float32Array(count * to);
  for (let row = 0; row < count; row++)
    for (const name of conditions) {
      const [start, end] = kept[name];
      const begin = row * from + all[name][0];
      if (end > start) result.set(rows.subarray(begin, begin + end - start), row * to + start);
    }
  return result;
}

async function measure(
  variant: RgbVariant,
  training: number,
  amount: RgbVariantsAmount,
  context: PartContext,
): Promise<RgbVariantResult> {
  const { checkpoint, batches, steps, objects: count, hypotheses } = amount;
  const full = rgbPresets.small;
  const { encoder, score, timeFocus } = rgbVariant(full, variant);
  await ready();
  const key = `${checkpoint} ${batches}`;
  const size = { batches, batchSize, width: viewFeatureSize(full.encoder), dimension: poseSizeDimension };
  const encoding = { key, ...size, open: () => trainingEncoder(checkpoint), share: 0.5 };
  const encoded = await encodedObjects(encoding, context);
  const parameters = createParameters(scoreNetworkParameters(score), new Rng(training).split("parameters"));
  const learned: EncodedObjects = {
    features: featureOfVariant(full.encoder, encoder, encoded.features),
    poses: encoded.poses,
  };
  const loss = await trainFrozenHead(parameters, learned, {
    score,
    steps,
    batchSize,
    draws,
    rng: new Rng(training).split("batches"),
    timeFocus,
    signal: context.signal,
    progress: (step, now) => context.progress(0.5 + (0.3 * step) / steps, `${step}/${steps}  loss ${now.toFixed(3)}`),
  });
  const { scoreOf } = bindScoreNetwork(parameters, score);
  const shift = modeOfBoxes();
  const errors: BoxError[] = [];
  for (const { index, truth, feature, boxesOf } of await rgbObjects(count, checkpoint, context)) {
    await pause(context);
    const z = priorNoise(new Rng(training).split("variants").split(index), hypotheses, poseSizeDimension);
    const { x } = ddim(scoreOf(featureOfVariant(full.encoder, encoder, feature)), z, rgbSampling);
    errors.push(boxError(shift(boxesOf(x)), truth));
    context.progress(0.8 + (0.2 * errors.length) / count, variant);
  }
  return { steps, loss, arm: rgbArm(errors) };
}

/** Percent of photos whose nearest other one shows the same category, by each network's part of the feature. */
export type CategoryTold = Record<Exclude<Condition, "category">, number>;

/** Percent of objects that are of the same category as the one whose numbers `from` ≤ i < `to` are the most similar (cosine). */
function nearestAgrees(objects: readonly RgbObject[], [from, to]: readonly [number, number]): number {
  const directions = objects.map(({ feature }) => {
    const part = feature.subarray(from, to);
    const length = Math.hypot(...part) || 1;
    return part.map((x) => x / length);
  });
  const similarity = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const agrees = objects.filter(({ truth }, i) => {
    let [nearest, most] = [-1, -Infinity];
    for (let j = 0; j < objects.length; j++) {
      const found = j === i ? -Infinity : similarity(directions[i], directions[j]);
      if (found > most) [nearest, most] = [j, found];
    }
    return truth.category === objects[nearest]?.truth.category;
  });
  return rounded((100 * agrees.length) / objects.length);
}

/** Whether the pictures' features tell the category by themselves, so that it need not be given. */
async function measureCategory(
  { objects: count, checkpoint }: RgbVariantsAmount,
  context: PartContext,
): Promise<CategoryTold> {
  const objects = await rgbObjects(count, checkpoint, context);
  const { rgb, geometry, global } = featureParts(rgbPresets.small.encoder);
  return {
    rgb: nearestAgrees(objects, rgb),
    geometry: nearestAgrees(objects, geometry),
    global: nearestAgrees(objects, global),
  };
}

/** One part per variant and training seed, and one for the category; smaller amounts for a quick look. */
export const rgbVariantsParts = (amount: RgbVariantsAmount): ExperimentPart[] => {
  const trainings = Array.from({ length: amount.trainings }, (_, training) => training);
  return [
    ...trainings.flatMap((training) =>
      rgbVariants.map((variant) =>
        experimentPart(seededPart(variant, training), (context) => measure(variant, training, amount, context)),
      ),
    ),
    experimentPart("category in the features", (context) => measureCategory(amount, context)),
  ];
};

export const rgbVariantsExperiment: Experiment = {
  name: "rgbVariants",
  title: "What tells the scale of a photo: category and whole photo, left out in turn (B3, B4; Table 1)",
  question:
    "The trained network's encoder, frozen; on it four times new heads, 4,000 steps each on the same 48,000 views, two training seeds; 300 unseen photos, Mean Shift++ on 50 hypotheses. B3: does translation get worse without the category? It holds if NC has at least 3 points fewer within 10 cm than «all» (both see the whole photo everywhere), mean over seeds. B4: does it without the whole photo, and is it best to show that to translation and size only? It holds if NG has at least 2 points fewer within 10 cm than NGR, and NGR is at most 1 point below the best of all four at 10°10cm. The encoder was trained as NGR, each condition left out one time in ten: what a network without a condition would learn to see in its place, these heads can only take from what is in the features already. Not decisive: by each network's part of the feature, how often does the nearest other photo show the same category?",
  photos: true,
  reads: [embeddedRgbCheckpoint],
  parts: () =>
    rgbVariantsParts({
      checkpoint: embeddedRgbCheckpoint,
      batches: 1_500,
      steps: 4_000,
      objects: 300,
      hypotheses: 50,
      trainings: 2,
    }),
};
