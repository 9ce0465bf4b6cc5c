/**
 * @file Which prediction finds which ground truth, as the NOCS evaluation decides it.
 */
import { assertFinite, assertInput } from "../check";
import type { OrientedBox } from "../geometry/box";
import type { PoseError } from "./poseError";

/** A box that a method predicts. */
export interface DetectedObject {
  category: string;
  box: OrientedBox;
  score: number;
}

/** A box that is there. */
export interface TrueObject {
  category: string;
  box: OrientedBox;
  /** Only asked for mugs; true where left out. */
  handleVisible?: boolean;
}

/** One image of an evaluation: what was predicted in it, and what is there. */
export interface Evaluated<P, T> {
  predictions: readonly P[];
  truths: readonly T[];
}

/**
 * Categories and scores of images, checked before they are matched.
 *
 * @throws InputError naming `where` for a category that is not in `categories` or a score that is not finite
 */
export function assertEvaluated(
  where: string,
  images: readonly Evaluated<{ category: string; score: number }, { category: string }>[],
  categories: readonly string[],
): void {
  images.forEach(({ predictions, truths }, i) => {
    for (const { category } of [...predictions, ...truths])
      assertInput(
        categories.includes(category),
        `${where}: image ${i} has the category ${category}; expected one of ${categories.join(", ")}`,
      );
    assertFinite(
      `${where}, scores of image ${i}`,
      predictions.map(({ score }) => score),
    );
  });
}

/** One image with boxes in space. */
export type EvaluatedImage = Evaluated<DetectedObject, TrueObject>;

/** The matches of one class over all images: rows of flags beside their scores. */
export interface Matches {
  scores: number[];
  truths: number;
  /** matched[threshold][prediction], 1 or 0; as long as all predictions of the class, `scores.length` are in use. */
  matched: Uint8Array[];
}

/** What decides a match; `DetectionMapOptions` explains each. */
export interface MatchSettings<P, T> {
  withinDeg: readonly number[];
  withinCm: readonly number[];
  iouThresholds: readonly number[];
  poseIou?: number | undefined;
  overlap: (prediction: P, truth: T) => number;
  errors: (prediction: P, truths: readonly T[]) => PoseError[];
}

const emptyMatches = (thresholds: number, predictions: number): Matches => ({
  scores: [],
  truths: 0,
  matched: Array.from({ length: thresholds }, () => new Uint8Array(predictions)),
});

/** Predictions × truths of one image, row-major, each row's columns in the order in which it would take them. */
interface Preferences {
  predictions: number;
  truths: number;
  order: Int32Array;
}

/** Per row of `cost`, the flat indices of its entries from low to high. */
function preferencesOf(cost: Float64Array, predictions: number, truths: number): Preferences {
  const order = new Int32Array(cost.length);
  for (let p = 0; p < predictions; p++) {
    const row = order.subarray(p * truths, (p + 1) * truths);
    for (let t = 0; t < truths; t++) row[t] = p * truths + t;
    if (truths > 1) row.sort((i, j) => cost[i] - cost[j] || i - j);
  }
  return { predictions, truths, order };
}

/**
 * Greedy matching: each prediction in turn takes the first free truth of its preference that `accepts` (asked with the
 * flat index of the pair).
 * @returns for each prediction the truth it took, or −1
 */
function greedyMatch({ predictions, truths, order }: Preferences, accepts: (pair: number) => boolean): Int32Array {
  const taken = new Uint8Array(truths);
  const found = new Int32Array(predictions).fill(-1);
  for (let p = 0; p < predictions; p++)
    for (let k = p * truths; k < (p + 1) * truths && found[p] < 0; k++) {
      const truth = order[k] - p * truths;
      if (taken[truth] || !accepts(order[k])) continue;
      taken[truth] = 1;
      found[p] = truth;
    }
  return found;
}

/** Writes from `at` on which predictions found a truth. */
function writeFlags(row: Uint8Array, at: number, found: Int32Array): void {
  for (let p = 0; p < found.length; p++) row[at + p] = found[p] < 0 ? 0 : 1;
}

/** `of` each pair, row-major. */
function tabulate<P, T>(predictions: readonly P[], truths: readonly T[], of: (p: P, t: T) => number): Float64Array {
  return Float64Array.from(predictions.flatMap((p) => truths.map((t) => of(p, t))));
}

/**
 * The matches of one class, image by image, predictions by descending score.
 *
 * At an IoU threshold each prediction takes the free truth of highest IoU if that is above it (strictly; the reference
 * keeps IoUs in float32); at n° m cm the free truth of least degrees + centimetres among those within both (≤).
 *
 * @returns `byPose.matched` has a row per (degrees, centimetres), centimetres running fastest
 */
export function matchClass<P extends { category: string; score: number }, T extends { category: string }>(
  images: readonly Evaluated<P, T>[],
  category: string,
  settings: MatchSettings<P, T>,
): { byIou: Matches; byPose: Matches } {
  const { withinDeg, withinCm, iouThresholds, poseIou, overlap, errors } = settings;
  const ofClass = images.map((image) => ({
    truths: image.truths.filter((t) => t.category === category),
    predictions: image.predictions.filter((p) => p.category === category).sort((a, b) => b.score - a.score),
  }));
  const total = ofClass.reduce((sum, { predictions }) => sum + predictions.length, 0);
  const byIou = emptyMatches(iouThresholds.length, total);
  const byPose = emptyMatches(withinDeg.length * withinCm.length, total);

  for (let { truths, predictions } of ofClass) {
    const overlaps = tabulate(predictions, truths, (p, t) => Math.fround(overlap(p, t)));
    const byOverlap = preferencesOf(
      overlaps.map((iou) => -iou),
      predictions.length,
      truths.length,
    );
    const matchAt = (threshold: number): Int32Array => greedyMatch(byOverlap, (pair) => overlaps[pair] > threshold);
    iouThresholds.forEach((threshold, i) => {
      writeFlags(byIou.matched[i], byIou.scores.length, matchAt(threshold));
    });
    byIou.scores.push(...predictions.map((p) => p.score));
    byIou.truths += truths.length;

    if (poseIou !== undefined) {
      const match = matchAt(poseIou);
      predictions = predictions.filter((_, p) => match[p] >= 0);
      truths = truths.filter((_, t) => match.includes(t));
    }
    const table = predictions.flatMap((p) => errors(p, truths));
    const [errorDeg, errorCm] = [table.map((e) => e.errorDeg), table.map((e) => e.errorCm)];
    const byError = preferencesOf(
      Float64Array.from(table, (e) => e.errorDeg + e.errorCm),
      predictions.length,
      truths.length,
    );
    withinDeg.forEach((deg, i) => {
      withinCm.forEach((cm, j) => {
        const found = greedyMatch(byError, (pair) => errorDeg[pair] <= deg && errorCm[pair] <= cm);
        writeFlags(byPose.matched[i * withinCm.length + j], byPose.scores.length, found);
      });
    });
    byPose.scores.push(...predictions.map((p) => p.score));
    byPose.truths += truths.length;
  }
  return { byIou, byPose };
}
