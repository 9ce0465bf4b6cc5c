/**
 * @file The picture of an object as networks read it: a square crop around its points, and the cell of a grid over that
 * crop in which each point lies.
 */
import { assertInput, assertShape } from "../check";
import type { Camera } from "../geometry/camera";
import { identity3, type Matrix3 } from "../geometry/vector";
import { boxWindow, type CropWindow, type PixelBox } from "./crop";

/** A colour image and the camera that took it. */
export interface ColorImage {
  /** camera.height × camera.width × 3. */
  rgb: Uint8Array;
  camera: Camera;
}

/** Without a limit: a window may reach beyond the image. */
const anySize = { width: Infinity, height: Infinity };

/**
 * The box of the pixels that N × 3 points fall on, x1 ≤ u < x2 (pixel i covers [i, i + 1) here, as in every `PixelBox`).
 *
 * @throws InputError for no points, or one that is not in front of the camera
 */
export function projectedBox(points: Float32Array, { fx, fy, cx, cy }: Camera): PixelBox {
  assertInput(points.length >= 3, "projectedBox: there are no points; give the cloud of an object");
  const box = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };
  for (let i = 0; i < points.length; i += 3) {
    const z = points[i + 2];
    assertInput(z > 0, `projectedBox: point ${i / 3} has depth ${z}; points of an image lie in front of its camera`);
    const [u, v] = [(fx * points[i]) / z + cx, (fy * points[i + 1]) / z + cy];
    box.x1 = Math.min(box.x1, u);
    box.y1 = Math.min(box.y1, v);
    box.x2 = Math.max(box.x2, u + 1);
    box.y2 = Math.max(box.y2, v + 1);
  }
  return box;
}

/** The window at test time: the points' box, its longer side times `padScale`. */
export function cloudWindow(
  points: Float32Array,
  camera: Camera,
  { padScale = 1.2 }: { padScale?: number } = {},
): CropWindow {
  const { center, scale } = boxWindow(projectedBox(points, camera), anySize);
  return { center, scale: scale * padScale };
}

/** A map over a camera's image: colours, depths, normals. */
export interface ImageMap {
  /** camera.height × camera.width × channels. */
  values: Uint8Array | Float32Array;
  channels: number;
  camera: Camera;
}

/** Options of `mapCrop` and `imageCrop`. */
export interface CropOptions {
  /**
   * Q: what the camera would have seen had the scene been turned about it by Q, exactly: pixel u′ shows the direction
   * K⁻¹u′, which was Qᵀ K⁻¹u′ before (the homography K Q K⁻¹). Values are moved, not turned: see `turnNormals`.
   */
  turn?: Matrix3;
}

/**
 * A window of any map as size × size × channels: bilinear, averaged where several pixels fall into one; 0 outside.
 * Colours, relative depths and normals of one object are cut out by this one rule, so they stay aligned.
 *
 * @throws InputError if the map does not have the camera's size, the window no extent or the size is no whole number
 */
export const mapCrop = (map: ImageMap, window: CropWindow, size: number, options: CropOptions = {}): Float32Array =>
  resample("mapCrop", map, window, size, options, (length) => new Float32Array(length));

/**
 * A window of an image as size × size × 3 bytes, by the rule of `mapCrop`; black outside. With `turn`, a cloud may be
 * turned about the camera in training and its picture with it.
 *
 * @throws InputError if the image does not have the camera's size, the window no extent or the size is no whole number
 */
export const imageCrop = (
  { rgb, camera }: ColorImage,
  window: CropWindow,
  size: number,
  options: CropOptions = {},
): Uint8Array =>
  resample("imageCrop", { values: rgb, channels: 3, camera }, window, size, options, (n) => new Uint8Array(n));

/** The one resampler; bytes are rounded. */
function resample<T extends Uint8Array | Float32Array>(
  where: string,
  { values, channels, camera }: ImageMap,
  { center, scale }: CropWindow,
  size: number,
  { turn = identity3 }: CropOptions,
  create: (length: number) => T,
): T {
  const { width, height, fx, fy, cx, cy } = camera;
  assertShape(where, values, [height, width, channels]);
  assertInput(Number.isInteger(size) && size > 0, `${where}: the size is ${size}; give a whole number of pixels`);
  assertInput(scale > 0 && scale < Infinity, `${where}: the window's side is ${scale}; give a positive one in pixels`);
  const crop = create(size * size * channels);
  const whole = crop instanceof Uint8Array;
  const taps = Math.max(1, Math.ceil(scale / size - 0.01));
  const step = scale / size / taps;
  if (turn === identity3) {
    const along = (middle: number, length: number): LineTaps =>
      lineTaps(middle - scale / 2 - 0.5 + step / 2, step, taps, size, length);
    separable(values, channels, along(center[0], width), along(center[1], height), width, size, crop);
    return crop;
  }
  // Pixel centres lie at integers for the camera, half a pixel into the window's pixels.
  const [left, top] = [center[0] - scale / 2 - 0.5 + step / 2, center[1] - scale / 2 - 0.5 + step / 2];
  const q = turn;
  const sum = new Float64Array(channels);
  for (let y = 0, o = 0; y < size; y++)
    for (let x = 0; x < size; x++, o += channels) {
      sum.fill(0);
      for (let i = 0; i < taps; i++) {
        const dy = (top + (y * taps + i) * step - cy) / fy;
        for (let j = 0; j < taps; j++) {
          const dx = (left + (x * taps + j) * step - cx) / fx;
          const z = q[2] * dx + q[5] * dy + q[8];
          if (z <= 0) continue;
          const u = (fx * (q[0] * dx + q[3] * dy + q[6])) / z + cx;
          const v = (fy * (q[1] * dx + q[4] * dy + q[7])) / z + cy;
          addBilinear(sum, values, width, height, u, v);
        }
      }
      for (let c = 0; c < channels; c++) {
        const mean = sum[c] / (taps * taps);
        crop[o + c] = whole ? Math.round(mean) : mean;
      }
    }
  return crop;
}

/** The pixels of a line that make one pixel of a crop, and their shares. */
interface LineTaps {
  /** Of pixel x of the crop: the first pixel of the line. */
  first: Int32Array;
  /** size × reach; 0 for pixels outside of the image. */
  share: Float64Array;
  reach: number;
}

/** Bilinear shares along one axis, averaged over `taps` places a pixel. */
function lineTaps(start: number, step: number, taps: number, size: number, length: number): LineTaps {
  const reach = Math.ceil((taps - 1) * step) + 2;
  const first = new Int32Array(size);
  const share = new Float64Array(size * reach);
  for (let x = 0; x < size; x++) {
    const from = start + x * taps * step;
    // Shares of pixels beyond the line are left out, so that what lies there counts as 0.
    first[x] = Math.max(0, Math.min(length - reach, Math.floor(from)));
    for (let i = 0; i < taps; i++) {
      const at = from + i * step;
      const left = Math.floor(at);
      const part = at - left;
      const own = x * reach - first[x];
      if (left >= 0 && left < length) share[own + left] += (1 - part) / taps;
      if (left >= -1 && left + 1 < length) share[own + left + 1] += part / taps;
    }
  }
  return { first, share, reach };
}

/** A crop that is not turned: first along the lines, then across them. */
function separable(
  values: Uint8Array | Float32Array,
  channels: number,
  columns: LineTaps,
  rows: LineTaps,
  width: number,
  size: number,
  crop: Uint8Array | Float32Array,
): void {
  const whole = crop instanceof Uint8Array;
  const across = size * channels;
  const top = Math.min(...rows.first);
  const count = Math.max(...rows.first) + rows.reach - top;
  const lines = new Float64Array(count * across);
  const made = new Uint8Array(count);
  const lineAt = (v: number): Float64Array => {
    const line = lines.subarray((v - top) * across, (v - top + 1) * across);
    if (made[v - top]) return line;
    made[v - top] = 1;
    for (let x = 0; x < size; x++)
      for (let i = 0; i < columns.reach; i++) {
        const share = columns.share[x * columns.reach + i];
        if (share === 0) continue;
        const from = (v * width + columns.first[x] + i) * channels;
        for (let c = 0; c < channels; c++) line[x * channels + c] += share * values[from + c];
      }
    return line;
  };
  const sum = new Float64Array(across);
  for (let y = 0; y < size; y++) {
    sum.fill(0);
    for (let j = 0; j < rows.reach; j++) {
      const share = rows.share[y * rows.reach + j];
      if (share === 0) continue;
      const line = lineAt(rows.first[y] + j);
      for (let k = 0; k < sum.length; k++) sum[k] += share * line[k];
    }
    for (let k = 0; k < sum.length; k++) crop[y * sum.length + k] = whole ? Math.round(sum[k]) : sum[k];
  }
}

/** sum += the values at (u, v) between four pixels, of which those outside of the image are 0. */
function addBilinear(
  sum: Float64Array,
  values: Uint8Array | Float32Array,
  width: number,
  height: number,
  u: number,
  v: number,
): void {
  const u0 = Math.floor(u);
  const v0 = Math.floor(v);
  if (u0 < -1 || v0 < -1 || u0 >= width || v0 >= height) return;
  const right = u - u0;
  const below = v - v0;
  const channels = sum.length;
  const [a, b, c, d] = [(1 - right) * (1 - below), right * (1 - below), (1 - right) * below, right * below];
  const i = channels * (v0 * width + u0);
  const row = channels * width;
  const [inLeft, inRight] = [u0 >= 0, u0 + 1 < width];
  const [inTop, inBottom] = [v0 >= 0, v0 + 1 < height];
  for (let k = 0; k < channels; k++) {
    let total = sum[k];
    if (inTop && inLeft) total += a * values[i + k];
    if (inTop && inRight) total += b * values[i + channels + k];
    if (inBottom && inLeft) total += c * values[i + row + k];
    if (inBottom && inRight) total += d * values[i + row + channels + k];
    sum[k] = total;
  }
}

/**
 * The cell, row·grid + column, of a grid × grid map over the window in which each of N × 3 points is seen. A point
 * beyond the window takes the nearest cell.
 *
 * @throws InputError for a point that is not in front of the camera
 */
export function pointCells(
  points: Float32Array,
  { fx, fy, cx, cy }: Camera,
  { center, scale }: CropWindow,
  grid: number,
): Int32Array {
  const within = (cell: number): number => Math.min(grid - 1, Math.max(0, Math.floor(cell)));
  const cells = new Int32Array(points.length / 3);
  for (let i = 0; i < cells.length; i++) {
    const z = points[3 * i + 2];
    assertInput(z > 0, `pointCells: point ${i} has depth ${z}; points of an image lie in front of its camera`);
    const u = (fx * points[3 * i]) / z + cx + 0.5;
    const v = (fy * points[3 * i + 1]) / z + cy + 0.5;
    const column = within(((u - center[0]) / scale + 0.5) * grid);
    cells[i] = within(((v - center[1]) / scale + 0.5) * grid) * grid + column;
  }
  return cells;
}
