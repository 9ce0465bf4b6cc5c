/**
 * @file AP per class and mAP of detections, by overlap and by n° m cm, whatever overlap and error are.
 */
import { assertInput } from "../check";
import { averagePrecisionOfSorted, orderByScore } from "./averagePrecision";
import { type Evaluated, type Matches, type MatchSettings, matchClass } from "./nocsMatching";

/** Options of `detectionMap`. */
export interface DetectionMapOptions<P, T> extends MatchSettings<P, T> {
  /** The classes, and the mean is over all of them. */
  categories: readonly string[];
  /** Rotation thresholds in degrees; 360 is appended. */
  withinDeg: readonly number[];
  /** Translation thresholds in centimetres; 100 is appended. */
  withinCm: readonly number[];
  iouThresholds: readonly number[];
  /** Judge poses only in pairs that match at this overlap; `undefined` judges all. */
  poseIou?: number | undefined;
  /** Overlap of a prediction and a truth of its class in one image, in [0, 1]. */
  overlap: (prediction: P, truth: T) => number;
  /** Errors of a prediction against each of the truths that are judged with it. */
  errors: MatchSettings<P, T>["errors"];
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

/** AP and accuracy of each row of matches; the order by score is the same for all. */
function precisions({ scores, truths, matched }: Matches): { ap: number[]; accuracy: number[] } {
  const order = orderByScore(scores);
  const sorted = new Uint8Array(order.length);
  const rows = matched.map((row) => {
    for (let k = 0; k < order.length; k++) sorted[k] = row[order[k]];
    return averagePrecisionOfSorted(sorted, truths);
  });
  return { ap: rows.map(({ ap }) => ap), accuracy: rows.map(({ accuracy }) => accuracy) };
}

const reshape = (values: number[], columns: number): number[][] =>
  Array.from({ length: values.length / columns }, (_, r) => values.slice(r * columns, (r + 1) * columns));

/**
 * Per image and class the predictions are matched greedily (`matchClass`); AP per class over all images, then the mean
 * over the classes.
 *
 * @throws InputError if `skipAbsent` leaves no class
 */
export function detectionMap<P extends { category: string; score: number }, T extends { category: string }>(
  images: readonly Evaluated<P, T>[],
  options: DetectionMapOptions<P, T>,
): NocsMap {
  const withinDeg = [...options.withinDeg, 360];
  const withinCm = [...options.withinCm, 100];
  const iouThresholds = [...options.iouThresholds];

  const evaluateClass = (category: string): { result: ClassPrecision; truths: number } => {
    const { byIou, byPose } = matchClass(images, category, { ...options, withinDeg, withinCm });
    const [iou, pose] = [precisions(byIou), precisions(byPose)];
    return {
      truths: byIou.truths,
      result: {
        iouAp: iou.ap,
        iouAccuracy: iou.accuracy,
        poseAp: reshape(pose.ap, withinCm.length),
        poseAccuracy: reshape(pose.accuracy, withinCm.length),
      },
    };
  };

  const classes = options.categories.map((category) => ({ category, ...evaluateClass(category) }));
  const counted = classes.filter(({ truths }) => truths > 0 || !options.skipAbsent).map(({ result }) => result);
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
