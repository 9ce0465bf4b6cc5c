/**
 * @file The part of a rotation that turns about a given axis.
 */
import { assertInput } from "../check";
import { quaternionWxyzOf } from "./rotation";
import { dot, type Matrix3, norm, type Vector3 } from "./vector";

/**
 * The angle in (−π, π] of the rotation about `axis` that is nearest to R (the twist of the swing–twist decomposition):
 * 2·atan2(q_v·a, q_w) for the unit quaternion q of R. For the y axis this is atan2(r₀₂ − r₂₀, r₀₀ + r₂₂).
 *
 * A half turn about an axis perpendicular to `axis` is equally far from all of them; its twist is then 0.
 * @param axis of any length but 0
 * @throws InputError if the axis is zero or not finite
 */
export function twistAngle(r: Matrix3, axis: Vector3): number {
  const length = norm(axis);
  assertInput(
    length > 0 && Number.isFinite(length),
    `twistAngle: the axis (${axis.join(", ")}) has no direction; give a finite vector other than 0`,
  );
  const [w, x, y, z] = quaternionWxyzOf(r); // w ≥ 0, so the angle lies in [−π, π]
  const angle = 2 * Math.atan2(dot([x, y, z], axis) / length, w);
  return angle <= -Math.PI ? Math.PI : angle;
}
