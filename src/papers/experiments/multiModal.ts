/**
 * @file Score scaling on a network that reads colours too, and what colours add (paper A, Table 4).
 */
import { proceduralSample } from "../../datasets/procedural/proceduralSample";
import type { RenderedSample } from "../../datasets/sample";
import { type Category, categories, symmetryOf } from "../../geometry/symmetry";
import { medianOfNumbers } from "../../metrics/averages";
import { type DetectionError, omni6dError, omni6dMetrics } from "../../metrics/omni6dMetrics";
import { createParameters } from "../../models/params";
import { Rng } from "../../random";
import { scoreScalings } from "../../samplers/scoreScaling";
import { multiModalParameters, multiModalPresets, withoutImage } from "../multiModal";
import { loadMultiModalEstimator, type MultiModalEstimator } from "../multiModalEstimator";
import { sampleEstimate } from "../poseEstimator";
import { defaultJointRun, type JointRun } from "../trainJoint";
import { trainMultiModalModel } from "../trainMultiModal";
import type { Experiment, ExperimentPart, Json, PartContext } from "./experiment";
import { seededPart } from "./seededPart";
import { pause, rounded } from "./testObjects";

/** What a network reads, and how its objects are coloured. */
export const multiModalArms = ["depth", "RGB-D, typical colours", "RGB-D, random colours"] as const;

export type MultiModalArm = (typeof multiModalArms)[number];

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

/** What one arm measured with one seed. */
export type MultiModalResult = {
  steps: number;
  parameters: number;
  objects: number;
  scores: Record<MultiModalMethod, MultiModalScore>;
  /** Mean over objects of the mean error of the three extents, with the true rotation, centimetres. */
  sizeErrorCm: number;
};

/** How much is trained and measured. */
interface Amount {
  run: Omit<JointRun, "seed" | "mixture">;
  objects: number;
}

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

async function measureArm(
  arm: MultiModalArm,
  seed: number,
  { run: trained, objects }: Amount,
  context: PartContext,
): Promise<MultiModalResult> {
  const { folder, signal } = context;
  const full = multiModalPresets.ablation;
  const config = arm === "depth" ? withoutImage(full) : full;
  const materials = arm === "RGB-D, random colours" ? "random" : "typical";
  const run = { ...trained, seed, materials } as const;
  const { path } = await trainMultiModalModel({
    folder,
    signal,
    config,
    run,
    progress: (share, note) => context.progress(0.9 * share, note),
  });
  const estimator = loadMultiModalEstimator(path);
  const rows: Awaited<ReturnType<typeof errorsOf>>[] = [];
  const turnable: boolean[] = [];
  try {
    for (let i = 0; i < objects; i++) {
      const sample = proceduralSample("test", i, { materials });
      rows.push(await errorsOf(estimator, sample, i));
      turnable.push(symmetryOf(sample.category, sample.handleVisible) === "none");
      await pause(context);
      context.progress(0.9 + (0.1 * rows.length) / objects, "estimating");
    }
  } finally {
    estimator.dispose();
  }
  return {
    steps: run.pretrainSteps + run.jointSteps,
    parameters: createParameters(multiModalParameters(config), new Rng(0)).trainableCount,
    objects,
    scores: Object.fromEntries(
      multiModalMethods.map((method) => [
        method,
        scoreOf(
          rows.map(({ errors }) => errors[method]),
          turnable,
        ),
      ]),
    ) as Record<MultiModalMethod, MultiModalScore>,
    sizeErrorCm: rounded(rows.reduce((sum, row) => sum + row.sizeErrorCm, 0) / rows.length),
  };
}

/** The arms as parts, seed by seed; random colours with the first seed only. */
export const multiModalParts = (amount: Amount, seeds: readonly number[]): ExperimentPart[] =>
  seeds.flatMap((seed, s) =>
    multiModalArms
      .filter((arm) => s === 0 || arm !== "RGB-D, random colours")
      .map((arm) => ({
        name: seededPart(arm, seed),
        measure: async (context): Promise<Json> => ({ ...(await measureArm(arm, seed, amount, context)) }),
      })),
  );

export const multiModal: Experiment = {
  name: "multiModal",
  title: "Score scaling on an RGB-D network with sizes (A15; Table 4)",
  question:
    "A15: does score scaling lift a network that reads colours too? It holds if, with K = 1 on the network trained with typical colours and in the mean over 2 training seeds, guided lies at least 10 points above unscaled at 5°2cm and at least 5 points above at 10°5cm (accuracy, mean over six categories, 300 objects), and above it at both in each seed. Also measured, without a threshold: what colours add to depth where they tell front from back (typical) and where they do not (random).",
  parts: () =>
    multiModalParts(
      { run: { ...defaultJointRun, pretrainSteps: 1000, jointSteps: 2500, poolSize: 2048 }, objects: 300 },
      [0, 1],
    ),
};
