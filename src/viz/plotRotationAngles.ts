/**
 * @file How far rotations lie from a reference, beside what pure chance would give.
 */
import { assertInput } from "../check";
import type { Pose } from "../geometry/pose";
import { geodesicDistance } from "../geometry/so3";
import type { Figure } from "./figure";
import type { PoseSet } from "./plotAxisAngles";
import { plotHistogram } from "./plotHistogram";
import { roundNumbers } from "./roundNumbers";
import { palette } from "./template";

/**
 * Histogram of the geodesic angle between each pose and `reference`, for one or more sets of poses; dashed: uniform rotations, whose angle θ has the density
 * (1 − cos θ)/π.
 *
 * @throws InputError if a set has no pose
 */
export function plotRotationAngles(
  sets: PoseSet | readonly PoseSet[],
  reference: Pose,
  options: { title?: string; bins?: number } = {},
): Figure {
  const { title = "angle to the reference rotation", bins = 36 } = options;
  const list = Array.isArray(sets) ? (sets as readonly PoseSet[]) : [sets as PoseSet];
  const empty = list.find((set) => set.poses.length === 0);
  assertInput(empty === undefined, `plotRotationAngles: the set ${empty?.name} has no pose; pass at least one`);
  const angleDeg = (pose: Pose): number => (geodesicDistance(pose.rotation, reference.rotation) * 180) / Math.PI;
  const histogram = plotHistogram(
    list.map(({ name, poses }) => ({ name, values: poses.map(angleDeg) })),
    { title, x: "rotation angle (degrees)", bins, range: [0, 180] },
  );
  const width = Math.PI / bins;
  const centres = Array.from({ length: bins }, (_, i) => (i + 0.5) * width);
  const chance = {
    type: "scatter",
    mode: "lines",
    name: "uniform rotations",
    x: roundNumbers(centres.map((angle) => (angle * 180) / Math.PI)),
    y: roundNumbers(centres.map((angle) => ((1 - Math.cos(angle)) / Math.PI) * width)),
    line: { color: palette.black, dash: "dash", width: 1.5 },
  };
  return { ...histogram, data: [...histogram.data, chance], layout: { ...histogram.layout, showlegend: true } };
}
