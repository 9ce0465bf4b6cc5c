/**
 * @file The turn of a symmetric object that brings its prediction closest to the truth.
 */
import { assertRotation } from "../check";
import { rotationFromAxisAngle } from "../geometry/rotation";
import { geodesicDistance } from "../geometry/so3";
import { axisOfSymmetry, type ObjectSymmetry, symmetryGroup } from "../geometry/symmetryGroup";
import { twistAngle } from "../geometry/twist";
import { identity3, type Matrix3, multiply, scale, transpose, type Vector3 } from "../geometry/vector";

/** How finely continuous symmetries are searched. */
export interface CalibrateRotationOptions {
  /** Turns about a continuous axis; "exact" solves for the best one. */
  steps?: number | "exact";
}

const defaults = { steps: 100 } satisfies CalibrateRotationOptions;

/** Groups are asked for object by object. */
const groups = new Map<string, readonly Matrix3[]>();

function groupOf(symmetry: ObjectSymmetry, steps: number): readonly Matrix3[] {
  const key = `${symmetry} ${steps}`;
  const group = groups.get(key) ?? symmetryGroup(symmetry, steps);
  groups.set(key, group);
  return group;
}

/**
 * R·g, g being the element of the symmetry group with the smallest angle between R·g and the truth R*: the evaluation of
 * Omni6DPose calibrates every prediction so before it measures (continuous axes in 100 steps of 3.6°; "any" gives R*).
 * With `steps: "exact"` g is the best turn about a continuous axis: the twist of RᵀR* about it.
 *
 * @throws InputError unless both are rotations, or for an unknown symmetry
 */
export function calibrateRotation(
  predicted: Matrix3,
  truth: Matrix3,
  symmetry: ObjectSymmetry,
  options: CalibrateRotationOptions = {},
): Matrix3 {
  const { steps } = { ...defaults, ...options };
  assertRotation("calibrateRotation, prediction", predicted, 1e-4);
  assertRotation("calibrateRotation, truth", truth, 1e-4);
  if (symmetry === "any") return truth;
  const candidates =
    steps === "exact" ? exactCandidates(multiply(transpose(predicted), truth), symmetry) : groupOf(symmetry, steps);
  let [best, smallest]: [Matrix3, number] = [identity3, Number.POSITIVE_INFINITY];
  for (const g of candidates) {
    const angle = geodesicDistance(multiply(predicted, g), truth);
    if (angle < smallest) [best, smallest] = [g, angle];
  }
  return multiply(predicted, best);
}

const axes: Readonly<Record<"x" | "y" | "z", Vector3>> = { x: [1, 0, 0], y: [0, 1, 0], z: [0, 0, 1] };

/** For continuous axes the best turn, upside up and (cylinder) upside down; else the whole group. */
function exactCandidates(toTruth: Matrix3, symmetry: ObjectSymmetry): readonly Matrix3[] {
  const axial = axisOfSymmetry(symmetry);
  if (axial?.kind !== "cone" && axial?.kind !== "cylinder") return groupOf(symmetry, 1);
  const axis = axes[axial.axis];
  // One step: the identity, and for a cylinder the half turn f too. g = turn·f is closest to M where turn is to M·fᵀ.
  return groupOf(symmetry, 1).map((f) =>
    multiply(rotationFromAxisAngle(scale(axis, twistAngle(multiply(toTruth, transpose(f)), axis))), f),
  );
}
