/**
 * @file Rigid poses: object → camera, x_camera = R·x_object + t. Metres; OpenCV camera frame.
 */
import { assertInput } from "../check";
import { rotation6dOf, rotationFrom6d } from "./rotation";
import { add, apply, type Matrix3, multiply, scale, transpose, type Vector3 } from "./vector";

/** An element of SE(3). */
export interface Pose {
  rotation: Matrix3;
  translation: Vector3;
}

/** D = 9: two columns of R, then t (paper A, section S.1). */
export const poseDimension = 9;

/** R·x + t. */
export const transformPoint = (pose: Pose, x: Vector3): Vector3 => add(apply(pose.rotation, x), pose.translation);

/** a ∘ b: first b, then a. */
export const compose = (a: Pose, b: Pose): Pose => ({
  rotation: multiply(a.rotation, b.rotation),
  translation: transformPoint(a, b.translation),
});

/** The pose p⁻¹ with compose(p, p⁻¹) the identity: (Rᵀ, −Rᵀt). */
export function invert(pose: Pose): Pose {
  const rotation = transpose(pose.rotation);
  return { rotation, translation: scale(apply(rotation, pose.translation), -1) };
}

/** The 9 numbers [r₁, r₂, t] that the diffusion acts on. */
export const poseVector = (pose: Pose): number[] => [...rotation6dOf(pose.rotation), ...pose.translation];

/** The pose of 9 numbers, through Gram–Schmidt (eq. S3). @throws InputError if `offset` + 9 exceeds the array. */
export function poseFromVector(x: ArrayLike<number>, offset: number = 0): Pose {
  assertInput(
    offset + poseDimension <= x.length,
    `poseFromVector: needs 9 numbers at ${offset}, the array has ${x.length}`,
  );
  const at = (i: number): number => x[offset + i] as number;
  return {
    rotation: rotationFrom6d([at(0), at(1), at(2), at(3), at(4), at(5)]),
    translation: [at(6), at(7), at(8)],
  };
}
