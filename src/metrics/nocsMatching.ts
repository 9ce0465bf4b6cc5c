/**
 * @file Which prediction finds which ground truth, as the NOCS evaluation decides it.
 */
import { assertFinite, InputError } from "../check";
import type { OrientedBox } from "../geometry/box";
import { greedyMatch, preferencesOf, stretchesOf } from "./greedyMatch";
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
      if (!categories.includes(category))
        throw new InputError(
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

/** Thresholds in ascending order, and where each stands in the list that was asked for. */
interface Ladder {
  ascending: number[];
  place: Int32Array;
}

function ladderOf(thresholds: readonly number[]): Ladder {
  const place = Int32Array.from(thresholds, (_, i) => i).sort((i, j) => thresholds[i] - thresholds[j]);
  return { ascending: Array.from(place, (i) => thresholds[i]), place };
}

/** The places of the thresholds from `starts[k]` to the next start. */
const stretch = ({ ascending, place }: Ladder, starts: readonly number[], k: number): Int32Array =>
  place.subarray(starts[k], starts[k + 1] ?? ascending.length);

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
  // An overlap above a threshold is a cost below its negative: all ladders then accept more on higher steps.
  const [byCost, byDeg, byCm] = [ladderOf(iouThresholds.map((t) => -t)), ladderOf(withinDeg), ladderOf(withinCm)];

  for (let { truths, predictions } of ofClass) {
    if (predictions.length === 0) {
      byIou.truths += truths.length;
      if (poseIou === undefined) byPose.truths += truths.length;
      continue;
    }
    const cost = tabulate(predictions, truths, (p, t) => -Math.fround(overlap(p, t)));
    const byOverlap = preferencesOf(cost, predictions.length, truths.length);
    const below = stretchesOf(cost, byCost.ascending, (value, threshold) => value < threshold);
    below.starts.forEach((start, k) => {
      const found = greedyMatch(byOverlap, (pair) => below.first[pair] <= start);
      for (const row of stretch(byCost, below.starts, k)) writeFlags(byIou.matched[row], byIou.scores.length, found);
    });
    byIou.scores.push(...predictions.map((p) => p.score));
    byIou.truths += truths.length;

    if (poseIou !== undefined) {
      const match = greedyMatch(byOverlap, (pair) => cost[pair] < -poseIou);
      predictions = predictions.filter((_, p) => match[p] >= 0);
      truths = truths.filter((_, t) => match.includes(t));
      if (predictions.length === 0) continue;
    }
    const table = predictions.flatMap((p) => errors(p, truths));
    const byError = preferencesOf(
      table.map((e) => e.errorDeg + e.errorCm),
      predictions.length,
      truths.length,
    );
    const within = (value: number, threshold: number): boolean => value <= threshold;
    const deg = stretchesOf(
      table.map((e) => e.errorDeg),
      byDeg.ascending,
      within,
    );
    const cm = stretchesOf(
      table.map((e) => e.errorCm),
      byCm.ascending,
      within,
    );
    deg.starts.forEach((degStart, i) => {
      const degPlaces = stretch(byDeg, deg.starts, i);
      cm.starts.forEach((cmStart, j) => {
        const found = greedyMatch(byError, (pair) => deg.first[pair] <= degStart && cm.first[pair] <= cmStart);
        const cmPlaces = stretch(byCm, cm.starts, j);
        // Flags begin as 0: only what was found is written. Rows by the thousand: no function call for each.
        found.forEach((truth, p) => {
          if (truth < 0) return;
          const at = byPose.scores.length + p;
          for (let r = 0; r < degPlaces.length; r++)
            for (let c = 0; c < cmPlaces.length; c++)
              byPose.matched[degPlaces[r] * withinCm.length + cmPlaces[c]][at] = 1;
        });
      });
    });
    byPose.scores.push(...predictions.map((p) => p.score));
    byPose.truths += truths.length;
  }
  return { byIou, byPose };
}
