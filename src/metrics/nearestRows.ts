/**
 * @file Who is nearest to whom, among features.
 */
import { assertInput, assertShape } from "../check";

/**
 * For each of N rows of F numbers the index of the nearest other row (Euclidean distance; the first of equals).
 *
 * @param rows N × F
 * @throws InputError if there are fewer than two rows, or the numbers do not fill them
 */
export function nearestRows(rows: ArrayLike<number>, count: number): Int32Array {
  assertInput(Number.isInteger(count) && count >= 2, `nearestRows: got ${count} rows; pass at least two`);
  const size = Math.floor(rows.length / count);
  assertShape("nearestRows", rows, [count, size]);
  const nearest = new Int32Array(count);
  const least = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < count; i++)
    for (let j = i + 1; j < count; j++) {
      let squared = 0;
      for (let k = 0; k < size; k++) squared += (rows[i * size + k] - rows[j * size + k]) ** 2;
      if (squared < least[i]) [least[i], nearest[i]] = [squared, j];
      if (squared < least[j]) [least[j], nearest[j]] = [squared, i];
    }
  return nearest;
}
