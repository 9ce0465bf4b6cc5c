/**
 * @file From a matrix that is nearly a rotation (ground truth written with few digits) to the rotation nearest to it.
 */
import { assertFinite, assertInput } from "../check";
import { cross, determinant, type Matrix3 } from "./vector";

/**
 * The rotation R that minimises ‖R − M‖: the orthogonal factor of M's polar decomposition, by Newton's iteration
 * M ← (M + M⁻ᵀ)/2 (Higham 1986), which doubles the right digits each time.
 *
 * @throws InputError unless the determinant lies in (1/2, 2): such a matrix is no rotation with rounded digits
 */
export function nearestRotation(matrix: Matrix3): Matrix3 {
  assertFinite("nearestRotation", matrix);
  const det = determinant(matrix);
  assertInput(
    det > 0.5 && det < 2,
    `nearestRotation: the determinant is ${det}, a rotation's is 1; divide a scaled rotation by its scale first`,
  );
  let m = matrix;
  for (let step = 0; step < 30; step++) {
    const [a, b, c] = [0, 3, 6].map((row) => [m[row], m[row + 1], m[row + 2]] as const);
    const cofactors = [...cross(b, c), ...cross(c, a), ...cross(a, b)];
    const d = determinant(m);
    const next = m.map((value, i) => (value + cofactors[i] / d) / 2) as unknown as Matrix3;
    const moved = Math.max(...next.map((value, i) => Math.abs(value - m[i])));
    m = next;
    if (moved < 1e-15) break;
  }
  return m;
}
