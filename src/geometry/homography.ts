/**
 * @file The projective map of the plane that takes four points to four others.
 */
import { assertInput } from "../check";
import type { Matrix3 } from "./vector";

/** A pixel's x, y. */
export type Pixel = readonly [number, number];

/**
 * H with H·(x, y, 1) ∝ (x′, y′, 1) for four pairs, h₃₃ = 1 (Hartley & Zisserman 2003, section 4.1).
 *
 * @throws InputError unless there are four pairs, no three of them on a line
 */
export function homography(from: readonly Pixel[], to: readonly Pixel[]): Matrix3 {
  assertInput(
    from.length === 4 && to.length === 4,
    `homography: got ${from.length} and ${to.length} points; give four each`,
  );
  // Two equations a pair in the eight unknowns, each row with its right side at the end.
  const rows = from.flatMap(([x, y], i) => {
    const [u, v] = to[i];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  for (let k = 0; k < 8; k++) {
    let pivot = k;
    for (let i = k + 1; i < 8; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    assertInput(
      Math.abs(rows[pivot][k]) > 1e-12,
      "homography: three of the points lie on a line; give four corners of a quadrangle",
    );
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = 0; i < 8; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j < 9; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return [...rows.map((row, k) => row[8] / row[k]), 1] as unknown as Matrix3;
}

/** H·(x, y, 1), divided. */
export const applyHomography = (h: Matrix3, [x, y]: Pixel): [number, number] => {
  const w = h[6] * x + h[7] * y + h[8];
  return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w];
};
