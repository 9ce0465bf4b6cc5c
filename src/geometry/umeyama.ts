/**
 * @file Least-squares alignment of corresponding points by a similarity (Umeyama, PAMI 1991), also with RANSAC.
 */
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { assertFinite, assertInput } from "../check";
import type { Rng } from "../random";
import type { Similarity } from "./similarity";
import { apply, determinant, type Matrix3, norm, scale, subtract, type Vector3 } from "./vector";

/** Below this ratio of singular values the points lie on a line and the rotation about it is free. */
const lineTolerance = 1e-12;

function assertCorrespondence(where: string, source: ArrayLike<number>, target: ArrayLike<number>): void {
  assertInput(
    source.length === target.length && source.length % 3 === 0,
    `${where}: expected two lists of N × 3 numbers, got ${source.length} and ${target.length}; pair the points`,
  );
  assertInput(source.length >= 9, `${where}: got ${source.length / 3} points; a similarity needs 3 or more`);
  assertFinite(`${where}, source`, source);
  assertFinite(`${where}, target`, target);
}

const pointAt = (points: ArrayLike<number>, i: number): Vector3 => [
  points[3 * i],
  points[3 * i + 1],
  points[3 * i + 2],
];

/** The mean of the points at `indices`. */
function centroid(points: ArrayLike<number>, indices: ArrayLike<number>): Vector3 {
  const sum = [0, 0, 0];
  for (let k = 0; k < indices.length; k++) for (let a = 0; a < 3; a++) sum[a] += points[3 * indices[k] + a];
  return [sum[0] / indices.length, sum[1] / indices.length, sum[2] / indices.length];
}

const rowMajor = (m: Matrix): Matrix3 => m.to1DArray() as unknown as Matrix3;

/** The alignment of the points at `indices`; undefined if they determine no rotation (a line, a point). */
function align(
  source: ArrayLike<number>,
  target: ArrayLike<number>,
  indices: ArrayLike<number>,
): Similarity | undefined {
  const n = indices.length;
  const sourceMean = centroid(source, indices);
  const targetMean = centroid(target, indices);
  // Σ = 1/n Σᵢ (yᵢ − ȳ)(xᵢ − x̄)ᵀ and σ² = 1/n Σᵢ ‖xᵢ − x̄‖² (eqs. 36 and 38)
  const covariance = Matrix.zeros(3, 3);
  let variance = 0;
  for (let k = 0; k < n; k++) {
    const x = subtract(pointAt(source, indices[k]), sourceMean);
    const y = subtract(pointAt(target, indices[k]), targetMean);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) covariance.set(i, j, covariance.get(i, j) + (y[i] * x[j]) / n);
    variance += (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) / n;
  }
  if (!(variance > 0)) return undefined;
  const svd = new SingularValueDecomposition(covariance);
  const [d0, d1, d2] = svd.diagonal;
  if (!(d1 > lineTolerance * d0)) return undefined;
  // S = diag(1, 1, ±1) makes U·S·Vᵀ a rotation (eq. 39)
  const u = svd.leftSingularVectors;
  const v = svd.rightSingularVectors;
  const sign = determinant(rowMajor(u)) * determinant(rowMajor(v)) < 0 ? -1 : 1;
  const rotation = rowMajor(u.mmul(Matrix.diag([1, 1, sign])).mmul(v.transpose()));
  const factor = (d0 + d1 + sign * d2) / variance; // eq. 42
  return { scale: factor, rotation, translation: subtract(targetMean, scale(apply(rotation, sourceMean), factor)) };
}

/**
 * The similarity that minimises Σᵢ ‖yᵢ − (s·R·xᵢ + t)‖² (Umeyama 1991, eqs. 40–42).
 *
 * @param source x, N × 3 numbers
 * @param target y, N × 3 numbers in the same order
 * @throws InputError for lists of different length, fewer than 3 points, NaN, or points on one line
 */
export function umeyama(source: ArrayLike<number>, target: ArrayLike<number>): Similarity {
  assertCorrespondence("umeyama", source, target);
  const all = Int32Array.from({ length: source.length / 3 }, (_, i) => i);
  const similarity = align(source, target, all);
  assertInput(similarity, "umeyama: the points lie on a line or in one place; give three that span a plane");
  return similarity;
}

const defaults = {
  /** A residual under this part of the source's diameter, times the scale, is an inlier's. */
  inlierDiameters: 0.1,
  /** Stop when a sample without outliers has been seen with this probability. */
  confidence: 0.99,
  /** Fewer inliers than this part of the points are no consensus. */
  smallestInlierRatio: 0.1,
} satisfies UmeyamaRansacOptions;

/** Options of `umeyamaRansac`. */
export interface UmeyamaRansacOptions {
  inlierDiameters?: number;
  confidence?: number;
  smallestInlierRatio?: number;
}

/** What `umeyamaRansac` found. */
export interface RansacAlignment {
  similarity: Similarity;
  /** Indices of the points that the final fit used, ascending. */
  inliers: Int32Array;
  /** How many samples were looked at. */
  iterations: number;
}

/** `count` samples of `size` indices below `n`, with replacement, as the NOCS evaluation draws them (128 × 5). */
export function* indexDraws(rng: Rng, n: number, count: number = 128, size: number = 5): Generator<Int32Array> {
  for (let i = 0; i < count; i++) yield Int32Array.from({ length: size }, () => rng.integer(n));
}

/**
 * `umeyama` on the largest consensus set of samples of a few points (NOCS, lib/align.py).
 *
 * After sample i (from 0) it stops when 1 − (1 − r⁵)ⁱ > confidence, r the best inlier ratio; then it fits the inliers.
 * Samples that determine no rotation are passed over.
 *
 * @param draws samples of point indices, e.g. `indexDraws(rng, n)`; it ends with the last one at the latest
 * @returns undefined where no sample has enough inliers
 * @throws InputError for lists of different length, fewer than 3 points, NaN, or an index outside the points
 */
export function umeyamaRansac(
  source: ArrayLike<number>,
  target: ArrayLike<number>,
  draws: Iterable<ArrayLike<number>>,
  options: UmeyamaRansacOptions = {},
): RansacAlignment | undefined {
  assertCorrespondence("umeyamaRansac", source, target);
  const { inlierDiameters, confidence, smallestInlierRatio } = { ...defaults, ...options };
  const n = source.length / 3;
  const all = Int32Array.from({ length: n }, (_, i) => i);
  const middle = centroid(source, all);
  const radius = all.reduce((r, i) => Math.max(r, norm(subtract(pointAt(source, i), middle))), 0);
  const threshold = inlierDiameters * 2 * radius;

  let inliers = new Int32Array(0);
  let iterations = 0;
  for (const draw of draws) {
    const sample = Array.from(draw);
    assertInput(
      sample.every((i) => Number.isInteger(i) && i >= 0 && i < n),
      `umeyamaRansac: the sample ${sample.join(", ")} has an index outside 0 … ${n - 1}`,
    );
    const candidate = align(source, target, sample);
    if (candidate) {
      const found = all.filter((i) => {
        const moved = scale(apply(candidate.rotation, pointAt(source, i)), candidate.scale);
        const residual = subtract(subtract(pointAt(target, i), candidate.translation), moved);
        return norm(residual) < candidate.scale * threshold;
      });
      if (found.length > inliers.length) inliers = found;
    }
    if (1 - (1 - (inliers.length / n) ** 5) ** iterations++ > confidence) break;
  }
  if (inliers.length < smallestInlierRatio * n) return undefined;
  const similarity = align(source, target, inliers);
  return similarity && { similarity, inliers, iterations };
}
