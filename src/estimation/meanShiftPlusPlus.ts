/**
 * @file Mean Shift++ (Jang & Jiang, CVPR 2021): mean shift on a grid.
 */
import type { MeanShiftOptions } from "./meanShift";
import { assertPoints, type Modes, mergeCandidates } from "./modes";

/** Options of `meanShiftPlusPlus`. */
export interface MeanShiftPlusPlusOptions extends MeanShiftOptions {
  /**
   * The cell of a coordinate x: ⌊x/h⌋, as the paper has it, or x/h cut off towards zero, as its code does: the cells
   * around 0 are then twice as wide in each dimension.
   */
  cells?: "floor" | "truncate";
}

const defaults = { tolerance: 1e-4, maxIterations: 1000, cells: "floor" } satisfies MeanShiftPlusPlusOptions;

/**
 * All points of a cell of side h jump to the mean of the points in its 3^D neighbouring cells, itself included, until
 * nothing moves: ‖X′ − X‖_F ≤ tolerance (algorithm 1 of the paper). Different ends are different modes.
 *
 * Two shortcuts change no number beyond rounding. Points that share a cell stay together for ever, so from the second
 * pass on only cells are moved. And the neighbours of a cell are found among the occupied cells, sorted along the axis
 * on which they spread most, instead of by 3^D look-ups (729 in the six dimensions of a rotation).
 *
 * @param points N × dimension, row-major
 * @param bandwidth h, side of a cell, in the unit of the points
 * @throws InputError for no point, a number that is not finite, or a bandwidth that is not positive
 */
export function meanShiftPlusPlus(
  points: ArrayLike<number>,
  dimension: number,
  bandwidth: number,
  options: MeanShiftPlusPlusOptions = {},
): Modes {
  const { tolerance, maxIterations, cells } = { ...defaults, ...options };
  const n = assertPoints("meanShiftPlusPlus", points, dimension, bandwidth);
  const cellOf = cells === "floor" ? Math.floor : Math.trunc;
  let positions: Float64Array = Float64Array.from(points);
  let weights: Float64Array = new Float64Array(n).fill(1);
  const labels = Int32Array.from({ length: n }, (_, i) => i);
  let iterations = 0;
  let converged = false;
  while (!converged && iterations < maxIterations) {
    iterations++;
    const coordinates = positions.map((x) => cellOf(x / bandwidth));
    const cell = distinctRows(coordinates, dimension);
    const moved = neighbourhoodMeans(positions, weights, cell, coordinates, dimension);
    let move = 0;
    for (let i = 0, p = 0; i < weights.length; i++)
      for (let d = 0; d < dimension; d++, p++)
        move += weights[i] * (moved.means[cell.of[i] * dimension + d] - positions[p]) ** 2;
    for (let i = 0; i < n; i++) labels[i] = cell.of[labels[i]];
    positions = moved.means;
    weights = moved.weights;
    converged = Math.sqrt(move) <= tolerance;
  }
  return { ...mergeCandidates({ centers: positions, labels }, dimension, tolerance), iterations, converged };
}

/** Rows of integers that are different: `of` is the number of each row's kind, `first` a row of each kind. */
interface DistinctRows {
  of: Int32Array;
  first: number[];
}

/** Number equal rows alike, by a hash table with open addressing. */
function distinctRows(rows: Float64Array, dimension: number): DistinctRows {
  const n = rows.length / dimension;
  let capacity = 16;
  while (capacity < 2 * n) capacity *= 2;
  const table = new Int32Array(capacity).fill(-1);
  const of = new Int32Array(n);
  const first: number[] = [];
  for (let i = 0; i < n; i++) {
    const start = i * dimension;
    let hash = 0;
    for (let d = 0; d < dimension; d++) hash = Math.imul(hash ^ (rows[start + d] | 0), 0x9e3779b1) ^ (hash >>> 15);
    let slot = (hash ^ (hash >>> 16)) & (capacity - 1);
    for (; ; slot = (slot + 1) & (capacity - 1)) {
      const kind = table[slot];
      if (kind < 0) {
        table[slot] = first.length;
        of[i] = first.push(i) - 1;
        break;
      }
      const other = first[kind] * dimension;
      let d = 0;
      while (d < dimension && rows[start + d] === rows[other + d]) d++;
      if (d === dimension) {
        of[i] = kind;
        break;
      }
    }
  }
  return { of, first };
}

/** The mean and the weight of each cell's neighbourhood … and the weight of the cell itself. */
function neighbourhoodMeans(
  positions: Float64Array,
  weights: Float64Array,
  cell: DistinctRows,
  coordinates: Float64Array,
  dimension: number,
): { means: Float64Array; weights: Float64Array } {
  const count = cell.first.length;
  const width = dimension + 1;
  // Per cell: the weighted sum of its points, and their weight.
  const own = new Float64Array(count * width);
  for (let i = 0, p = 0; i < weights.length; i++) {
    const o = cell.of[i] * width;
    for (let d = 0; d < dimension; d++, p++) own[o + d] += weights[i] * positions[p];
    own[o + dimension] += weights[i];
  }
  const around = own.slice();
  const at = new Float64Array(count * dimension);
  for (let c = 0; c < count; c++)
    for (let d = 0; d < dimension; d++) at[c * dimension + d] = coordinates[cell.first[c] * dimension + d];
  const axis = widestAxis(at, dimension);
  const order = Int32Array.from({ length: count }, (_, c) => c).sort(
    (a, b) => at[a * dimension + axis] - at[b * dimension + axis],
  );
  for (let k = 0; k < count; k++) {
    const a = order[k] * dimension;
    const reach = at[a + axis] + 1;
    for (let l = k + 1; l < count; l++) {
      const b = order[l] * dimension;
      if (at[b + axis] > reach) break;
      let d = 0;
      while (d < dimension && Math.abs(at[a + d] - at[b + d]) <= 1) d++;
      if (d < dimension) continue;
      const [left, right] = [order[k] * width, order[l] * width];
      for (let e = 0; e < width; e++) {
        around[left + e] += own[right + e];
        around[right + e] += own[left + e];
      }
    }
  }
  const means = new Float64Array(count * dimension);
  const cellWeights = new Float64Array(count);
  for (let c = 0; c < count; c++) {
    for (let d = 0; d < dimension; d++)
      means[c * dimension + d] = around[c * width + d] / around[c * width + dimension];
    cellWeights[c] = own[c * width + dimension];
  }
  return { means, weights: cellWeights };
}

/** The axis along which rows spread most. */
function widestAxis(rows: Float64Array, dimension: number): number {
  let widest = 0;
  let longest = -1;
  for (let d = 0; d < dimension; d++) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = d; i < rows.length; i += dimension) {
      low = Math.min(low, rows[i]);
      high = Math.max(high, rows[i]);
    }
    if (high - low > longest) [widest, longest] = [d, high - low];
  }
  return widest;
}
