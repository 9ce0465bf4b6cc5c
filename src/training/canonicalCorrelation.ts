/**
 * @file Canonical correlations of paired features: which directions of a feature space keep their value from one picture
 * of a thing to another. Closed form, on plain numbers.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { assertInput } from "../check";

/** Sums over pairs of features (a, b) of one space. */
export interface PairMoments {
  count: number;
  /** Σ a and Σ b. */
  sumA: Float64Array;
  sumB: Float64Array;
  /** Σ (a aᵀ + b bᵀ)/2, C × C. */
  total: Float64Array;
  /** Σ (a − b)(a − b)ᵀ, C × C. */
  difference: Float64Array;
}

/** No pairs yet. */
export const noPairs = (channels: number): PairMoments => ({
  count: 0,
  sumA: new Float64Array(channels),
  sumB: new Float64Array(channels),
  total: new Float64Array(channels * channels),
  difference: new Float64Array(channels * channels),
});

/** Add the pair that begins at `from` in both arrays. */
export function addPair(moments: PairMoments, a: ArrayLike<number>, b: ArrayLike<number>, from: number = 0): void {
  const { sumA, sumB, total, difference } = moments;
  const channels = sumA.length;
  moments.count++;
  for (let i = 0; i < channels; i++) {
    const [x, y] = [a[from + i], b[from + i]];
    sumA[i] += x;
    sumB[i] += y;
    // The upper triangles; both matrices are symmetric.
    for (let j = i; j < channels; j++) {
      const [u, v] = [a[from + j], b[from + j]];
      total[i * channels + j] += (x * u + y * v) / 2;
      difference[i * channels + j] += (x - y) * (u - v);
    }
  }
}

const defaults = { shrinkage: 0.1 };

/** The linear maps z = (a − meanA) · matrix and (b − meanB) · matrix. */
export interface CanonicalProjection {
  /** C */
  meanA: Float64Array;
  meanB: Float64Array;
  /** C × C: column k is canonical direction k. */
  matrix: Float64Array;
  /** ρ of each direction, largest first. */
  correlations: number[];
}

/** Eigenvectors as columns, each scaled by its value. */
function scaledEigenvectors(matrix: Matrix, scale: (value: number) => number): { vectors: Matrix; values: number[] } {
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const vectors = eigenvectorMatrix.clone();
  realEigenvalues.forEach((value, k) => {
    vectors.mulColumn(k, scale(value));
  });
  return { vectors, values: realEigenvalues };
}

/**
 * The map in which an inner product weighs each direction by how far it is the same in both pictures of a thing:
 * z = diag(√ρ) Vᵀ (f − μ) with a mean of each side, where Vᵀ T V = 1 whitens what all features vary by, T = ½(cov a + cov b), and
 * Vᵀ cov(a, b) V = diag(ρ) are the canonical correlations (Hotelling 1936, with one map for both sides). With
 * W = cov(a − b) = 2(T − cov(a, b)) it is the linear discriminant analysis of Fisher (1936) with a weight: what noise,
 * light and background change has ρ near 0 and no longer counts; ρ < 0 counts as 0.
 *
 * @param shrinkage what is added to W's diagonal, in shares of its mean: directions of little variation are not trusted
 * @throws InputError for fewer pairs than channels, or features that do not vary
 */
export function canonicalProjection(
  { count, sumA, sumB, total, difference }: PairMoments,
  { shrinkage = defaults.shrinkage }: { shrinkage?: number } = {},
): CanonicalProjection {
  const channels = sumA.length;
  assertInput(
    count > channels && shrinkage >= 0,
    `canonicalProjection: ${count} pairs of ${channels} channels, shrinkage ${shrinkage}; give more pairs than channels and a shrinkage of at least 0`,
  );
  const [meanA, meanB] = [sumA, sumB].map((sum) => sum.map((x) => x / count));
  const symmetric = (upper: Float64Array, mean: (i: number, j: number) => number): Matrix =>
    Matrix.zeros(channels, channels).apply(function (this: Matrix, i, j) {
      const [row, column] = i <= j ? [i, j] : [j, i];
      this.set(i, j, upper[row * channels + column] / count - mean(i, j));
    });
  const within = symmetric(difference, (i, j) => (meanA[i] - meanB[i]) * (meanA[j] - meanB[j]));
  const all = symmetric(total, (i, j) => (meanA[i] * meanA[j] + meanB[i] * meanB[j]) / 2);
  const added = (shrinkage * within.trace()) / channels;
  for (let c = 0; c < channels; c++) {
    within.set(c, c, within.get(c, c) + added);
    // Noise of either picture raises what they vary by, by half of what it adds to their difference.
    all.set(c, c, all.get(c, c) + added / 2);
  }
  const { vectors: whitening, values } = scaledEigenvectors(all, (value) => 1 / Math.sqrt(value));
  assertInput(
    values.every((value) => value > 0),
    "canonicalProjection: a direction of the features does not vary; give a shrinkage above 0 or other pairs",
  );
  const noise = whitening.transpose().mmul(within).mmul(whitening);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(noise, { assumeSymmetric: true });
  // In this space cov(a, b) = 1 − W/2.
  const order = realEigenvalues.map((_, k) => k).sort((i, j) => realEigenvalues[i] - realEigenvalues[j]);
  const correlations = order.map((k) => 1 - realEigenvalues[k] / 2);
  const directions = whitening.mmul(eigenvectorMatrix);
  const matrix = new Float64Array(channels * channels);
  order.forEach((k, column) => {
    const weight = Math.sqrt(Math.max(0, correlations[column]));
    for (let c = 0; c < channels; c++) matrix[c * channels + column] = weight * directions.get(c, k);
  });
  return { meanA, meanB, matrix, correlations };
}
