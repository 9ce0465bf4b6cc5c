/**
 * @file The coordinates of a rotation: 6D, quaternion, axis–angle, Euler angles. Radians, float64.
 *
 * 6D here is the first two **columns** of R (paper A, section S.1); pytorch3d's 6D is the first two rows, which is
 * the 6D of Rᵀ. Axis–angle goes through the quaternion, so it is exact near 0 and near π alike.
 */
import { assertInput } from "../check";
import { column, cross, dot, fromColumns, type Matrix3, multiply, norm, scale, subtract, type Vector3 } from "./vector";

/** Two columns [a₁, a₂] of three numbers. */
export type Rotation6d = [number, number, number, number, number, number];

/** w, x, y, z; q and −q are the same rotation. */
export type QuaternionWxyz = [number, number, number, number];

/** Orders of Euler angles: R = R_Z(a₀)·R_Y(a₁)·R_X(a₂) or R = R_X(a₀)·R_Y(a₁)·R_Z(a₂). */
export type EulerOrder = "ZYX" | "XYZ";

/** Below this sine the directions of a₁ and a₂ no longer span a plane in float64. */
const smallestSine = 1e-10;

/** g_GS(R) = [r₁ r₂]: the first two columns (paper A, eq. S2). */
export const rotation6dOf = (r: Matrix3): Rotation6d => [r[0], r[3], r[6], r[1], r[4], r[7]];

/** The unit vector along `a`. @throws InputError if it has no direction: zero or not finite. */
function direction(where: string, a: Vector3): Vector3 {
  const length = norm(a);
  assertInput(
    length > 1e-150 && Number.isFinite(length),
    `${where}: (${a.join(", ")}) has no direction; give a finite vector other than 0`,
  );
  return scale(a, 1 / length);
}

/**
 * Gram–Schmidt, f_GS([a₁ a₂]) = [b₁ b₂ b₃]: b₁ = N(a₁), b₂ = N(a₂ − (b₁·a₂)b₁), b₃ = b₁ × b₂ (paper A, eq. S3).
 *
 * @param d6 a₁ then a₂, not necessarily orthonormal
 * @returns the rotation whose columns are b₁, b₂, b₃
 * @throws InputError if a₁ or a₂ is zero or not finite, or if they are parallel
 */
export function rotationFrom6d(d6: Readonly<Rotation6d>): Matrix3 {
  const b1 = direction("rotationFrom6d", [d6[0], d6[1], d6[2]]);
  const a2 = direction("rotationFrom6d", [d6[3], d6[4], d6[5]]);
  const rest = subtract(a2, scale(b1, dot(b1, a2)));
  const sine = norm(rest);
  assertInput(
    sine > smallestSine,
    `rotationFrom6d: the two columns of (${d6.join(", ")}) are parallel; give two independent directions`,
  );
  // When a₂ nearly lies along b₁ one pass leaves a part of b₁ of the size ε/sine: a second pass removes it.
  const once = scale(rest, 1 / sine);
  const twice = subtract(once, scale(b1, dot(b1, once)));
  const b2 = scale(twice, 1 / norm(twice));
  return fromColumns(b1, b2, cross(b1, b2));
}

/** The nearest 6D vector of Gram–Schmidt: [a₁ a₂] ↦ [b₁ b₂]. @throws InputError as `rotationFrom6d` does. */
export const orthonormalize6d = (d6: Readonly<Rotation6d>): Rotation6d => rotation6dOf(rotationFrom6d(d6));

/** The rotation about x by `angle`, right-handed. */
export function rotationX(angle: number): Matrix3 {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [1, 0, 0, 0, c, -s, 0, s, c];
}

/** The rotation about y by `angle`, right-handed. */
export function rotationY(angle: number): Matrix3 {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c, 0, s, 0, 1, 0, -s, 0, c];
}

/** The rotation about z by `angle`, right-handed. */
export function rotationZ(angle: number): Matrix3 {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c, -s, 0, s, c, 0, 0, 0, 1];
}

/**
 * The unit quaternion of R with w ≥ 0.
 *
 * The four rows of 4·q qᵀ can be read off R; the one with the largest diagonal never divides by a small number
 * (the rule of pytorch3d's matrix_to_quaternion).
 */
export function quaternionWxyzOf(r: Matrix3): QuaternionWxyz {
  const [wx, wy, wz] = [r[7] - r[5], r[2] - r[6], r[3] - r[1]];
  const [xy, xz, yz] = [r[1] + r[3], r[2] + r[6], r[5] + r[7]];
  const rows: QuaternionWxyz[] = [
    [1 + r[0] + r[4] + r[8], wx, wy, wz],
    [wx, 1 + r[0] - r[4] - r[8], xy, xz],
    [wy, xy, 1 - r[0] + r[4] - r[8], yz],
    [wz, xz, yz, 1 - r[0] - r[4] + r[8]],
  ];
  let best = 0;
  for (let i = 1; i < 4; i++) if (rows[i][i] > rows[best][best]) best = i;
  const q = rows[best];
  const scaling = (q[0] < 0 ? -1 : 1) / Math.hypot(...q);
  return [q[0] * scaling, q[1] * scaling, q[2] * scaling, q[3] * scaling];
}

/**
 * R of a quaternion (w, x, y, z) of any length but 0.
 * @throws InputError if the quaternion is zero or not finite
 */
export function rotationFromQuaternionWxyz(q: Readonly<QuaternionWxyz>): Matrix3 {
  const length = Math.hypot(...q);
  assertInput(
    length > 0 && Number.isFinite(length),
    `rotationFromQuaternionWxyz: the quaternion (${q.join(", ")}) has no direction; give a finite one other than 0`,
  );
  const [w, x, y, z] = [q[0] / length, q[1] / length, q[2] / length, q[3] / length];
  return [
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  ];
}

/**
 * The rotation by ‖v‖ about v (Rodrigues), by q = (cos ‖v‖/2, ½ sinc(‖v‖/2) v).
 * @throws InputError if v is not finite
 */
export function rotationFromAxisAngle(v: Vector3): Matrix3 {
  const angle = norm(v);
  // sin(θ/2)/θ → ½ as θ → 0; below 1e-8 the next term θ²/48 is under the rounding.
  const factor = angle > 1e-8 ? Math.sin(angle / 2) / angle : 0.5;
  return rotationFromQuaternionWxyz([Math.cos(angle / 2), factor * v[0], factor * v[1], factor * v[2]]);
}

/** Axis times angle of R, the angle in [0, π]; at π the sign of the axis is arbitrary. */
export function axisAngleOf(r: Matrix3): Vector3 {
  const [w, x, y, z] = quaternionWxyzOf(r);
  const sine = Math.hypot(x, y, z);
  const factor = sine > 1e-8 ? (2 * Math.atan2(sine, w)) / sine : 2 / w;
  return [factor * x, factor * y, factor * z];
}

/** R of three intrinsic Euler angles, in the order of the letters: ZYX is R_Z(a₀)·R_Y(a₁)·R_X(a₂). */
export const rotationFromEuler = (order: EulerOrder, angles: Vector3): Matrix3 =>
  order === "ZYX"
    ? multiply(rotationZ(angles[0]), multiply(rotationY(angles[1]), rotationX(angles[2])))
    : multiply(rotationX(angles[0]), multiply(rotationY(angles[1]), rotationZ(angles[2])));

/**
 * Three intrinsic Euler angles of R; the middle one lies in [−π/2, π/2]. At ±π/2 (gimbal lock) only the sum or the
 * difference of the others is determined: the first is then 0.
 */
export function eulerOf(order: EulerOrder, r: Matrix3): Vector3 {
  if (order === "ZYX") {
    const cosine = Math.hypot(r[0], r[3]);
    const middle = Math.atan2(-r[6], cosine);
    return cosine > 1e-9
      ? [Math.atan2(r[3], r[0]), middle, Math.atan2(r[7], r[8])]
      : [0, middle, Math.atan2(-r[5], r[4])];
  }
  const cosine = Math.hypot(r[0], r[1]);
  const middle = Math.atan2(r[2], cosine);
  return cosine > 1e-9
    ? [Math.atan2(-r[5], r[8]), middle, Math.atan2(-r[1], r[0])]
    : [0, middle, Math.atan2(r[3], r[4])];
}

/** pytorch3d's 6D: the first two **rows** of R. */
export const rotation6dRowsOf = (r: Matrix3): Rotation6d => [r[0], r[1], r[2], r[3], r[4], r[5]];

/** R of pytorch3d's 6D: Gram–Schmidt on two rows. @throws InputError as `rotationFrom6d` does. */
export function rotationFrom6dRows(d6: Readonly<Rotation6d>): Matrix3 {
  const r = rotationFrom6d(d6);
  return [...column(r, 0), ...column(r, 1), ...column(r, 2)] as unknown as Matrix3;
}
