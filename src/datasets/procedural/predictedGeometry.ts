/**
 * @file What a monocular network makes of a photo's depth and normals: no scale, no shift, and the errors that such
 * networks make. The embedded stand-in for one.
 */
import { assertInput, assertShape } from "../../check";
import type { Rng } from "../../random";
import type { ImageSize } from "../crop";
import type { MonocularGeometry } from "../monocularGeometry";

/** How wrong a prediction is. */
export interface GeometryError {
  /** Radius of the blur, pixels of the whole image: such networks predict at a fraction of its resolution. */
  blur: number;
  /** Deviation of the normals' slow error, radians. */
  normalError: number;
  /** Deviation of the depth's slow error, as a part of it. */
  depthError: number;
  /** Width of the slow errors' waves, pixels of the whole image. */
  wave: number;
  /** The object's relief is predicted as this multiple of the true one. */
  relief: number;
  /** Scale and shift of the depth. */
  scale: number;
  shift: number;
}

/**
 * Errors between those of a good and a poor network: published mean angular errors of normals are 15–20° indoors and
 * the relief of small objects comes out flat.
 */
export const randomGeometryError = (rng: Rng): GeometryError => ({
  blur: rng.uniform(2, 7),
  normalError: rng.uniform(0.08, 0.3),
  depthError: rng.uniform(0.01, 0.04),
  wave: rng.uniform(25, 80),
  relief: rng.uniform(0.4, 1.2),
  scale: Math.exp(rng.normal(0, 0.5)),
  shift: rng.normal(0, 0.5),
});

/** Depth that is given to what lies beyond everything, metres. */
const farAway = 2.5;

/** Smooth noise of unit deviation: normal numbers on a grid of cells of `wave` pixels, bilinear between. */
function smoothNoise(width: number, height: number, wave: number, rng: Rng): Float32Array {
  const columns = Math.ceil(width / wave) + 2;
  const grid = rng.normals(columns * (Math.ceil(height / wave) + 2));
  const noise = new Float32Array(width * height);
  // Bilinear weights leave two thirds of the deviation, averaged over a cell.
  const gain = 1.5;
  for (let v = 0, i = 0; v < height; v++) {
    const y = v / wave;
    const [j, b] = [Math.floor(y), y - Math.floor(y)];
    for (let u = 0; u < width; u++, i++) {
      const x = u / wave;
      const k = Math.floor(x);
      const a = x - k;
      const at = j * columns + k;
      const top = grid[at]! + a * (grid[at + 1]! - grid[at]!);
      const bottom = grid[at + columns]! + a * (grid[at + columns + 1]! - grid[at + columns]!);
      noise[i] = gain * (top + b * (bottom - top));
    }
  }
  return noise;
}

/** One pass of a running mean of 2·radius + 1 over the lines of an image; beyond its ends the last value goes on. */
function runningMean(
  from: Float32Array,
  to: Float32Array,
  lines: number,
  length: number,
  lineStep: number,
  step: number,
  radius: number,
): void {
  const n = 2 * radius + 1;
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    const end = start + step * (length - 1);
    let sum = 0;
    for (let k = -radius; k <= radius; k++) sum += from[Math.max(start, Math.min(end, start + step * k))]!;
    for (let at = start; at <= end; at += step) {
      to[at] = sum / n;
      sum += from[Math.min(end, at + step * (radius + 1))]! - from[Math.max(start, at - step * radius)]!;
    }
  }
}

/** Blur one channel of an interleaved map in place. */
function blur(values: Float32Array, { width, height }: ImageSize, channels: number, radius: number): void {
  if (radius < 1) return;
  const other = new Float32Array(values.length);
  for (let c = 0; c < channels; c++) {
    const [a, b] = [values.subarray(c), other.subarray(c)];
    runningMean(a, b, height, width, width * channels, channels, radius);
    runningMean(b, a, width, height, channels, width * channels, radius);
  }
}

/**
 * A prediction of true geometry: blurred, bent by slow errors, the object's relief too flat or too steep, and the depth
 * up to a scale and a shift that differ from image to image, so that no metres leak.
 *
 * @param truth depth in metres (0 where there is nothing) and unit normals, camera frame
 * @param object 1 on the object
 * @param zoom pixels of these maps per pixel of the whole image
 * @throws InputError if the maps do not have the image's size
 */
export function predictGeometry(
  { depth, normals }: { depth: Float32Array; normals: Float32Array },
  object: ArrayLike<number>,
  image: ImageSize,
  error: GeometryError,
  rng: Rng,
  { zoom = 1 }: { zoom?: number } = {},
): MonocularGeometry {
  const { width, height } = image;
  assertShape("predictGeometry, depth", depth, [height, width]);
  assertShape("predictGeometry, normals", normals, [height, width, 3]);
  assertShape("predictGeometry, object", object, [height, width]);
  assertInput(zoom > 0, `predictGeometry: the zoom is ${zoom}; give a positive number`);
  const pixels = width * height;
  const radius = Math.round(error.blur * zoom);
  const wave = Math.max(2, error.wave * zoom);
  let [sum, count] = [0, 0];
  for (let i = 0; i < pixels; i++)
    if (object[i] === 1) {
      sum += depth[i]!;
      count++;
    }
  const middle = count > 0 ? sum / count : 0;
  const z = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const truth = depth[i] === 0 ? farAway : depth[i]!;
    z[i] = object[i] === 1 ? middle + error.relief * (truth - middle) : truth;
  }
  blur(z, image, 1, radius);
  const bend = smoothNoise(width, height, wave, rng.split("depth"));
  for (let i = 0; i < pixels; i++) z[i] = error.scale * z[i]! * (1 + error.depthError * bend[i]!) + error.shift;

  const n = normals.slice();
  for (let i = 0; i < pixels; i++) if (depth[i] === 0) n[3 * i + 2] = -1;
  blur(n, image, 3, radius);
  const tilts = [0, 1, 2].map((k) => smoothNoise(width, height, wave, rng.split(`normal ${k}`)));
  for (let i = 0; i < pixels; i++) {
    const x = n[3 * i]! + error.normalError * tilts[0]![i]!;
    const y = n[3 * i + 1]! + error.normalError * tilts[1]![i]!;
    const w = n[3 * i + 2]! + error.normalError * tilts[2]![i]!;
    const length = Math.sqrt(x * x + y * y + w * w) || 1;
    n[3 * i] = x / length;
    n[3 * i + 1] = y / length;
    n[3 * i + 2] = w / length;
  }
  return { depth: z, normals: n };
}
