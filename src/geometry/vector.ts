/**
 * @file Vectors and 3 × 3 matrices as plain tuples, float64. Matrices are row-major: m[3·row + column].
 */

/** x, y, z. */
export type Vector3 = readonly [number, number, number];

/** A 3 × 3 matrix, row-major. */
export type Matrix3 = readonly [number, number, number, number, number, number, number, number, number];

export const identity3: Matrix3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** a + b. */
export const add = (a: Vector3, b: Vector3): Vector3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

/** a − b. */
export const subtract = (a: Vector3, b: Vector3): Vector3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

/** s·a. */
export const scale = (a: Vector3, s: number): Vector3 => [s * a[0], s * a[1], s * a[2]];

/** a · b. */
export const dot = (a: Vector3, b: Vector3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** a × b. */
export const cross = (a: Vector3, b: Vector3): Vector3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** ‖a‖. */
export const norm = (a: Vector3): number => Math.hypot(a[0], a[1], a[2]);

/** a / max(‖a‖, 10⁻¹²), the rule of PyTorch's F.normalize. */
export const normalize = (a: Vector3): Vector3 => scale(a, 1 / Math.max(norm(a), 1e-12));

/** A·B. */
export function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  const c: number[] = [];
  for (let i = 0; i < 9; i += 3)
    for (let j = 0; j < 3; j++)
      c.push(
        (a[i] as number) * (b[j] as number) +
          (a[i + 1] as number) * (b[j + 3] as number) +
          (a[i + 2] as number) * (b[j + 6] as number),
      );
  return c as unknown as Matrix3;
}

/** A·v. */
export const apply = (m: Matrix3, v: Vector3): Vector3 => [
  m[0] * v[0] + m[1] * v[1] + m[2] * v[2],
  m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
  m[6] * v[0] + m[7] * v[1] + m[8] * v[2],
];

/** Aᵀ. */
export const transpose = (m: Matrix3): Matrix3 => [m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]];

/** det A. */
export const determinant = (m: Matrix3): number =>
  m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);

/** tr A. */
export const trace = (m: Matrix3): number => m[0] + m[4] + m[8];

/** Column j of A. */
export const column = (m: Matrix3, j: 0 | 1 | 2): Vector3 => [m[j], m[j + 3] as number, m[j + 6] as number];

/** The matrix with these columns. */
export const fromColumns = (a: Vector3, b: Vector3, c: Vector3): Matrix3 => [
  a[0],
  b[0],
  c[0],
  a[1],
  b[1],
  c[1],
  a[2],
  b[2],
  c[2],
];
