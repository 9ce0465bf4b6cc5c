/**
 * @file Which prediction finds which ground truth, as the NOCS evaluation decides it.
 */
import type { OrientedBox } from "../geometry/box";
import { orderByScore } from "./averagePrecision";
import type { Iou3d } from "./iou3d";
import { type PoseError, publishedRotationErrorDeg, translationErrorCm } from "./poseError";

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

/** One image of the evaluation. */
export interface EvaluatedImage {
  predictions: readonly DetectedObject[];
  truths: readonly TrueObject[];
}

/** The matches of one class over all images: rows of flags beside their scores. */
export interface Matches {
  scores: number[];
  truths: number;
  /** matched[threshold][prediction], 1 or 0 */
  matched: number[][];
}

/** What decides a match; `NocsMapOptions` explains each. */
export interface MatchSettings {
  withinDeg: readonly number[];
  withinCm: readonly number[];
  iouThresholds: readonly number[];
  poseIou?: number | undefined;
  iou3d: Iou3d;
  symmetric: (category: string, handleVisible: boolean) => boolean;
}

const emptyMatches = (thresholds: number): Matches => ({
  scores: [],
  truths: 0,
  matched: Array.from({ length: thresholds }, () => []),
});

/**
 * Greedy matching: each prediction in turn takes the first free truth of its preference that `accepts`.
 * @returns for each prediction the truth it took, or −1
 */
function greedyMatch(
  preferences: readonly ArrayLike<number>[],
  truths: number,
  accepts: (prediction: number, truth: number) => boolean,
): Int32Array {
  const taken = new Uint8Array(truths);
  return Int32Array.from(preferences, (order, p) => {
    for (let k = 0; k < order.length; k++) {
      const truth = order[k];
      if (taken[truth] || !accepts(p, truth)) continue;
      taken[truth] = 1;
      return truth;
    }
    return -1;
  });
}

/** Indices of `values` from low to high. */
const ascending = (values: readonly number[]): number[] =>
  values.map((_, i) => i).sort((a, b) => values[a] - values[b] || a - b);

/** Appends which predictions found a truth. */
function pushFlags(row: number[], match: Int32Array): void {
  for (const truth of match) row.push(truth < 0 ? 0 : 1);
}

/**
 * The matches of one class, image by image, predictions by descending score.
 *
 * At an IoU threshold each prediction takes the free truth of highest IoU if that is above it (strictly; the reference
 * keeps IoUs in float32); at n° m cm the free truth of least degrees + centimetres among those within both (≤).
 *
 * @returns `byPose.matched` has a row per (degrees, centimetres), centimetres running fastest
 */
export function matchClass(
  images: readonly EvaluatedImage[],
  category: string,
  settings: MatchSettings,
): { byIou: Matches; byPose: Matches } {
  const { withinDeg, withinCm, iouThresholds, poseIou, iou3d, symmetric } = settings;
  const byIou = emptyMatches(iouThresholds.length);
  const byPose = emptyMatches(withinDeg.length * withinCm.length);
  for (const image of images) {
    let truths = image.truths.filter((t) => t.category === category);
    const unsorted = image.predictions.filter((p) => p.category === category);
    if (truths.length === 0 && unsorted.length === 0) continue;
    let predictions = Array.from(orderByScore(unsorted.map((p) => p.score)), (i) => unsorted[i]);
    const turns = (t: TrueObject): boolean => symmetric(category, t.handleVisible ?? true);

    const overlaps = predictions.map((p) => truths.map((t) => Math.fround(iou3d(p.box, t.box, turns(t)))));
    const byOverlap = overlaps.map((row) => ascending(row.map((iou) => -iou)));
    const matchAt = (threshold: number): Int32Array =>
      greedyMatch(byOverlap, truths.length, (p, t) => overlaps[p][t] > threshold);
    iouThresholds.forEach((threshold, i) => {
      pushFlags(byIou.matched[i], matchAt(threshold));
    });
    byIou.scores.push(...predictions.map((p) => p.score));
    byIou.truths += truths.length;

    if (poseIou !== undefined) {
      const match = matchAt(poseIou);
      predictions = predictions.filter((_, p) => match[p] >= 0);
      truths = truths.filter((_, t) => match.includes(t));
    }
    const errors = predictions.map((p) =>
      truths.map(
        (t): PoseError => ({
          errorDeg: publishedRotationErrorDeg(p.box.rotation, t.box.rotation, turns(t) ? "aboutY" : "none"),
          errorCm: translationErrorCm(p.box.translation, t.box.translation),
        }),
      ),
    );
    const byError = errors.map((row) => ascending(row.map((e) => e.errorDeg + e.errorCm)));
    withinDeg.forEach((deg, i) => {
      withinCm.forEach((cm, j) => {
        const within = (p: number, t: number): boolean => errors[p][t].errorDeg <= deg && errors[p][t].errorCm <= cm;
        pushFlags(byPose.matched[i * withinCm.length + j], greedyMatch(byError, truths.length, within));
      });
    });
    byPose.scores.push(...predictions.map((p) => p.score));
    byPose.truths += truths.length;
  }
  return { byIou, byPose };
}
