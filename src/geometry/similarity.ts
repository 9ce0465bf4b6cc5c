/**
 * @file Similarities x ↦ s·R·x + t: what aligns an object's normalised coordinates with metres.
 */
import { assertFinite, assertInput, assertShape } from "../check";
import { add, apply, determinant, type Matrix3, scale, type Vector3 } from "./vector";

/** x ↦ scale · rotation · x + translation. */
export interface Similarity {
  scale: number;
  rotation: Matrix3;
  translation: Vector3;
}

/** s·R·x + t. */
export const transformBySimilarity = (s: Similarity, x: Vector3): Vector3 =>
  add(scale(apply(s.rotation, x), s.scale), s.translation);

/**
 * The similarity of a homogeneous matrix [s·R | t; 0 0 0 1], as NOCS ground truth stores it: s = ∛det, R = M/s.
 *
 * @param matrix 16 numbers, row-major
 * @param where named in errors
 * @throws InputError unless the last row is 0 0 0 1 and the determinant is positive
 */
export function similarityFromMatrix4(matrix: ArrayLike<number>, where: string = "similarityFromMatrix4"): Similarity {
  assertShape(where, matrix, [4, 4]);
  assertFinite(where, matrix);
  const m = Array.from(matrix);
  assertInput(
    m[12] === 0 && m[13] === 0 && m[14] === 0 && m[15] === 1,
    `${where}: the last row must be 0 0 0 1, got ${m.slice(12).join(" ")}; pass the matrix row by row`,
  );
  const linear: Matrix3 = [m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]];
  const det = determinant(linear);
  assertInput(det > 0, `${where}: the determinant is ${det}; a similarity needs a positive one, without reflection`);
  const factor = Math.cbrt(det);
  return {
    scale: factor,
    rotation: linear.map((x) => x / factor) as unknown as Matrix3,
    translation: [m[3], m[7], m[11]],
  };
}

/** [s·R | t; 0 0 0 1], 16 numbers, row-major. */
export function matrix4OfSimilarity({ scale: s, rotation: r, translation: t }: Similarity): number[] {
  const row = (i: 0 | 1 | 2): number[] => [s * r[3 * i], s * r[3 * i + 1], s * r[3 * i + 2], t[i]];
  return [...row(0), ...row(1), ...row(2), 0, 0, 0, 1];
}
