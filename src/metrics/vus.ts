/**
 * @file Accuracy averaged over thresholds: the area under one curve, the volume under a surface of two.
 */
import { assertFinite, assertInput } from "../check";
import type { PoseError } from "./poseError";

/** Thresholds at the middles of `bins` equal parts of [from, to]. */
function middles(where: string, from: number, to: number, bins: number): number[] {
  assertInput(
    Number.isFinite(from) && Number.isFinite(to) && from < to,
    `${where}: the thresholds run from ${from} to ${to}; give finite numbers, the lower first`,
  );
  assertInput(Number.isInteger(bins) && bins > 0, `${where}: bins is ${bins}; pass a positive integer`);
  return Array.from({ length: bins }, (_, i) => from + ((i + 0.5) * (to - from)) / bins);
}

const countOf = (values: readonly number[], accepts: (value: number) => boolean): number =>
  values.reduce((count, value) => (accepts(value) ? count + 1 : count), 0);

/**
 * VUS@n°m cm ∈ [0, 1] (Omni6DPose): the mean over n' ∈ (0, n], m' ∈ (0, m] of the part of the poses with an error below n'
 * **and** below m' (strictly). The thresholds are the middles of `bins` × `bins` cells; as bins → ∞ it becomes the mean of
 * max(0, 1 − θ/n)·max(0, 1 − d/m).
 *
 * @throws InputError for no error, NaN, or thresholds that are not positive
 */
export function vus(errors: readonly PoseError[], withinDeg: number, withinCm: number, bins: number = 100): number {
  assertInput(errors.length > 0, "vus: got no errors; evaluate at least one pose");
  assertFinite(
    "vus",
    errors.flatMap(({ errorDeg, errorCm }) => [errorDeg, errorCm]),
  );
  const degrees = middles("vus, degrees", 0, withinDeg, bins);
  const centimetres = middles("vus, centimetres", 0, withinCm, bins);
  // An error passes a rectangle of the grid: the thresholds above it in one direction times those in the other.
  const passed = errors.reduce(
    (sum, { errorDeg, errorCm }) =>
      sum + countOf(degrees, (t) => errorDeg < t) * countOf(centimetres, (t) => errorCm < t),
    0,
  );
  return passed / (errors.length * bins * bins);
}

/**
 * The part of `errors` below a threshold, averaged over the middles of `bins` parts of [0, within]: Omni6DPose's AUC of
 * degrees (5°, 500 bins) and centimetres (10 cm, 1000 bins).
 *
 * @throws InputError for no error, NaN, or a threshold that is not positive
 */
export function aucBelow(errors: readonly number[], within: number, bins: number = 100): number {
  assertInput(errors.length > 0, "aucBelow: got no errors; evaluate at least one pose");
  assertFinite("aucBelow", errors);
  const thresholds = middles("aucBelow", 0, within, bins);
  return errors.reduce((sum, error) => sum + countOf(thresholds, (t) => error < t), 0) / (errors.length * bins);
}

/**
 * AUC@IoU ∈ [0, 1]: the part of `ious` above a threshold (strictly), averaged over the middles of `bins` parts of
 * [from, 1]. Omni6DPose reports from = 0.25 (10 bins), 0.5 and 0.75 (100 bins).
 *
 * @throws InputError for no IoU, NaN, or from outside [0, 1)
 */
export function aucIou(ious: readonly number[], from: number, bins: number = 100): number {
  assertInput(ious.length > 0, "aucIou: got no IoU; evaluate at least one box");
  assertFinite("aucIou", ious);
  assertInput(from >= 0, `aucIou: from is ${from}; pass a number in [0, 1)`);
  const thresholds = middles("aucIou", from, 1, bins);
  return ious.reduce((sum, iou) => sum + countOf(thresholds, (t) => iou > t), 0) / (ious.length * bins);
}
