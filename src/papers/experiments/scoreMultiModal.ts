/**
 * @file What a trained multi-modal network finds of unseen objects: poses by three ways, sizes by ScaleNet.
 */
import { proceduralSample } from "../../datasets/procedural/proceduralSample";
import type { RenderedSample } from "../../datasets/sample";
import { type Category, categories, symmetryOf } from "../../geometry/symmetry";
import { medianOfNumbers } from "../../metrics/averages";
import { type DetectionError, omni6dError, omni6dMetrics } from "../../metrics/omni6dMetrics";
import { scoreScalings } from "../../samplers/scoreScaling";
import type { ImageBatchOptions } from "../imageBatch";
import { loadMultiModalEstimator, type MultiModalEstimator } from "../multiModalEstimator";
import { pause } from "../pause";
import { sampleEstimate } from "../poseEstimator";
import type { PartContext } from "./experiment";
import { rounded } from "./testObjects";

/** Ways to one pose of an object; the size is ScaleNet's by that pose. */
export const multiModalMethods = ["regression head", "unscaled", "guided"] as const;

export type MultiModalMethod = (typeof multiModalMethods)[number];

/** Omni6DPose's figures in percent, means over the six categories; medians over all objects. */
export type MultiModalScore = {
  /** Within 5°2cm, 5°5cm, 10°2cm, 10°5cm. */
  accuracy: number[];
  /** VUS at the same. */
  vus: number[];
  /** IoU above 0.25, 0.5, 0.75. */
  iou: number[];
  /** AUC@IoU25, 50, 75. */
  iouAuc: number[];
  medianDeg: number;
  medianCm: number;
  /** Within 10°5cm, by category. */
  byCategory: Partial<Record<Category, number>>;
  /** Percent of cameras, laptops and mugs with a handle that are more than 90° off: front for back. */
  turnedRound: number;
};

const percent = (values: readonly number[]): number[] => values.map((value) => rounded(100 * value));

function scoreOf(errors: readonly DetectionError[], turnable: readonly boolean[]): MultiModalScore {
  const { mean, perCategory } = omni6dMetrics(errors);
  const sided = errors.filter((_, i) => turnable[i]);
  return {
    accuracy: percent(mean.poseAccuracy),
    vus: percent(mean.poseVus),
    iou: percent(mean.iouAccuracy),
    iouAuc: percent(mean.iouAuc),
    medianDeg: rounded(medianOfNumbers(errors.map((e) => e.errorDeg))),
    medianCm: rounded(medianOfNumbers(errors.map((e) => e.errorCm))),
    byCategory: Object.fromEntries(
      categories.flatMap((c) => (perCategory[c] ? [[c, rounded(100 * perCategory[c].poseAccuracy[3])]] : [])),
    ),
    turnedRound: rounded((100 * sided.filter((e) => e.errorDeg > 90).length) / Math.max(1, sided.length)),
  };
}

/** Errors of one object by every method, from the same starting noise. */
async function errorsOf(
  estimator: MultiModalEstimator,
  sample: RenderedSample,
  index: number,
): Promise<{ errors: Record<MultiModalMethod, DetectionError>; sizeErrorCm: number }> {
  const { category, pose, size, handleVisible } = sample;
  const symmetry = symmetryOf(category, handleVisible) === "aboutY" ? "y-cone" : "none";
  const encoded = await estimator.encode(sample);
  // The noise comes from the seed alone: every object gets one of its own.
  const [unscaled, guided] = [scoreScalings.none, scoreScalings.exponential].map((scaling) =>
    sampleEstimate(estimator.scoreOf(encoded.feature), encoded.centroid, { seed: index, options: { scaling } }),
  );
  const poses = { "regression head": encoded.regression, unscaled: unscaled.pose, guided: guided.pose };
  const errors = Object.fromEntries(
    multiModalMethods.map((method) => {
      const predicted = { ...poses[method], size: estimator.sizeOf(encoded.feature, poses[method].rotation) };
      return [method, { category, ...omni6dError(predicted, { ...pose, size }, symmetry) }];
    }),
  ) as Record<MultiModalMethod, DetectionError>;
  const guess = estimator.sizeOf(encoded.feature, pose.rotation);
  const sizeErrorCm = guess.reduce((sum, extent, k) => sum + Math.abs(extent - size[k]), 0) * (100 / 3);
  return { errors, sizeErrorCm };
}

/** What `scoreMultiModal` measured. */
export type MultiModalScores = {
  objects: number;
  scores: Record<MultiModalMethod, MultiModalScore>;
  /** Mean over objects of the mean error of the three extents, with the true rotation, centimetres. */
  sizeErrorCm: number;
};

/** What is looked at. */
export interface ScoredObjects {
  /** Of the test split, from the first on. */
  objects: number;
  materials: ImageBatchOptions["materials"];
  /** Every pixel of the picture mid-grey: what is left is depth. */
  grey?: boolean;
}

const midGrey = 128;

/** Scores of the model in that file. As it goes on, the share of the part that is done goes from `from` to `to`. */
export async function scoreMultiModal(
  path: string,
  { objects, materials, grey = false }: ScoredObjects,
  context: PartContext,
  [from, to]: readonly [number, number] = [0.9, 1],
): Promise<MultiModalScores> {
  const estimator = loadMultiModalEstimator(path);
  const rows: Awaited<ReturnType<typeof errorsOf>>[] = [];
  const turnable: boolean[] = [];
  try {
    for (let i = 0; i < objects; i++) {
      const sample = proceduralSample("test", i, { materials });
      if (grey) sample.rgb.fill(midGrey);
      rows.push(await errorsOf(estimator, sample, i));
      turnable.push(symmetryOf(sample.category, sample.handleVisible) === "none");
      await pause(context);
      context.progress(from + ((to - from) * rows.length) / objects, "estimating");
    }
  } finally {
    estimator.dispose();
  }
  const scoreBy = (method: MultiModalMethod): MultiModalScore =>
    scoreOf(
      rows.map(({ errors }) => errors[method]),
      turnable,
    );
  return {
    objects,
    scores: Object.fromEntries(multiModalMethods.map((method) => [method, scoreBy(method)])) as Record<
      MultiModalMethod,
      MultiModalScore
    >,
    sizeErrorCm: rounded(rows.reduce((sum, row) => sum + row.sizeErrorCm, 0) / rows.length),
  };
}
