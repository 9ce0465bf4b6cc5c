/**
 * @file From K hypotheses to one pose: the average quaternion and the mean translation.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { assertFinite, assertInput } from "../check";
import type { Pose } from "../geometry/pose";
import { type QuaternionWxyz, quaternionWxyzOf, rotationFromQuaternionWxyz } from "../geometry/rotation";
import type { Vector3 } from "../geometry/vector";

/** `weights`, or ones. @throws InputError unless there is a weight ≥ 0 for each item and one is positive. */
function checkedWeights(where: string, count: number, weights?: ArrayLike<number>): ArrayLike<number> {
  assertInput(count > 0, `${where}: got no hypothesis; give at least one`);
  if (!weights) return new Float64Array(count).fill(1);
  assertInput(
    weights.length === count,
    `${where}: got ${weights.length} weights for ${count} hypotheses; give one each`,
  );
  assertFinite(`${where}, weights`, weights);
  const list = Array.from(weights);
  assertInput(
    list.every((w) => w >= 0) && list.some((w) => w > 0),
    `${where}: weights must not be negative nor all 0, got ${list.join(", ")}`,
  );
  return weights;
}

/**
 * The unit quaternion that maximises Σ wᵢ (q·qᵢ)²: the eigenvector of the largest eigenvalue of Σ wᵢ qᵢqᵢᵀ
 * (Markley et al. 2007, eq. 12–13; GenPose, utils/misc.py), with w > 0. The signs of the qᵢ do not matter.
 *
 * @throws InputError for no quaternion, one that is not finite, or bad weights
 */
export function averageQuaternionWxyz(
  quaternions: readonly Readonly<QuaternionWxyz>[],
  weights?: ArrayLike<number>,
): QuaternionWxyz {
  const w = checkedWeights("averageQuaternionWxyz", quaternions.length, weights);
  const moment = Matrix.zeros(4, 4);
  quaternions.forEach((q, k) => {
    assertFinite(`averageQuaternionWxyz, quaternion ${k}`, q);
    for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) moment.set(i, j, moment.get(i, j) + w[k] * q[i] * q[j]);
  });
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(moment, { assumeSymmetric: true });
  const q = eigenvectorMatrix.getColumn(realEigenvalues.indexOf(Math.max(...realEigenvalues)));
  const scaling = (q[0] > 0 ? 1 : -1) / Math.hypot(...q);
  return [q[0] * scaling, q[1] * scaling, q[2] * scaling, q[3] * scaling];
}

/**
 * One pose of K hypotheses: rotation by the average quaternion, translation by the weighted mean.
 *
 * A mean of several modes lies in none of them (a mug with a hidden handle): rank or cluster the hypotheses first.
 * @throws InputError for no pose, numbers that are not finite, or bad weights
 */
export function meanPose(poses: readonly Pose[], weights?: ArrayLike<number>): Pose {
  const w = checkedWeights("meanPose", poses.length, weights);
  const total = Array.from(w).reduce((a, b) => a + b, 0);
  const mean = (axis: 0 | 1 | 2): number => poses.reduce((sum, p, k) => sum + w[k] * p.translation[axis], 0) / total;
  const translation: Vector3 = [mean(0), mean(1), mean(2)];
  assertFinite("meanPose, translations", translation);
  const quaternions = poses.map((pose) => quaternionWxyzOf(pose.rotation));
  return { rotation: rotationFromQuaternionWxyz(averageQuaternionWxyz(quaternions, w)), translation };
}
