/**
 * @file mAP of the NOCS benchmarks: 3-D IoU and n° m cm, as REAL275 and CAMERA25 tables report it.
 */
import { assertFinite, assertInput } from "../check";
import { categories, isCategory, symmetricAboutY } from "../geometry/symmetry";
import { averagePrecisionOfSorted, orderByScore } from "./averagePrecision";
import { type Iou3d, publishedNocsIou3d } from "./iou3d";
import { type EvaluatedImage, type Matches, matchClass } from "./nocsMatching";

/** Options of `nocsMap`. */
export interface NocsMapOptions {
  /** The classes, and the mean is over all of them. */
  categories?: readonly string[];
  /** Rotation thresholds in degrees; 360 is appended. */
  withinDeg?: readonly number[];
  /** Translation thresholds in centimetres; 100 is appended. */
  withinCm?: readonly number[];
  iouThresholds?: readonly number[];
  /**
   * Published figures judge poses only in pairs that match at this IoU: missed objects and false alarms drop out, so
   * that the "mAP" does not see them. `undefined` judges all.
   */
  poseIou?: number | undefined;
  /** `publishedNocsIou3d` for published figures; `orientedIou3d` is right. */
  iou3d?: Iou3d;
  /** Whether only the y axis of the object counts. */
  symmetric?: (category: string, handleVisible: boolean) => boolean;
  /** Leave classes without ground truth out of the mean; published figures keep them (as NaN or 0). */
  skipAbsent?: boolean;
}

const defaults = {
  categories,
  withinDeg: [5, 10],
  withinCm: [2, 5],
  iouThresholds: [0.25, 0.5, 0.75],
  poseIou: 0.1,
  iou3d: publishedNocsIou3d,
  symmetric: (category: string, handleVisible: boolean): boolean =>
    isCategory(category) && symmetricAboutY(category, handleVisible),
  skipAbsent: false,
} satisfies NocsMapOptions;

/** AP and accuracy of one class or of their mean. */
export interface ClassPrecision {
  /** By IoU threshold. */
  iouAp: number[];
  iouAccuracy: number[];
  /** By rotation threshold, then translation threshold. */
  poseAp: number[][];
  poseAccuracy: number[][];
}

/** What `nocsMap` yields. */
export interface NocsMap {
  /** The thresholds, with 360° and 100 cm at their ends. */
  withinDeg: number[];
  withinCm: number[];
  iouThresholds: number[];
  perCategory: Record<string, ClassPrecision>;
  mean: ClassPrecision;
}

function checkImages(images: readonly EvaluatedImage[], allowed: readonly string[]): void {
  images.forEach(({ predictions, truths }, i) => {
    for (const { category } of [...predictions, ...truths])
      assertInput(
        allowed.includes(category),
        `nocsMap: image ${i} has the category ${category}; expected one of ${allowed.join(", ")}`,
      );
    assertFinite(
      `nocsMap, scores of image ${i}`,
      predictions.map(({ score }) => score),
    );
    for (const { box } of [...predictions, ...truths]) {
      assertFinite(`nocsMap, a box of image ${i}`, [...box.rotation, ...box.translation, ...box.size]);
      assertInput(
        box.size.every((extent) => extent > 0),
        `nocsMap: a box of image ${i} has the size ${box.size.join(" × ")}; every extent must be positive`,
      );
    }
  });
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
 * The evaluation of NOCS (utils.py, compute_degree_cm_mAP) and object-deformnet (lib/utils.py, compute_mAP).
 *
 * Per image and class the predictions are matched greedily (`matchClass`); AP per class over all images, then the mean
 * over the classes. Class and handle visibility are the truth's.
 *
 * Sizes differ between methods that predict none: without one, give the true box's size and read only the pose figures.
 * @throws InputError for a category outside `categories` or a score or box that is not finite
 */
export function nocsMap(images: readonly EvaluatedImage[], options: NocsMapOptions = {}): NocsMap {
  const settings = { ...defaults, ...options };
  checkImages(images, settings.categories);
  const withinDeg = [...settings.withinDeg, 360];
  const withinCm = [...settings.withinCm, 100];
  const iouThresholds = [...settings.iouThresholds];

  const evaluateClass = (category: string): { result: ClassPrecision; truths: number } => {
    const { byIou, byPose } = matchClass(images, category, { ...settings, withinDeg, withinCm });
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

  const classes = settings.categories.map((category) => ({ category, ...evaluateClass(category) }));
  const counted = classes.filter(({ truths }) => truths > 0 || !settings.skipAbsent).map(({ result }) => result);
  assertInput(counted.length > 0, "nocsMap: no image has a ground truth; give some or leave skipAbsent out");
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
