/**
 * @file How hypotheses spread about an axis of symmetry: the picture of a hidden handle.
 */
import { assertInput } from "../check";
import type { Pose } from "../geometry/pose";
import { twistAngle } from "../geometry/twist";
import { multiply, transpose } from "../geometry/vector";
import type { Figure } from "./figure";
import { plotHistogram, type SampleSet } from "./plotHistogram";

/** Poses under a name. */
export interface PoseSet {
  name: string;
  poses: readonly Pose[];
}

/**
 * The angle about the object's y axis by which `pose` differs from `reference`, degrees in (−180, 180]: the twist of
 * R_refᵀ·R about y.
 */
export const axisAngleDeg = (pose: Pose, reference: Pose): number =>
  (twistAngle(multiply(transpose(reference.rotation), pose.rotation), [0, 1, 0]) * 180) / Math.PI;

/** Histogram of `axisAngleDeg` of one or more sets of poses, 10° a bin. @throws InputError if a set has no pose */
export function plotAxisAngles(
  sets: PoseSet | readonly PoseSet[],
  reference: Pose,
  options: { title?: string; bins?: number } = {},
): Figure {
  const list = Array.isArray(sets) ? (sets as readonly PoseSet[]) : [sets as PoseSet];
  const empty = list.find((set) => set.poses.length === 0);
  assertInput(empty === undefined, `plotAxisAngles: the set ${empty?.name} has no pose; pass at least one`);
  const angles: SampleSet[] = list.map(({ name, poses }) => ({
    name,
    values: poses.map((pose) => axisAngleDeg(pose, reference)),
  }));
  return plotHistogram(angles, {
    title: options.title ?? "angle about the object's y axis",
    x: "angle about y (degrees)",
    bins: options.bins ?? 36,
    range: [-180, 180],
  });
}
