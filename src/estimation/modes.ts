/**
 * @file What a search for modes yields, and how results are brought into order.
 */
import { assertFinite, assertInput } from "../check";

/** Modes of N points in D dimensions, the one with most members first. */
export interface Modes {
  /** M × D, row-major. */
  centers: Float64Array;
  /** Members of each mode. */
  counts: Int32Array;
  /** The mode of each point. */
  labels: Int32Array;
  /** Passes over the points until nothing moved. */
  iterations: number;
  /** False where `maxIterations` ended the search. */
  converged: boolean;
}

/** N points as M candidate centres with a label each. */
export interface Candidates {
  centers: Float64Array;
  labels: Int32Array;
}

/** The number of points. @throws InputError unless `points` are N × dimension finite numbers and the radius positive */
export function assertPoints(where: string, points: ArrayLike<number>, dimension: number, bandwidth: number): number {
  assertInput(
    Number.isInteger(dimension) && dimension > 0 && points.length > 0 && points.length % dimension === 0,
    `${where}: ${points.length} numbers are no points of dimension ${dimension}; give N × dimension numbers`,
  );
  assertFinite(where, points);
  assertInput(
    bandwidth > 0 && bandwidth < Infinity,
    `${where}: the bandwidth is ${bandwidth}; give a positive one in the unit of the points`,
  );
  return points.length / dimension;
}

/** ‖a_i − b_j‖² of two rows. */
export function squaredDistance(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
  dimension: number,
): number {
  let sum = 0;
  for (let d = 0; d < dimension; d++) sum += (a[i * dimension + d] - b[j * dimension + d]) ** 2;
  return sum;
}

/**
 * Merge candidates that lie within `radius` of one with more members, and put those with most members first; equal ones
 * in the order of their numbers.
 */
export function mergeCandidates(
  { centers, labels }: Candidates,
  dimension: number,
  radius: number,
): Pick<Modes, "centers" | "counts" | "labels"> {
  const counts = new Int32Array(centers.length / dimension);
  for (const label of labels) counts[label]++;
  const compareRows = (i: number, j: number): number => {
    for (let d = 0; d < dimension; d++) {
      const difference = centers[i * dimension + d] - centers[j * dimension + d];
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const order = Array.from(counts, (_, i) => i).sort((i, j) => counts[j] - counts[i] || compareRows(i, j));
  const kept: number[] = [];
  const keptOf = new Int32Array(counts.length);
  for (const i of order) {
    let best = kept.findIndex((j) => squaredDistance(centers, i, centers, j, dimension) <= radius * radius);
    if (best < 0) best = kept.push(i) - 1;
    keptOf[i] = best;
  }
  const members = new Int32Array(kept.length);
  for (let i = 0; i < counts.length; i++) members[keptOf[i]] += counts[i];
  // Merging may have changed which has most.
  const ranks = Array.from(kept, (_, i) => i).sort((i, j) => members[j] - members[i] || compareRows(kept[i], kept[j]));
  const rankOf = new Int32Array(kept.length);
  ranks.forEach((i, rank) => {
    rankOf[i] = rank;
  });
  const sorted = new Float64Array(kept.length * dimension);
  ranks.forEach((i, rank) => {
    sorted.set(centers.subarray(kept[i] * dimension, (kept[i] + 1) * dimension), rank * dimension);
  });
  return {
    centers: sorted,
    counts: Int32Array.from(ranks, (i) => members[i]),
    labels: labels.map((label) => rankOf[keptOf[label]]),
  };
}
