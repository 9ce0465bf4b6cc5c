/**
 * @file From a detection to a square crop: dynamic zoom-in (DZI), the NOCS window, and resampling without mixing.
 */
import { assertInput, assertShape } from "../check";
import { backProject, type Camera } from "../geometry/camera";
import type { Rng } from "../random";

/** Pixels x1 ≤ u < x2, y1 ≤ v < y2. */
export interface PixelBox {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** A square region of an image, in pixels. */
export interface CropWindow {
  /** x, y. */
  center: [number, number];
  /** Length of the side. */
  scale: number;
}

/** Width and height in pixels. */
export interface ImageSize {
  width: number;
  height: number;
}

/** The smallest box around the non-zero pixels. @throws InputError for an empty mask or one of another size. */
export function boxOfMask(mask: ArrayLike<number>, { width, height }: ImageSize): PixelBox {
  assertShape("boxOfMask", mask, [height, width]);
  const box = { x1: width, y1: height, x2: 0, y2: 0 };
  for (let v = 0, i = 0; v < height; v++)
    for (let u = 0; u < width; u++, i++)
      if (mask[i]) {
        box.x1 = Math.min(box.x1, u);
        box.x2 = Math.max(box.x2, u + 1);
        box.y1 = Math.min(box.y1, v);
        box.y2 = v + 1;
      }
  assertInput(box.x2 > 0, "boxOfMask: the mask is empty; give a mask that marks the object");
  return box;
}

const defaults = {
  /** The window's side over the box's longer side. */
  padScale: 1.5,
  /** The side varies by ± this part. */
  scaleRatio: 0.25,
  /** The centre moves by ± this part of the box's width and height. */
  shiftRatio: 0.25,
} satisfies DynamicZoomInOptions;

/** Options of `dynamicZoomIn`; the defaults are those of GenPose and of paper B. */
export interface DynamicZoomInOptions {
  padScale?: number;
  scaleRatio?: number;
  shiftRatio?: number;
}

/**
 * Dynamic zoom-in for training (CDPN; GenPose `datasets_utils.py`): a square around a box whose
 * size and place vary as a detector's would, side = max(w, h)·(1 + r(2u − 1))·pad, at most the image's longer side.
 *
 * @param draws three uniform numbers in [0, 1): size, shift along x, shift along y (`zoomDraws`)
 * @throws InputError for a box without area
 */
export function dynamicZoomIn(
  box: PixelBox,
  image: ImageSize,
  draws: readonly [number, number, number],
  options: DynamicZoomInOptions = {},
): CropWindow {
  const { padScale, scaleRatio, shiftRatio } = { ...defaults, ...options };
  const { center, scale } = boxWindow(box, image);
  const [u, ux, uy] = draws;
  const side = scale * (1 + scaleRatio * (2 * u - 1)) * padScale;
  return {
    center: [
      center[0] + (box.x2 - box.x1) * shiftRatio * (2 * ux - 1),
      center[1] + (box.y2 - box.y1) * shiftRatio * (2 * uy - 1),
    ],
    scale: Math.min(side, Math.max(image.width, image.height)),
  };
}

/** The three draws of `dynamicZoomIn`. */
export const zoomDraws = (rng: Rng): [number, number, number] => [rng.uniform(), rng.uniform(), rng.uniform()];

/** The window at test time: the box's centre, side = max(w, h), no padding. @throws InputError for no area. */
export function boxWindow({ x1, y1, x2, y2 }: PixelBox, image: ImageSize): CropWindow {
  assertInput(
    x2 > x1 && y2 > y1,
    `boxWindow: the box (${x1}, ${y1}) … (${x2}, ${y2}) has no area; give x1 < x2 and y1 < y2`,
  );
  const side = Math.max(x2 - x1, y2 - y1);
  return { center: [(x1 + x2) / 2, (y1 + y2) / 2], scale: Math.min(side, Math.max(image.width, image.height)) };
}

/**
 * NOCS's square window around a box (`get_bbox`): the next multiple of 40 above the longer side, at most 440, moved
 * (not cut) back into the image.
 *
 * @throws InputError if the image is smaller than the window
 */
export function nocsSquareWindow({ x1, y1, x2, y2 }: PixelBox, image: ImageSize): PixelBox {
  const side = Math.min(40 * (Math.floor(Math.max(x2 - x1, y2 - y1) / 40) + 1), 440);
  assertInput(
    side <= Math.min(image.width, image.height),
    `nocsSquareWindow: the window of ${side} pixels exceeds the image of ${image.width} × ${image.height}; use boxWindow`,
  );
  const along = (low: number, high: number, length: number): number =>
    Math.min(Math.max(Math.floor((low + high) / 2) - side / 2, 0), length - side);
  const left = along(x1, x2, image.width);
  const top = along(y1, y2, image.height);
  return { x1: left, y1: top, x2: left + side, y2: top + side };
}

/** x′ = m₀x + m₁y + m₂, y′ = m₃x + m₄y + m₅. */
export type Affine = readonly [number, number, number, number, number, number];

/**
 * The affine map of a window to an image of `size`² pixels: its centre goes to the centre, its top edge to the top.
 *
 * The three corresponding points are rounded to float32 first, as the reference's call of cv2.getAffineTransform does;
 * that moves a pixel by up to 10⁻³.
 */
export function cropAffine(window: CropWindow, size: number): Affine {
  const f = Math.fround;
  const [x, y] = [f(window.center[0]), f(window.center[1])];
  const top = f(window.center[1] - window.scale / 2);
  const left = f(x - f(y - top));
  const zoomX = size / 2 / (x - left);
  const zoomY = size / 2 / (y - top);
  return [zoomX, 0, size / 2 - zoomX * x, 0, zoomY, size / 2 - zoomY * y];
}

/** What an image's values may be stored in. */
type Pixels = Uint8Array | Uint16Array | Float32Array | Float64Array;

/**
 * The crop of an image: each pixel takes the nearest source pixel (depths and mask numbers are never mixed), 0 outside.
 *
 * @param values height × width × channels
 * @param size side of the crop in pixels; the field uses 256
 * @returns size × size × channels of the same kind
 * @throws InputError if the values do not have the image's size
 */
export function cropNearest<T extends Pixels>(
  values: T,
  image: ImageSize,
  window: CropWindow,
  size: number = 256,
  channels: number = 1,
): T {
  assertShape("cropNearest", values, [image.height, image.width, channels]);
  const [zoomX, , shiftX, , zoomY, shiftY] = cropAffine(window, size);
  const crop = new (values.constructor as new (n: number) => T)(size * size * channels);
  for (let y = 0; y < size; y++) {
    const v = Math.floor((y - shiftY) / zoomY + 0.5);
    if (v < 0 || v >= image.height) continue;
    for (let x = 0; x < size; x++) {
      const u = Math.floor((x - shiftX) / zoomX + 0.5);
      if (u < 0 || u >= image.width) continue;
      for (let c = 0; c < channels; c++)
        crop[(y * size + x) * channels + c] = values[(v * image.width + u) * channels + c];
    }
  }
  return crop;
}

/**
 * The points of the masked pixels of a crop whose pixels know where they come from (GenPose `depth_to_pcl`):
 * ((x − cx)·z/fx, (y − cy)·z/fy, z). For an uncropped image use `backProjectMask`.
 *
 * @param depth metres, any number of pixels; zero and non-finite values are skipped
 * @param x column of each pixel in the camera's image
 * @param y row of each pixel
 * @returns N × 3, metres
 * @throws InputError if the four maps differ in length
 */
export function backProjectCrop(
  depth: ArrayLike<number>,
  mask: ArrayLike<number>,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  camera: Pick<Camera, "fx" | "fy" | "cx" | "cy">,
): Float32Array {
  for (const map of [mask, x, y]) assertShape("backProjectCrop", map, [depth.length]);
  const points: number[] = [];
  for (let i = 0; i < depth.length; i++)
    if (mask[i] && depth[i] > 0 && depth[i] < Infinity)
      points.push(...backProject({ ...camera, width: 0, height: 0 }, x[i], y[i], depth[i]));
  return Float32Array.from(points);
}
