/**
 * @file Brings rows of pose vectors [a₁, a₂, t] back to rotations, in place; for samplers that do so on the way.
 */
import { assertInput } from "../check";
import { poseDimension } from "../geometry/pose";
import { orthonormalize6d, type Rotation6d } from "../geometry/rotation";

function eachRow(where: string, x: Float64Array, dimension: number, change: (row: Float64Array) => void): void {
  assertInput(
    dimension >= 6 && x.length % dimension === 0,
    `${where}: ${x.length} numbers are not rows of ${dimension} (two rotation columns first)`,
  );
  for (let at = 0; at < x.length; at += dimension) change(x.subarray(at, at + dimension));
}

/** a₁ and a₂ to unit length each, not made orthogonal (GenPose, after the corrector). */
export function normalizeColumns(x: Float64Array, dimension: number = poseDimension): void {
  eachRow("normalizeColumns", x, dimension, (row) => {
    for (const at of [0, 3]) {
      const length = Math.hypot(row[at], row[at + 1], row[at + 2]);
      for (let i = at; i < at + 3; i++) row[i] /= length;
    }
  });
}

/** [a₁, a₂] to the first two columns of their Gram–Schmidt rotation (paper A, eq. S3). */
export function orthonormalizeColumns(x: Float64Array, dimension: number = poseDimension): void {
  eachRow("orthonormalizeColumns", x, dimension, (row) => {
    row.set(orthonormalize6d([row[0], row[1], row[2], row[3], row[4], row[5]] satisfies Rotation6d));
  });
}
