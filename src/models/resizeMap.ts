/**
 * @file Maps of another size, for models that want a picture of theirs.
 */
import { assertInput, assertShape } from "../check";

/** Width and height in pixels. */
export interface MapSize {
  width: number;
  height: number;
}

/** Places between pixels along one axis: for each new pixel the old ones and their shares. */
function taps(from: number, to: number): { index: Int32Array; share: Float64Array; reach: number } {
  const ratio = from / to;
  // Where the map shrinks, each new pixel is a mean over all that fall into it (a triangle as wide as two of them).
  const support = Math.max(1, ratio);
  const reach = 2 * Math.ceil(support) + 1;
  const index = new Int32Array(to * reach);
  const share = new Float64Array(to * reach);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * ratio - 0.5;
    const first = Math.ceil(center - support);
    let total = 0;
    for (let k = 0; k < reach; k++) {
      const weight = Math.max(0, 1 - Math.abs(first + k - center) / support);
      index[i * reach + k] = Math.min(from - 1, Math.max(0, first + k)); // the border goes on
      share[i * reach + k] = weight;
      total += weight;
    }
    for (let k = 0; k < reach; k++) share[i * reach + k] /= total;
  }
  return { index, share, reach };
}

/**
 * Bilinear with pixel centres at (i + ½)·ratio − ½, as torch's `interpolate(align_corners=False, antialias=True)`.
 *
 * @param values height × width × channels
 * @throws InputError if the map is not of that size or the new size has no pixel
 */
export function resizeMap(values: ArrayLike<number>, channels: number, from: MapSize, to: MapSize): Float32Array {
  assertShape("resizeMap", values, [from.height, from.width, channels]);
  assertInput(
    [to.width, to.height].every((side) => Number.isInteger(side) && side > 0),
    `resizeMap: the new size is ${to.width} × ${to.height}; give whole numbers of pixels`,
  );
  const [columns, rows] = [taps(from.width, to.width), taps(from.height, to.height)];
  const wide = new Float64Array(from.height * to.width * channels);
  for (let v = 0; v < from.height; v++)
    for (let x = 0; x < to.width; x++)
      for (let k = 0; k < columns.reach; k++) {
        const share = columns.share[x * columns.reach + k];
        const u = columns.index[x * columns.reach + k];
        for (let c = 0; c < channels; c++)
          wide[(v * to.width + x) * channels + c] += share * values[(v * from.width + u) * channels + c];
      }
  const out = new Float32Array(to.height * to.width * channels);
  const line = to.width * channels;
  const sum = new Float64Array(line);
  for (let y = 0; y < to.height; y++) {
    sum.fill(0);
    for (let k = 0; k < rows.reach; k++) {
      const share = rows.share[y * rows.reach + k];
      const start = rows.index[y * rows.reach + k] * line;
      for (let i = 0; i < line; i++) sum[i] += share * wide[start + i];
    }
    out.set(sum, y * line);
  }
  return out;
}
