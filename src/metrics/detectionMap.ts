/**
 * @file AP per class and mAP of detections, by overlap and by n° m cm, whatever overlap and error are.
 */
import { assertInput } from "../check";
import type { AveragePrecision } from "./averagePrecision";
import type { Detections, Scored } from "./detections";
import { overlapPrecisions, type PoseThresholds, posePrecisions } from "./thresholdPrecision";

/** Options of `detectionMap`. */
export interface DetectionMapOptions extends PoseThresholds {
  /** Rotation thresholds in degrees; 360 is appended. */
  withinDeg: readonly number[];
  /** Translation thresholds in centimetres; 100 is appended. */
  withinCm: readonly number[];
  iouThresholds: readonly number[];
  /** Leave classes without ground truth out of the mean; published figures keep them (as NaN or 0). */
  skipAbsent?: boolean;
}

/** AP and accuracy of one class or of their mean. */
export interface ClassPrecision {
  /** By IoU threshold. */
  iouAp: number[];
  iouAccuracy: number[];
  /** By rotation threshold, then translation threshold. */
  poseAp: number[][];
  poseAccuracy: number[][];
}

/** What `detectionMap` and `nocsMap` yield. */
export interface NocsMap {
  /** The thresholds, with 360° and 100 cm at their ends. */
  withinDeg: number[];
  withinCm: number[];
  iouThresholds: number[];
  perCategory: Record<string, ClassPrecision>;
  mean: ClassPrecision;
}

const apOf = ({ ap }: AveragePrecision): number => ap;
const accuracyOf = ({ accuracy }: AveragePrecision): number => accuracy;

/**
 * Per image and class the predictions are matched greedily (`overlapPrecisions`, `posePrecisions`); AP per class over all
 * images, then the mean over the classes.
 *
 * @throws InputError if `skipAbsent` leaves no class
 */
export function detectionMap<P extends Scored, T>(
  { byCategory, errors }: Detections<P, T>,
  options: DetectionMapOptions,
): NocsMap {
  const withinDeg = [...options.withinDeg, 360];
  const withinCm = [...options.withinCm, 100];
  const iouThresholds = [...options.iouThresholds];

  const classes = Array.from(byCategory, ([category, images]) => {
    const iou = overlapPrecisions(images, iouThresholds);
    const pose = posePrecisions(images, errors, { withinDeg, withinCm, poseIou: options.poseIou });
    const result: ClassPrecision = {
      iouAp: iou.map(apOf),
      iouAccuracy: iou.map(accuracyOf),
      poseAp: pose.map((row) => row.map(apOf)),
      poseAccuracy: pose.map((row) => row.map(accuracyOf)),
    };
    return { category, result, absent: images.every(({ truths }) => truths.length === 0) };
  });
  const counted = classes.filter(({ absent }) => !absent || !options.skipAbsent).map(({ result }) => result);
  assertInput(counted.length > 0, "detectionMap: no image has a ground truth; give some or leave skipAbsent out");
  const mean = (of: (result: ClassPrecision) => number): number =>
    counted.reduce((sum, result) => sum + of(result), 0) / counted.length;
  return {
    withinDeg,
    withinCm,
    iouThresholds,
    perCategory: Object.fromEntries(classes.map(({ category, result }) => [category, result])),
    mean: {
      iouAp: iouThresholds.map((_, i) => mean((r) => r.iouAp[i])),
      iouAccuracy: iouThresholds.map((_, i) => mean((r) => r.iouAccuracy[i])),
      poseAp: withinDeg.map((_, i) => withinCm.map((_, j) => mean((r) => r.poseAp[i][j]))),
      poseAccuracy: withinDeg.map((_, i) => withinCm.map((_, j) => mean((r) => r.poseAccuracy[i][j]))),
    },
  };
}
