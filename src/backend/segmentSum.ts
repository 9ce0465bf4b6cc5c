/**
 * @file Sums rows by segment: the gradient of `gather`.
 */

/**
 * output[s] = Σ_{i: ids[i] = s} x[i]; rows with a negative id are dropped, as in TensorFlow.
 *
 * @param x ids.length rows of equal length
 * @param output overwritten; as many rows as there are segments
 */
export function unsortedSegmentSum(
  x: ArrayLike<number>,
  ids: ArrayLike<number>,
  output: Float32Array | Int32Array | Uint8Array | Uint8ClampedArray,
): void {
  output.fill(0);
  if (ids.length === 0) return;
  const rowLength = x.length / ids.length;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    if (id < 0) continue;
    const from = i * rowLength;
    const to = id * rowLength;
    for (let c = 0; c < rowLength; c++) (output[to + c] as number) += x[from + c] as number;
  }
}
