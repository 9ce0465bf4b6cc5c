/**
 * @file Views of an object whose axis is z: from which direction, and how far the image is turned. Template matching
 * separates the two: templates differ by direction, the image is turned so that the object's axis points up.
 */
import { assertInput } from "../check";
import { icosphere } from "./icosphere";
import type { Pose } from "./pose";
import { rotationZ } from "./rotation";
import {
  apply,
  cross,
  dot,
  fromColumns,
  type Matrix3,
  multiply,
  norm,
  normalize,
  scale,
  transpose,
  type Vector3,
} from "./vector";

/**
 * Which directions: `half` 301 of the upper hemisphere of the icosphere of 642 (LINEMOD), `full` those and their mirror
 * images, 602 (T-LESS), `train` 1,542: `half` and the 1,241 of the next finer icosphere's upper hemisphere, among which
 * the 301 are once more, `dense` all 2,562 of that one.
 */
export type ViewSet = "half" | "full" | "train" | "dense";

/** All names of `ViewSet`. */
export const viewSets: readonly ViewSet[] = ["half", "full", "train", "dense"];

const upper = (directions: readonly Vector3[]): Vector3[] => directions.filter(([, , z]) => z > 1e-9);

/** Unit vectors from the object to the camera (template-pose and paper C; the points on the equator are left out). */
export function templateDirections(set: ViewSet): Vector3[] {
  if (set === "dense") return icosphere(4);
  const half = upper(icosphere(3));
  if (set === "half") return half;
  return [...half, ...(set === "full" ? half.map(([x, y, z]): Vector3 => [x, y, -z]) : upper(icosphere(4)))];
}

/**
 * The rotation of a camera that looks at the object from a direction, the object's z axis upwards in the image: rows
 * f × z, f × (f × z), f with f = −direction (OpenCV: right, down, forward). Straight from above or below the image's
 * right is the object's x.
 */
export function lookAtRotation(direction: Vector3): Matrix3 {
  const forward = normalize(scale(direction, -1));
  const side = cross(forward, [0, 0, 1]);
  const right = norm(side) < 1e-9 ? ([1, 0, 0] as const) : normalize(side);
  return transpose(fromColumns(right, cross(forward, right), forward));
}

/** Unit vector from the object to a camera that sees it straight ahead: minus the last row; `lookAtRotation`'s inverse. */
export const lookAtDirection = (rotation: Matrix3): Vector3 => [-rotation[6], -rotation[7], -rotation[8]];

/** The pose of an object at a distance in front of such a camera. */
export const lookAtPose = (direction: Vector3, distance: number): Pose => ({
  rotation: lookAtRotation(direction),
  translation: [0, 0, distance],
});

/** Unit vector from the object to the camera, in the object's frame: −Rᵀt/‖t‖. */
export function viewDirection({ rotation, translation }: Pose): Vector3 {
  const length = norm(translation);
  assertInput(length > 0, "viewDirection: the object is at the camera's centre; give a translation that is not 0");
  return apply(transpose(rotation), scale(translation, -1 / length));
}

/** The pose with the same view and place whose image is not turned: the object's z axis points up. */
export const withoutInPlane = (pose: Pose): Pose => ({ ...pose, rotation: lookAtRotation(viewDirection(pose)) });

/** Index of the direction nearest to one; of equals the first. @throws InputError for no directions */
export function nearestDirection(directions: readonly Vector3[], direction: Vector3): number {
  assertInput(directions.length > 0, "nearestDirection: there are no directions; give at least one");
  return directions.reduce((best, d, i) => (dot(d, direction) > dot(directions[best], direction) ? i : best), 0);
}

const degrees = 180 / Math.PI;

/**
 * How far a query's image is turned against a template's, degrees in (−180, 180]: the angle a of
 * R_template·R_queryᵀ = Rx(c)·Ry(b)·Rz(a) (template-pose; SciPy's `zyx`). A picture turned by +a, counter-clockwise,
 * looks like the template.
 */
export function inPlaneAngleDeg(template: Matrix3, query: Matrix3): number {
  const d = multiply(template, transpose(query));
  return degrees * Math.atan2(-d[1], d[0]);
}

/** The multiple of `step` nearest to an angle; −180 becomes 180. */
export function nearestInPlaneBin(angleDeg: number, step: number = 10): number {
  const bin = step * Math.round(angleDeg / step);
  return bin === -180 ? 180 : bin + 0;
}

/** The rotation of a query that is a template's image turned: Rz(−angle)·R_template. */
export const turnedInPlane = (template: Matrix3, angleDeg: number): Matrix3 =>
  multiply(rotationZ(-angleDeg / degrees), template);
