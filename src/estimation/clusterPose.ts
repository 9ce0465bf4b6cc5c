/**
 * @file GenPose++'s aggregation: the mean of the largest cluster of rotations.
 */
import { assertInput } from "../check";
import type { Pose } from "../geometry/pose";
import { type QuaternionWxyz, quaternionWxyzOf, rotationFromQuaternionWxyz } from "../geometry/rotation";
import { dbscan, noise } from "./dbscan";
import { averageQuaternionWxyz, meanPose } from "./meanPose";

export interface ClusterOptions {
  /** Radius of DBSCAN among the rows of distances. */
  radius?: number;
  /** Least neighbours of a core, as a share of the poses. */
  minShare?: number;
}

const defaults = { radius: 0.05, minShare: 0.1667 } satisfies ClusterOptions;

/** Labels of rotations: −1 is noise. `largest` is the label of the biggest cluster, −1 where there is none. */
export interface RotationClusters {
  labels: Int32Array;
  largest: number;
}

/**
 * Cluster rotations by dᵢⱼ = 1 − ⟨qᵢ, qⱼ⟩² (0 for equal ones, 1 at 180°). As published, DBSCAN is fitted on the rows of
 * d as points of Kⁿ: two rotations are near if they lie alike to *all* others.
 */
export function clusterRotations(
  quaternions: readonly Readonly<QuaternionWxyz>[],
  options: ClusterOptions = {},
): RotationClusters {
  const { radius, minShare } = { ...defaults, ...options };
  assertInput(quaternions.length > 0, "clusterRotations: got no rotation; give at least one");
  const rows = quaternions.map((a) =>
    quaternions.map((b) => 1 - (a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]) ** 2),
  );
  const labels = dbscan(rows, radius, Math.max(1, Math.floor(minShare * quaternions.length)));
  const sizes = new Map<number, number>();
  for (const label of labels) if (label !== noise) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  let largest = noise;
  for (const [label, size] of sizes) if (size > (sizes.get(largest) ?? 0)) largest = label;
  return { labels, largest };
}

/**
 * One pose of K: the average quaternion of the largest cluster (of all, where there is none), and the mean of all
 * translations (GenPose++, `evaluation_single.py`). Unlike the plain mean it does not fall between two modes.
 *
 * @throws InputError for no pose
 */
export function clusterPose(poses: readonly Pose[], options: ClusterOptions = {}): Pose {
  const quaternions = poses.map(({ rotation }) => quaternionWxyzOf(rotation));
  const { labels, largest } = clusterRotations(quaternions, options);
  const members = quaternions.filter((_, i) => labels[i] === largest);
  return {
    rotation: rotationFromQuaternionWxyz(averageQuaternionWxyz(members)),
    translation: meanPose(poses).translation,
  };
}
