/**
 * @file Mean shift with a flat kernel (Fukunaga & Hostetler 1975; Cheng 1995; Comaniciu & Meer 2002).
 */
import { assertPoints, type Modes, mergeCandidates, squaredDistance } from "./modes";

/** Options of a search for modes. */
export interface MeanShiftOptions {
  /** A search has ended when no step is longer, in the unit of the points. */
  tolerance?: number;
  maxIterations?: number;
}

const defaults = { tolerance: 1e-4, maxIterations: 300 } satisfies MeanShiftOptions;

/** From N × D points and a bandwidth to their modes. */
export type ModeSearch = (
  points: ArrayLike<number>,
  dimension: number,
  bandwidth: number,
  options?: MeanShiftOptions,
) => Modes;

/**
 * Every point climbs to a mode: y ← the mean of all points xᵢ with ‖xᵢ − y‖ ≤ h, until it stands still. That is gradient
 * ascent on the density estimate with the Epanechnikov kernel. Ends within h of one with more members are one mode.
 *
 * One step of all points compares all pairs: O(N²·D). `meanShiftPlusPlus` asks for cells instead of neighbours.
 *
 * @param points N × dimension, row-major
 * @param bandwidth h, the radius of the kernel; it decides what counts as one mode
 * @throws InputError for no point, a number that is not finite, or a bandwidth that is not positive
 */
export const meanShift: ModeSearch = (points, dimension, bandwidth, options = {}) => {
  const { tolerance, maxIterations } = { ...defaults, ...options };
  const n = assertPoints("meanShift", points, dimension, bandwidth);
  const y = Float64Array.from(points);
  const mean = new Float64Array(dimension);
  const climbing = new Uint8Array(n).fill(1);
  let iterations = 0;
  let moving = n;
  while (moving > 0 && iterations < maxIterations) {
    iterations++;
    for (let i = 0; i < n; i++) {
      if (climbing[i] === 0) continue;
      mean.fill(0);
      let count = 0;
      for (let j = 0; j < n; j++) {
        if (squaredDistance(y, i, points, j, dimension) > bandwidth * bandwidth) continue;
        count++;
        for (let d = 0; d < dimension; d++) mean[d] += points[j * dimension + d];
      }
      let step = 0;
      for (let d = 0; d < dimension; d++) {
        const next = mean[d] / count;
        step += (next - y[i * dimension + d]) ** 2;
        y[i * dimension + d] = next;
      }
      if (Math.sqrt(step) > tolerance) continue;
      climbing[i] = 0;
      moving--;
    }
  }
  const labels = Int32Array.from({ length: n }, (_, i) => i);
  return { ...mergeCandidates({ centers: y, labels }, dimension, bandwidth), iterations, converged: moving === 0 };
};
