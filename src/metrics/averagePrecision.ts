/**
 * @file Average precision of scored predictions, as the NOCS evaluation computes it (PASCAL VOC with an envelope).
 */
import { assertFinite, assertInput } from "../check";

/** Area under the envelope of the precision–recall curve, and the part of the predictions that matched. */
export interface AveragePrecision {
  ap: number;
  accuracy: number;
}

const f = Math.fround;

/** Indices of `scores` from high to low; equal scores keep their order. */
export const orderByScore = (scores: ArrayLike<number>): Int32Array =>
  Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);

/**
 * AP of the same predictions, matched at many thresholds, each
 * Σₖ (rₖ − rₖ₋₁) · max_{j ≥ k} pⱼ with pₖ = TPₖ/k and rₖ = TPₖ/`truths` in float32, as the reference has it, over the
 * predictions from the highest score to the lowest.
 *
 * Recall that is never reached adds nothing. Without truths the AP is NaN if there are predictions, else 0; without
 * predictions the accuracy is NaN (both as published).
 *
 * @param matched `thresholds` flags of each prediction beside each other: 1 where it has a ground truth
 * @param truths number of ground truths
 */
export function averagePrecisions(
  matched: Uint8Array,
  thresholds: number,
  scores: ArrayLike<number>,
  truths: number,
): AveragePrecision[] {
  const n = scores.length;
  const hits = new Int32Array(thresholds);
  for (let p = 0, at = 0; p < n; p++) for (let t = 0; t < thresholds; t++) hits[t] += matched[at++];
  const accuracy = Array.from(hits, (count) => count / n);
  if (truths === 0) return accuracy.map((share) => ({ ap: n > 0 ? Number.NaN : 0, accuracy: share }));
  // From the lowest score: recall only steps at a match, and the envelope is the largest precision of what came so far.
  const [ap, envelope] = [new Float64Array(thresholds), new Float64Array(thresholds)];
  const order = orderByScore(scores);
  for (let k = n - 1; k >= 0; k--)
    for (let t = 0, at = order[k] * thresholds; t < thresholds; t++, at++) {
      if (!matched[at]) continue;
      envelope[t] = Math.max(envelope[t], hits[t] / (k + 1));
      ap[t] += (f(hits[t] / truths) - f((hits[t] - 1) / truths)) * envelope[t];
      hits[t]--;
    }
  return accuracy.map((share, t) => ({ ap: ap[t], accuracy: share }));
}

/**
 * AP of predictions in any order.
 *
 * @param matched whether each prediction has a ground truth
 * @throws InputError if the lengths differ, a score is not finite or `truths` is no count
 */
export function averagePrecision(
  matched: ArrayLike<boolean | number>,
  scores: ArrayLike<number>,
  truths: number,
): AveragePrecision {
  assertInput(
    matched.length === scores.length,
    `averagePrecision: got ${matched.length} matches and ${scores.length} scores; give one of each per prediction`,
  );
  assertFinite("averagePrecision, scores", scores);
  assertInput(Number.isInteger(truths) && truths >= 0, `averagePrecision: ${truths} is no number of ground truths`);
  return averagePrecisions(Uint8Array.from(matched, Number), 1, scores, truths)[0];
}

/**
 * AP without the envelope, as Omni6DPose's evaluation has it: Σₖ (rₖ − rₖ₋₁) · pₖ over the predictions in the order of
 * their scores, recall in float32. Lower than `averagePrecision` wherever precision rises again.
 *
 * @param matched whether each prediction is right
 * @throws InputError if the lengths differ, a score is not finite or `truths` is no positive count
 */
export function stepwiseAveragePrecision(
  matched: ArrayLike<boolean | number>,
  scores: ArrayLike<number>,
  truths: number,
): number {
  assertInput(
    matched.length === scores.length,
    `stepwiseAveragePrecision: got ${matched.length} matches and ${scores.length} scores; give one of each per prediction`,
  );
  assertFinite("stepwiseAveragePrecision, scores", scores);
  assertInput(
    Number.isInteger(truths) && truths > 0,
    `stepwiseAveragePrecision: ${truths} is no number of ground truths; pass a positive integer`,
  );
  let [ap, hits] = [0, 0];
  orderByScore(scores).forEach((i, k) => {
    if (!matched[i]) return;
    hits++;
    ap += (f(hits / truths) - f((hits - 1) / truths)) * (hits / (k + 1));
  });
  return ap;
}

/** COCO's recalls, 0 to 1 by 0.01. */
const cocoRecalls = Array.from({ length: 101 }, (_, i) => (i === 100 ? 1 : i * 0.01));

/**
 * AP as COCO and BOP'24 have it: the mean over the recalls r = 0, 0.01, …, 1 of max {pₖ : TPₖ/`truths` ≥ r}, 0 where r is
 * never reached.
 *
 * @param matched 1 where the prediction has a ground truth, from the highest score to the lowest
 * @throws InputError if `truths` is no positive count
 */
export function interpolatedAveragePrecision(matched: ArrayLike<number>, truths: number): number {
  assertInput(
    Number.isInteger(truths) && truths > 0,
    `interpolatedAveragePrecision: ${truths} is no number of ground truths; pass a positive integer`,
  );
  let found = 0;
  for (let k = 0; k < matched.length; k++) if (matched[k]) found++;
  let [sum, envelope, r] = [0, 0, cocoRecalls.length - 1];
  for (let k = matched.length - 1; k >= 0 && r >= 0; k--) {
    // the recall at k: what it does not reach takes the envelope of those behind k
    while (r >= 0 && cocoRecalls[r] > found / truths) {
      sum += envelope;
      r--;
    }
    envelope = Math.max(envelope, found / (k + 1));
    if (matched[k]) found--;
  }
  return (sum + (r + 1) * envelope) / cocoRecalls.length;
}
