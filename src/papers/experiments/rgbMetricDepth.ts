/**
 * @file Paper A's network on predicted metric depth against paper B's on the same photos (Table 2, claim B6).
 */
import { proceduralPhoto } from "../../datasets/procedural/proceduralPhoto";
import { modeOfBoxes } from "../../estimation/boxAggregation";
import { poseSizeDimension } from "../../geometry/poseSizeVector";
import { symmetryOf } from "../../geometry/symmetry";
import { medianOfNumbers } from "../../metrics/averages";
import { type PoseError, poseError } from "../../metrics/poseError";
import { Rng } from "../../random";
import { ddim } from "../../samplers/ddim";
import { priorNoise } from "../../samplers/priorNoise";
import { probabilityFlowOde } from "../../samplers/probabilityFlowOde";
import { scoreScalings } from "../../samplers/scoreScaling";
import { predictedMetricCloud, publishedMetricDepthError } from "../metricDepth";
import { pause } from "../pause";
import { embeddedCheckpoint, leastPoints, loadPoseEstimator } from "../poseEstimator";
import { embeddedRgbCheckpoint } from "../rgbEstimator";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import { put, rgbObjects, rgbSampling } from "./rgbObjects";
import { seededPart } from "./seededPart";
import { rounded } from "./testObjects";

/** How much is measured. */
export interface RgbMetricDepthAmount {
  objects: number;
  seeds: number;
  hypotheses: number;
  /** Deviations of the logarithm of the scale. */
  scales: readonly number[];
  /** The photo network's file. */
  model: string;
}

/** Percent of poses; no sizes, which paper A's network does not tell. */
export type PoseShares = {
  at10deg: number;
  at10cm: number;
  at10deg10cm: number;
  medianDeg: number;
  medianCm: number;
};

const shares = (errors: readonly PoseError[]): PoseShares => {
  const percent = (of: (e: PoseError) => boolean): number => rounded((100 * errors.filter(of).length) / errors.length);
  return {
    at10deg: percent((e) => e.errorDeg <= 10),
    at10cm: percent((e) => e.errorCm <= 10),
    at10deg10cm: percent((e) => e.errorDeg <= 10 && e.errorCm <= 10),
    medianDeg: rounded(medianOfNumbers(errors.map((e) => e.errorDeg))),
    medianCm: rounded(medianOfNumbers(errors.map((e) => e.errorCm))),
  };
};

/** The name of an arm with this deviation of the scale. */
export const metricDepthArm = (scale: number): string => `point cloud, scale error ${scale}`;

/** Both networks on the same photos; the cloud's points are those of the object's true visible pixels. */
async function measure(
  { objects: count, hypotheses, scales, model }: RgbMetricDepthAmount,
  seed: number,
  context: PartContext,
): Promise<Record<string, PoseShares>> {
  const objects = await rgbObjects(count, model, context);
  const estimator = loadPoseEstimator();
  const errors: Record<string, PoseError[]> = {};
  try {
    for (const [done, { index, truth, score, boxesOf }] of objects.entries()) {
      await pause(context);
      const symmetry = symmetryOf(truth.category, truth.handleVisible);
      const rng = new Rng(seed).split("metric depth").split(index);
      const z = priorNoise(rng.split("noise"), hypotheses, poseSizeDimension);
      const own = modeOfBoxes()(boxesOf(ddim(score, z, rgbSampling).x));
      put(errors, "paper B, Mean Shift++", poseError(own, truth.box, symmetry));
      const photo = proceduralPhoto("test", index);
      for (const scale of scales) {
        const cloud = predictedMetricCloud(photo, rng.split("depth"), { ...publishedMetricDepthError, scale });
        if (cloud.length < 3 * leastPoints) continue;
        const { pose } = estimator.estimate(cloud, {
          hypotheses,
          seed: rng.split("cloud").seed,
          sampler: probabilityFlowOde,
          options: { scaling: scoreScalings.none },
        });
        put(errors, metricDepthArm(scale), poseError(pose, truth.box, symmetry));
      }
      context.progress((done + 1) / objects.length, `seed ${seed}`);
    }
  } finally {
    estimator.dispose();
  }
  return Object.fromEntries(Object.entries(errors).map(([name, rows]) => [name, shares(rows)]));
}

/** The parts; smaller amounts for a quick look. */
export const rgbMetricDepthParts = (amount: RgbMetricDepthAmount): ExperimentPart[] =>
  Array.from({ length: amount.seeds }, (_, seed) =>
    experimentPart(seededPart("arms", seed), (context) => measure(amount, seed, context)),
  );

export const rgbMetricDepth: Experiment = {
  name: "rgbMetricDepth",
  title: "Why relative depth: paper A's point-cloud network on predicted metric depth (B6; Table 2)",
  question: `B6: is the point-cloud network on predicted metric depth far worse in translation? 200 unseen photos, K = 50, 3 seeds. The cloud is that of the true visible pixels, with one scale error for the photo and a relief that comes out flat; it holds if, at the scale error that the paper's own Table 2 implies (deviation ${publishedMetricDepthError.scale} of the logarithm), at least 10 points fewer objects are within 10 cm than by paper B's network, mean over seeds. The sweep tells from which scale error on.`,
  photos: true,
  reads: [embeddedCheckpoint, embeddedRgbCheckpoint],
  parts: () =>
    rgbMetricDepthParts({
      objects: 200,
      seeds: 3,
      hypotheses: 50,
      scales: [0, 0.06, 0.15, publishedMetricDepthError.scale],
      model: embeddedRgbCheckpoint,
    }),
};
