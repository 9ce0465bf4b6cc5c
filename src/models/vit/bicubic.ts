/**
 * @file Bicubic resizing of a map as two matrices (Keys 1981 with a = −0.75, as PyTorch has it, corners not aligned).
 */

/** Keys' kernel at distance d. */
function keys(d: number): number {
  const a = -0.75;
  const x = Math.abs(d);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** W [to, from] with y = W·x for a row of `from` numbers resized to `to`; beyond the border the last number goes on. */
export function bicubicMatrix(from: number, to: number): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const at = ((row + 0.5) * from) / to - 0.5;
    const first = Math.floor(at) - 1;
    for (let k = first; k < first + 4; k++) {
      const column = Math.min(from - 1, Math.max(0, k));
      matrix[row * from + column] += keys(at - k);
    }
  }
  return matrix;
}
