/**
 * @file Mean and median of plain numbers.
 */

/** Σ xᵢ/n, summed in order; NaN for none. */
export const meanOfNumbers = (values: readonly number[]): number =>
  values.reduce((sum, x) => sum + x, 0) / values.length;

/** The middle one; of an even number the upper of the two, so that it is a value that occurred. `undefined` for none. */
export const medianOfNumbers = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1];
