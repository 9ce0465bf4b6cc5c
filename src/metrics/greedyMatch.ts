/**
 * @file Which prediction takes which truth: each in turn the free one that it likes best.
 */

/** Predictions × truths of one image, row-major, each row's columns in the order in which it would take them. */
export interface Preferences {
  predictions: number;
  truths: number;
  /** Flat indices of the pairs. */
  order: Int32Array;
}

/** Per row of `cost`, the flat indices of its entries from low to high; of equals the first truth. */
export function preferencesOf(cost: ArrayLike<number>, predictions: number, truths: number): Preferences {
  const order = new Int32Array(predictions * truths);
  for (let p = 0; p < predictions; p++) {
    const row = order.subarray(p * truths, (p + 1) * truths);
    for (let t = 0; t < truths; t++) row[t] = p * truths + t;
    if (truths > 1) row.sort((i, j) => cost[i] - cost[j] || i - j);
  }
  return { predictions, truths, order };
}

/**
 * Greedy matching: each prediction in turn takes the first free truth of its preference that `accepts` (asked with the
 * flat index of the pair).
 * @returns for each prediction the truth it took, or −1
 */
export function greedyMatch(
  { predictions, truths, order }: Preferences,
  accepts: (pair: number) => boolean,
): Int32Array {
  const taken = new Uint8Array(truths);
  const found = new Int32Array(predictions).fill(-1);
  for (let p = 0; p < predictions; p++)
    for (let k = p * truths; k < (p + 1) * truths && found[p] < 0; k++) {
      const truth = order[k] - p * truths;
      if (taken[truth] || !accepts(order[k])) continue;
      taken[truth] = 1;
      found[p] = truth;
    }
  return found;
}

/**
 * Where the outcome of a matching changes along thresholds: the distinct numbers of thresholds that the pairs' values do
 * not meet. Between two of them the same pairs are accepted, so one matching stands for all.
 *
 * @param ascending the thresholds in ascending order
 * @param meets whether a value meets a threshold, and with it every larger one
 * @returns per pair the first threshold that it meets (`ascending.length`: none), and the first thresholds of each stretch
 */
export function stretchesOf(
  values: ArrayLike<number>,
  ascending: readonly number[],
  meets: (value: number, threshold: number) => boolean,
): { first: Int32Array; starts: number[] } {
  const first = Int32Array.from(values, (value) => {
    let [low, high] = [0, ascending.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (meets(value, ascending[middle])) high = middle;
      else low = middle + 1;
    }
    return low;
  });
  const starts = ascending.length > 0 ? [0] : [];
  for (const at of first.slice().sort()) if (at < ascending.length && at > starts[starts.length - 1]) starts.push(at);
  return { first, starts };
}
