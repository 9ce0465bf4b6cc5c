/**
 * @file The evaluation of Omni6DPose (package cutoop): errors after symmetry calibration, accuracy, AUC, VUS and AP per
 * class, and their means.
 */
import { assertFinite, assertInput } from "../check";
import { boxIou, type OrientedBox } from "../geometry/box";
import type { ObjectSymmetry } from "../geometry/symmetryGroup";
import { stepwiseAveragePrecision } from "./averagePrecision";
import { meanOfNumbers } from "./averages";
import { type CalibrateRotationOptions, calibrateRotation } from "./calibrateRotation";
import { type PoseError, poseError } from "./poseError";
import { aucBelow, aucIou, vus } from "./vus";

/** Errors of one detected object. */
export interface DetectionError extends PoseError {
  category: string;
  /** Exact IoU of the oriented boxes. */
  iou: number;
  /** Confidence of the detection; the AP needs one of every object. */
  score?: number;
}

/** Degrees, centimetres and IoU of a prediction whose rotation is calibrated first; the box is turned with it. */
export function omni6dError(
  predicted: OrientedBox,
  truth: OrientedBox,
  symmetry: ObjectSymmetry,
  options: CalibrateRotationOptions = {},
): Omit<DetectionError, "category" | "score"> {
  const rotation = calibrateRotation(predicted.rotation, truth.rotation, symmetry, options);
  const calibrated = { ...predicted, rotation };
  return { ...poseError(calibrated, truth), iou: boxIou(calibrated, truth) };
}

/** Thresholds of the published tables. */
const iouThresholds = [0.25, 0.5, 0.75] as const;
/** Lower end and bins of AUC@IoU25, 50, 75. */
const iouRanges = [
  [0.25, 10],
  [0.5, 100],
  [0.75, 100],
] as const;
/** Degrees, centimetres. */
const poseThresholds = [
  [5, 2],
  [5, 5],
  [10, 2],
  [10, 5],
] as const;

/** Figures of one class, or their means over the classes. Lists are in the order named. */
export interface Omni6dClassMetrics {
  iouMean: number;
  /** IoU > 0.25, 0.5, 0.75. */
  iouAccuracy: number[];
  /** AUC@IoU25, IoU50, IoU75. */
  iouAuc: number[];
  /** AP at IoU ≥ 0.25, 0.5, 0.75; only with scores. */
  iouAp?: number[];
  degMean: number;
  cmMean: number;
  /** Below 5°2cm, 5°5cm, 10°2cm, 10°5cm. */
  poseAccuracy: number[];
  /** Area under the accuracy up to 5°. */
  degAuc: number;
  /** Area under the accuracy up to 10 cm. */
  cmAuc: number;
  /** VUS@5°2cm, 5°5cm, 10°2cm, 10°5cm. */
  poseVus: number[];
  /** AP at ≤ 5°2cm, 5°5cm, 10°2cm, 10°5cm; only with scores. */
  poseAp?: number[];
}

/** By class, and the unweighted mean over the classes that occur. */
export interface Omni6dMetrics {
  perCategory: Record<string, Omni6dClassMetrics>;
  mean: Omni6dClassMetrics;
}

function classMetrics(errors: readonly DetectionError[], truths: number | undefined): Omni6dClassMetrics {
  const [ious, degrees, centimetres] = [
    errors.map((e) => e.iou),
    errors.map((e) => e.errorDeg),
    errors.map((e) => e.errorCm),
  ];
  const share = (accepts: (error: DetectionError) => boolean): number => errors.filter(accepts).length / errors.length;
  const scores = errors.flatMap(({ score }) => (score === undefined ? [] : [score]));
  const ap = (accepts: (error: DetectionError) => boolean): number =>
    stepwiseAveragePrecision(errors.map(accepts), scores, truths ?? errors.length);
  return {
    iouMean: meanOfNumbers(ious),
    iouAccuracy: iouThresholds.map((t) => share((e) => e.iou > t)),
    iouAuc: iouRanges.map(([from, bins]) => aucIou(ious, from, bins)),
    degMean: meanOfNumbers(degrees),
    cmMean: meanOfNumbers(centimetres),
    poseAccuracy: poseThresholds.map(([deg, cm]) => share((e) => e.errorDeg < deg && e.errorCm < cm)),
    degAuc: aucBelow(degrees, 5, 500),
    cmAuc: aucBelow(centimetres, 10, 1000),
    poseVus: poseThresholds.map(([deg, cm]) => vus(errors, deg, cm)),
    ...(scores.length === errors.length
      ? {
          iouAp: iouThresholds.map((t) => ap((e) => e.iou >= t)),
          poseAp: poseThresholds.map(([deg, cm]) => ap((e) => e.errorDeg <= deg && e.errorCm <= cm)),
        }
      : {}),
  };
}

/** Options of `omni6dMetrics`. */
export interface Omni6dMetricsOptions {
  /** Number of true objects per class, found or not: what the recall of the AP counts. Left out: those in `errors`. */
  truths?: Readonly<Record<string, number>>;
}

/**
 * Omni6DPose's figures of `errors` (`omni6dError` makes them). Accuracies compare strictly, APs do not (both as published).
 *
 * @throws InputError for no error, numbers that are not finite, scores of some objects only, or scores without the number
 *   of true objects of a class
 */
export function omni6dMetrics(errors: readonly DetectionError[], options: Omni6dMetricsOptions = {}): Omni6dMetrics {
  assertInput(errors.length > 0, "omni6dMetrics: got no errors; evaluate at least one object");
  assertFinite(
    "omni6dMetrics",
    errors.flatMap(({ iou, errorDeg, errorCm, score = 0 }) => [iou, errorDeg, errorCm, score]),
  );
  const scored = errors.filter(({ score }) => score !== undefined).length;
  assertInput(
    scored === 0 || scored === errors.length,
    `omni6dMetrics: ${scored} of ${errors.length} objects have a score; give all or none one`,
  );
  const names = [...new Set(errors.map(({ category }) => category))].sort();
  const perCategory = Object.fromEntries(
    names.map((name) => {
      const truths = options.truths?.[name];
      assertInput(
        scored === 0 || options.truths === undefined || truths !== undefined,
        `omni6dMetrics: truths has no number for ${name}; give the number of true objects of every class`,
      );
      const own = errors.filter(({ category }) => category === name);
      return [name, classMetrics(own, truths)] as const;
    }),
  );
  return { perCategory, mean: meanOverClasses(Object.values(perCategory)) };
}

function meanOverClasses(classes: readonly Omni6dClassMetrics[]): Omni6dClassMetrics {
  const mean = (of: (c: Omni6dClassMetrics) => number): number => meanOfNumbers(classes.map(of));
  const means = (of: (c: Omni6dClassMetrics) => readonly number[]): number[] =>
    of(classes[0]).map((_, i) => mean((c) => of(c)[i]));
  const { iouAp, poseAp } = classes[0];
  return {
    iouMean: mean((c) => c.iouMean),
    iouAccuracy: means((c) => c.iouAccuracy),
    iouAuc: means((c) => c.iouAuc),
    degMean: mean((c) => c.degMean),
    cmMean: mean((c) => c.cmMean),
    poseAccuracy: means((c) => c.poseAccuracy),
    degAuc: mean((c) => c.degAuc),
    cmAuc: mean((c) => c.cmAuc),
    poseVus: means((c) => c.poseVus),
    ...(iouAp && poseAp ? { iouAp: means((c) => c.iouAp ?? []), poseAp: means((c) => c.poseAp ?? []) } : {}),
  };
}
