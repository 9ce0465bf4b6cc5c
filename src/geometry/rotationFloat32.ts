/**
 * @file Gram–Schmidt with the arithmetic of the published code.
 */
import { assertInput } from "../check";
import type { Rotation6d } from "./rotation";
import { fromColumns, type Matrix3, type Vector3 } from "./vector";

const f = Math.fround;

const dot32 = (a: Vector3, b: Vector3): number => f(f(f(a[0] * b[0]) + f(a[1] * b[1])) + f(a[2] * b[2]));

/** a / max(‖a‖, 10⁻¹²), F.normalize. */
function normalize32(a: Vector3): Vector3 {
  const length = Math.max(f(Math.sqrt(dot32(a, a))), f(1e-12));
  return [f(a[0] / length), f(a[1] / length), f(a[2] / length)];
}

/**
 * Gram–Schmidt (paper A, eq. S3) in one pass with every operation rounded to float32, as PyTorch gives it for float32
 * input. Where the two columns are nearly parallel the result is off by 10⁻⁷/sine and no longer orthonormal;
 * `rotationFrom6d` is right there. For comparing with numbers of the published code only.
 *
 * @throws InputError if a number is not finite
 */
export function rotationFrom6dFloat32(d6: Readonly<Rotation6d>): Matrix3 {
  assertInput(d6.every(Number.isFinite), `rotationFrom6dFloat32: (${d6.join(", ")}) must hold six finite numbers`);
  const a = d6.map(f);
  const b1 = normalize32([a[0], a[1], a[2]]);
  const a2: Vector3 = [a[3], a[4], a[5]];
  const along = dot32(b1, a2);
  const rest = (i: 0 | 1 | 2): number => f(a2[i] - f(along * b1[i]));
  const b2 = normalize32([rest(0), rest(1), rest(2)]);
  const cross32 = (i: 0 | 1 | 2, j: 0 | 1 | 2): number => f(f(b1[i] * b2[j]) - f(b1[j] * b2[i]));
  return fromColumns(b1, b2, [cross32(1, 2), cross32(2, 0), cross32(0, 1)]);
}
