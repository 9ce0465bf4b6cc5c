/**
 * @file The cells of a coarse grid that a mask touches.
 */
import { assertInput, assertShape } from "../check";

/** Keys' kernel with a = −0.5, as Pillow has it. */
function keys(d: number): number {
  const x = Math.abs(d);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/** Rows of a matrix [to, from] as the first column and the shares from there on. */
function shares(from: number, to: number): { first: number; weights: number[] }[] {
  const ratio = from / to;
  const stretch = Math.max(1, ratio);
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * ratio;
    const first = Math.max(0, Math.floor(center - 2 * stretch + 0.5));
    const end = Math.min(from, Math.floor(center + 2 * stretch + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) => keys((first + k + 0.5 - center) / stretch));
    const total = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((w) => w / total) };
  });
}

/**
 * A mask of size × size resized to grid × grid by Pillow's bicubic filter in bytes (its default, which paper C's code
 * leaves), 1 where the result is positive.
 *
 * @param mask size × size, 0 or not
 * @throws InputError for a mask of another size
 */
export function maskGrid(mask: ArrayLike<number>, size: number, grid: number): Uint8Array {
  assertShape("maskGrid", mask, [size, size]);
  assertInput(Number.isInteger(grid) && grid > 0, `maskGrid: the grid is ${grid}; give a positive whole number`);
  const rows = shares(size, grid);
  const byte = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));
  const wide = new Uint8Array(size * grid);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < grid; x++) {
      const { first, weights } = rows[x];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) if (mask[y * size + first + k]) sum += weights[k];
      wide[y * grid + x] = byte(255 * sum);
    }
  const cells = new Uint8Array(grid * grid);
  for (let y = 0; y < grid; y++)
    for (let x = 0; x < grid; x++) {
      const { first, weights } = rows[y];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * wide[(first + k) * grid + x];
      cells[y * grid + x] = byte(sum) > 0 ? 1 : 0;
    }
  return cells;
}
