/**
 * @file How far a pose is from the truth: degrees and centimetres, with the symmetry of the category.
 */
import { assertFinite, assertInput, assertRotation } from "../check";
import type { Pose } from "../geometry/pose";
import { geodesicDistance } from "../geometry/so3";
import { halfTurn, type RotationSymmetry } from "../geometry/symmetry";
import { column, cross, dot, type Matrix3, multiply, norm, subtract } from "../geometry/vector";

const degrees = 180 / Math.PI;

export type { RotationSymmetry };

/** Rotation and translation error of one pose. */
export interface PoseError {
  errorDeg: number;
  errorCm: number;
}

/** The errors of what is no pose: beyond every threshold. */
export const noPose: PoseError = { errorDeg: Infinity, errorCm: Infinity };

/**
 * Degrees from `predicted` to `truth`: the geodesic distance, or the angle between the y axes for `aboutY`; exact near
 * 0 and 180 too.
 * @throws InputError unless both are rotations
 */
export function rotationErrorDeg(predicted: Matrix3, truth: Matrix3, symmetry: RotationSymmetry = "none"): number {
  assertRotation("rotationErrorDeg, prediction", predicted, 1e-4);
  assertRotation("rotationErrorDeg, truth", truth, 1e-4);
  if (symmetry === "aboutY") {
    const [a, b] = [column(predicted, 1), column(truth, 1)];
    return degrees * Math.atan2(norm(cross(a, b)), dot(a, b));
  }
  const error = degrees * geodesicDistance(predicted, truth);
  return symmetry === "halfTurnAboutY"
    ? Math.min(error, degrees * geodesicDistance(multiply(predicted, halfTurn), truth))
    : error;
}

/** 100 ‖t − t*‖, metres to centimetres. @throws InputError if a number is not finite */
export function translationErrorCm(predicted: Pose["translation"], truth: Pose["translation"]): number {
  assertFinite("translationErrorCm, prediction", predicted);
  assertFinite("translationErrorCm, truth", truth);
  return 100 * norm(subtract(predicted, truth));
}

/** Both errors. @throws InputError unless both are finite poses */
export const poseError = (predicted: Pose, truth: Pose, symmetry: RotationSymmetry = "none"): PoseError => ({
  errorDeg: rotationErrorDeg(predicted.rotation, truth.rotation, symmetry),
  errorCm: translationErrorCm(predicted.translation, truth.translation),
});

/**
 * The cosine that the published evaluations hand to arccos: (tr(R·R*ᵀ) − 1)/2, or the one between the y axes. Rounding
 * may carry it beyond ±1.
 */
function publishedCosine(predicted: Matrix3, truth: Matrix3, aboutY: boolean): number {
  // tr(R·R*ᵀ) is the sum over the rows' inner products.
  const row = (i: number): number =>
    predicted[i] * truth[i] + predicted[i + 1] * truth[i + 1] + predicted[i + 2] * truth[i + 2];
  if (!aboutY) return (row(0) + row(3) + row(6) - 1) / 2;
  const [a, b] = [column(predicted, 1), column(truth, 1)];
  return dot(a, b) / (norm(a) * norm(b));
}

/**
 * The rotation error as published: arccos of a cosine that is clipped to [−1, 1] (object-deformnet and all after it)
 * or not (`clipped: false`, NOCS_CVPR2019): without the clip equal rotations may give NaN, by rounding. It loses
 * half the digits near 0 (1e-8 rad); `rotationErrorDeg` does not. For comparing with published numbers only.
 */
export function publishedRotationErrorDeg(
  predicted: Matrix3,
  truth: Matrix3,
  symmetry: RotationSymmetry = "none",
  { clipped = true }: { clipped?: boolean } = {},
): number {
  const angle = (r: Matrix3): number => {
    const cosine = publishedCosine(r, truth, symmetry === "aboutY");
    return degrees * Math.acos(clipped ? Math.min(1, Math.max(-1, cosine)) : cosine);
  };
  const error = angle(predicted);
  return symmetry === "halfTurnAboutY" ? Math.min(error, angle(multiply(predicted, halfTurn))) : error;
}

/**
 * The part of the poses within n degrees **and** m centimetres (≤, as the NOCS evaluation matches), in [0, 1].
 *
 * Every pose counts, without scores: this is the accuracy of one answer per known instance; the mAP of detections is
 * `nocsMap`.
 * @throws InputError for no error or for NaN
 */
export function accuracyAt(errors: readonly PoseError[], withinDeg: number, withinCm: number): number {
  assertInput(errors.length > 0, "accuracyAt: got no errors; evaluate at least one pose");
  assertFinite(
    "accuracyAt",
    errors.flatMap(({ errorDeg, errorCm }) => [errorDeg, errorCm]),
  );
  return errors.filter((e) => e.errorDeg <= withinDeg && e.errorCm <= withinCm).length / errors.length;
}
