/**
 * @file DBSCAN (Ester et al. 1996) for tens of points, in scikit-learn's conventions.
 */
import { assertInput } from "../check";

/** Label of points that belong to no cluster. */
export const noise = -1;

/**
 * Cluster points by density. A point with at least `minPoints` points within `radius` (≤, itself counted) is a core;
 * cores within reach of each other share a cluster, other points within reach of a core join the first that finds them.
 * All pairs are compared: O(n²·d), for tens or hundreds of points.
 *
 * @returns a label per point: 0, 1, … in order of each cluster's first core, −1 for noise
 * @throws InputError unless all points have the same dimension and radius and minPoints are positive
 */
export function dbscan(points: readonly ArrayLike<number>[], radius: number, minPoints: number): Int32Array {
  assertInput(
    radius > 0 && minPoints >= 1,
    `dbscan: radius is ${radius}, minPoints ${minPoints}; both must be positive`,
  );
  assertInput(
    points.every((p) => p.length === points[0].length),
    "dbscan: the points differ in dimension; give all as many numbers",
  );
  const within = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
    let sum = 0;
    for (let d = 0; d < a.length; d++) sum += (a[d] - b[d]) ** 2;
    return sum <= radius * radius;
  };
  const neighbours = points.map((p) => points.flatMap((q, j) => (within(p, q) ? [j] : [])));
  const labels = new Int32Array(points.length).fill(noise);
  let label = 0;
  for (let start = 0; start < points.length; start++) {
    if (labels[start] !== noise || neighbours[start].length < minPoints) continue;
    const reached = [start];
    labels[start] = label;
    for (let i = reached.pop(); i !== undefined; i = reached.pop()) {
      if (neighbours[i].length < minPoints) continue; // a border point extends nothing
      for (const j of neighbours[i])
        if (labels[j] === noise) {
          labels[j] = label;
          reached.push(j);
        }
    }
    label++;
  }
  return labels;
}
