/**
 * @file SO(3) as a space: exp and log, the geodesic distance, interpolation, uniform draws. Radians, float64.
 */
import type { Rng } from "../random";
import { axisAngleOf, rotationFromAxisAngle, rotationFromQuaternionWxyz } from "./rotation";
import { type Matrix3, multiply, scale, trace, transpose, type Vector3 } from "./vector";

/** exp: so(3) → SO(3), the rotation by ‖v‖ about v. @throws InputError if v is not finite */
export const exp = (v: Vector3): Matrix3 => rotationFromAxisAngle(v);

/** log: SO(3) → so(3), ‖log R‖ ∈ [0, π]; exp(log R) = R. At π the sign of the axis is arbitrary. */
export const log = (r: Matrix3): Vector3 => axisAngleOf(r);

/**
 * The angle of R₁ᵀR₂, θ = arccos((tr(R₁R₂ᵀ) − 1)/2) (paper A, eq. 3), in [0, π].
 *
 * It is computed as atan2(‖R − Rᵀ‖/√2, tr R − 1), since 2 sin θ = ‖vee(R − Rᵀ)‖: near 0 and π, where arccos loses
 * half the digits, this keeps all of them.
 */
export function geodesicDistance(r1: Matrix3, r2: Matrix3): number {
  const r = multiply(transpose(r1), r2);
  return Math.atan2(Math.hypot(r[7] - r[5], r[2] - r[6], r[3] - r[1]), trace(r) - 1);
}

/**
 * pytorch3d's so3_relative_angle: arccos, continued by its tangent beyond |cos θ| > 1 − `bound` so that the gradient
 * stays finite. Equal rotations are then 0.00707 rad (0.405°) apart; for comparing with published numbers only.
 */
export function relativeAnglePytorch3d(r1: Matrix3, r2: Matrix3, bound: number = 1e-4): number {
  const cosine = (trace(multiply(r1, transpose(r2))) - 1) / 2;
  const edge = 1 - bound;
  if (Math.abs(cosine) <= edge) return Math.acos(cosine);
  const slope = -1 / Math.sqrt(1 - edge * edge);
  return cosine > 0 ? Math.acos(edge) + slope * (cosine - edge) : Math.acos(-edge) + slope * (cosine + edge);
}

/** The point at fraction `t` of the shortest path from R₁ (t = 0) to R₂ (t = 1): R₁·exp(t·log(R₁ᵀR₂)). */
export const slerp = (r1: Matrix3, r2: Matrix3, t: number): Matrix3 =>
  multiply(r1, exp(scale(log(multiply(transpose(r1), r2)), t)));

/** A draw from the uniform (Haar) measure: four normal numbers as a quaternion. */
export const randomRotation = (rng: Rng): Matrix3 =>
  rotationFromQuaternionWxyz([rng.normal(), rng.normal(), rng.normal(), rng.normal()]);
