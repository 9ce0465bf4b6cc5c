/**
 * @file AP of one class at many thresholds at once, by overlap and by n° m cm, matched as the NOCS evaluation does.
 */
import { type AveragePrecision, averagePrecisions } from "./averagePrecision";
import type { ClassImage, Detections, Evaluated, Scored } from "./detections";
import { greedyMatch, preferencesOf, stretchesOf } from "./greedyMatch";

/** Thresholds in ascending order, and the place of each in the list that was asked for. */
interface Ladder {
  ascending: number[];
  place: Int32Array;
}

function ladderOf(thresholds: readonly number[]): Ladder {
  const place = Int32Array.from(thresholds, (_, i) => i).sort((i, j) => thresholds[i] - thresholds[j]);
  return { ascending: Array.from(place, (i) => thresholds[i]), place };
}

/** Values in the order of the thresholds that were asked for. */
function asAsked<T>({ place }: Ladder, values: readonly T[]): T[] {
  const asked = new Array<T>(values.length);
  values.forEach((value, rung) => {
    asked[place[rung]] = value;
  });
  return asked;
}

/** Room for the flags of all predictions: `columns` of each, beside the others. */
const roomFor = <P, T>(images: readonly ClassImage<P, T>[], columns: number): Uint8Array =>
  new Uint8Array(columns * images.reduce((sum, { predictions }) => sum + predictions.length, 0));

/**
 * AP at overlaps: predictions by descending score, each takes the free truth of highest overlap if that is above the
 * threshold (strictly).
 *
 * @returns one for each threshold
 */
export function overlapPrecisions<P extends Scored, T>(
  images: readonly ClassImage<P, T>[],
  thresholds: readonly number[],
): AveragePrecision[] {
  // An overlap above a threshold is a cost below its negative: like errors, it passes more on higher rungs.
  const ladder = ladderOf(thresholds.map((t) => -t));
  const columns = thresholds.length;
  const found = roomFor(images, columns);
  const scores: number[] = [];
  let truthsInAll = 0;
  for (const { predictions, truths, cost, byOverlap } of images) {
    const { first, starts } = stretchesOf(cost, ladder.ascending, (value, threshold) => value < threshold);
    starts.forEach((start, k) => {
      const end = starts[k + 1] ?? columns;
      greedyMatch(byOverlap, (pair) => first[pair] <= start).forEach((truth, p) => {
        const row = (scores.length + p) * columns;
        if (truth >= 0) found.fill(1, row + start, row + end);
      });
    });
    for (const { score } of predictions) scores.push(score);
    truthsInAll += truths.length;
  }
  return asAsked(ladder, averagePrecisions(found, columns, scores, truthsInAll));
}

/** The pairs that match at an overlap, without what is missed and what is found in vain. */
function matched<P, T>({ predictions, truths, cost, byOverlap }: ClassImage<P, T>, above: number): Evaluated<P, T> {
  const match = greedyMatch(byOverlap, (pair) => cost[pair] < -above);
  return {
    predictions: predictions.filter((_, p) => match[p] >= 0),
    truths: truths.filter((_, t) => match.includes(t)),
  };
}

/** What `posePrecisions` judges by. */
export interface PoseThresholds {
  withinDeg: readonly number[];
  withinCm: readonly number[];
  /** Judge poses only in pairs that match at this overlap; `undefined` judges all. */
  poseIou?: number | undefined;
}

const within = (value: number, threshold: number): boolean => value <= threshold;

/**
 * AP at n° m cm: predictions by descending score, each takes the free truth of least degrees + centimetres among those
 * within both (≤).
 *
 * @returns by rotation threshold, then translation threshold
 */
export function posePrecisions<P extends Scored, T>(
  images: readonly ClassImage<P, T>[],
  errors: Detections<P, T>["errors"],
  { withinDeg, withinCm, poseIou }: PoseThresholds,
): AveragePrecision[][] {
  const [byDeg, byCm] = [ladderOf(withinDeg), ladderOf(withinCm)];
  const [rows, columns] = [withinDeg.length, withinCm.length];
  const found = roomFor(images, rows * columns);
  const scores: number[] = [];
  let truthsInAll = 0;
  for (const image of images) {
    const { predictions, truths } = poseIou === undefined ? image : matched(image, poseIou);
    const pairs = predictions.flatMap((p) => errors(p, truths));
    const sums = pairs.map((e) => e.errorDeg + e.errorCm);
    const byError = preferencesOf(sums, predictions.length, truths.length);
    const deg = stretchesOf(pairs.map((e) => e.errorDeg), byDeg.ascending, within); // biome-ignore format: a line
    const cm = stretchesOf(pairs.map((e) => e.errorCm), byCm.ascending, within); // biome-ignore format: a line
    deg.starts.forEach((degStart, i) => {
      const degEnd = deg.starts[i + 1] ?? rows;
      cm.starts.forEach((cmStart, j) => {
        const cmEnd = cm.starts[j + 1] ?? columns;
        const match = greedyMatch(byError, (pair) => deg.first[pair] <= degStart && cm.first[pair] <= cmStart);
        match.forEach((truth, p) => {
          if (truth < 0) return;
          const begin = (scores.length + p) * rows;
          for (let row = begin + degStart; row < begin + degEnd; row++)
            found.fill(1, row * columns + cmStart, row * columns + cmEnd);
        });
      });
    });
    for (const { score } of predictions) scores.push(score);
    truthsInAll += truths.length;
  }
  const values = averagePrecisions(found, rows * columns, scores, truthsInAll);
  return asAsked(
    byDeg,
    withinDeg.map((_, i) => asAsked(byCm, values.slice(i * columns, (i + 1) * columns))),
  );
}
