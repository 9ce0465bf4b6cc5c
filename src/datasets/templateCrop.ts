/**
 * @file Crops as template matching has them: a square of fixed metric size around the object that faces the camera
 * (LINEMOD), and the square around a box (T-LESS).
 */
import { assertInput, assertShape } from "../check";
import { type Camera, project } from "../geometry/camera";
import { applyHomography, homography, type Pixel } from "../geometry/homography";
import type { Pose } from "../geometry/pose";
import {
  add,
  apply,
  cross,
  fromColumns,
  type Matrix3,
  normalize,
  scale,
  subtract,
  type Vector3,
} from "../geometry/vector";
import type { PixelBox } from "./crop";

const defaults = { side: 0.2, up: "axis" as CropUp, wholePixels: false } satisfies MetricSquareOptions;

/**
 * Which way is up in a crop: the object's z `axis`, so that the image is not turned; the `image`'s own; or `published`:
 * the axis as paper C's code has it, which takes the object's place in the camera's frame for one in the object's
 * (R·((0, 0, 6 m) − t) + t instead of R·(0, 0, 6 m)) and so turns crops by some degrees.
 */
export type CropUp = "axis" | "image" | "published";

/** Options of `metricSquare`. */
export interface MetricSquareOptions {
  /** Length of the side, metres (or the unit of the pose). Paper C 0.2, template-pose 0.25. */
  side?: number;
  up?: CropUp;
  /** Corners cut to whole pixels, as published: crops move by up to one pixel. */
  wholePixels?: boolean;
}

/** Top left, bottom left, top right, bottom right; pixels. */
export type Corners = readonly [Pixel, Pixel, Pixel, Pixel];

function upVector({ rotation, translation }: Pose, up: CropUp, unit: number): Vector3 {
  const axis: Vector3 = [rotation[2], rotation[5], rotation[8]];
  if (up === "axis") return axis;
  if (up === "published") return subtract(scale(axis, 6 * unit), apply(rotation, translation));
  // Perpendicular to the image's right.
  return cross([1, 0, 0], translation);
}

/**
 * Right, down and forward of the camera that looks straight at an object's origin, as columns: crop → camera. A template
 * of rotation R that looks like the crop says that the object's rotation is `squareRotation` · R.
 *
 * @throws InputError if up points along the line of sight
 */
export function squareRotation(pose: Pose, options: Pick<MetricSquareOptions, "side" | "up"> = {}): Matrix3 {
  const { side, up } = { ...defaults, ...options };
  const sight = pose.translation;
  const across = cross(sight, upVector(pose, up, side / 0.2));
  assertInput(
    Math.hypot(...across) > 1e-12,
    'metricSquare: the object\'s axis points at the camera, so that no way is up; use up: "image"',
  );
  return fromColumns(normalize(across), normalize(cross(sight, across)), normalize(sight));
}

/**
 * Corners in the image of a square at the object's origin that faces the camera.
 *
 * @throws InputError if the square reaches behind the camera, or its up points along the line of sight
 */
export function metricSquare(pose: Pose, camera: Camera, options: MetricSquareOptions = {}): Corners {
  const { side, up, wholePixels } = { ...defaults, ...options };
  assertInput(side > 0, `metricSquare: the side is ${side}; give a positive length`);
  const sight = pose.translation;
  const axes = squareRotation(pose, { side, up });
  const right = scale([axes[0], axes[3], axes[6]], side / 2);
  const upward = scale([axes[1], axes[4], axes[7]], -side / 2);
  const corner = (x: 1 | -1, y: 1 | -1): Pixel => {
    const [u, v] = project(camera, add(sight, add(scale(right, x), scale(upward, y))));
    return wholePixels ? [Math.trunc(u), Math.trunc(v)] : [u, v];
  };
  return [corner(-1, 1), corner(-1, -1), corner(1, 1), corner(1, -1)];
}

/** The map of a square's corners to (0, 0), (0, size), (size, 0), (size, size). */
export const squareHomography = (corners: Corners, size: number): Matrix3 =>
  homography(corners, [
    [0, 0],
    [0, size],
    [size, 0],
    [size, size],
  ]);

/**
 * The picture within a square's corners as size × size × channels, bilinear; where the square is larger than the crop
 * in pixels, averaged over up to 4 × 4 places a pixel. 0 outside the image.
 *
 * @param values height × width × channels
 */
export function warpSquare(
  values: Uint8Array,
  channels: number,
  { width, height }: Pick<Camera, "width" | "height">,
  corners: Corners,
  size: number,
): Uint8Array {
  assertShape("warpSquare", values, [height, width, channels]);
  assertInput(Number.isInteger(size) && size > 0, `warpSquare: the crop's side is ${size}; give whole pixels`);
  const back = homography(
    [
      [0, 0],
      [0, size],
      [size, 0],
      [size, size],
    ],
    corners,
  );
  const edge = Math.hypot(corners[2][0] - corners[0][0], corners[2][1] - corners[0][1]);
  const taps = Math.max(1, Math.min(4, Math.ceil(edge / size - 0.25)));
  const crop = new Uint8Array(size * size * channels);
  const sum = new Float64Array(channels);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      sum.fill(0);
      for (let j = 0; j < taps; j++)
        for (let i = 0; i < taps; i++) {
          const offset = (k: number): number => (k - (taps - 1) / 2) / taps;
          const [u, v] = applyHomography(back, [x + offset(i), y + offset(j)]);
          const [left, top] = [Math.floor(u), Math.floor(v)];
          for (const [du, dv] of neighbours) {
            const [column, row] = [left + du, top + dv];
            if (column < 0 || row < 0 || column >= width || row >= height) continue;
            const share = (du ? u - left : 1 - u + left) * (dv ? v - top : 1 - v + top);
            for (let c = 0; c < channels; c++) sum[c] += share * values[(row * width + column) * channels + c];
          }
        }
      for (let c = 0; c < channels; c++) crop[(y * size + x) * channels + c] = Math.round(sum[c] / (taps * taps));
    }
  return crop;
}

const neighbours = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;

/** A box widened to a square. */
export interface SquareBox {
  box: PixelBox;
  /** Whether it lies within the image. */
  inside: boolean;
  /** Width and height of the crop: the box's, or, where zeros are added around the image, the longer of the two. */
  size: [number, number];
}

/**
 * T-LESS's crop: a box of whole pixels widened on both sides by half of what it lacks to a square, rounded down, so
 * that a side may lack one pixel (template-pose).
 */
export function squareBox({ x1, y1, x2, y2 }: PixelBox, image: Pick<Camera, "width" | "height">): SquareBox {
  const [width, height] = [x2 - x1, y2 - y1];
  assertInput(width > 0 && height > 0, `squareBox: the box is ${width} × ${height}; give x1 < x2 and y1 < y2`);
  const longer = Math.max(width, height);
  const [dx, dy] = [Math.floor((longer - width) / 2), Math.floor((longer - height) / 2)];
  const box = { x1: x1 - dx, y1: y1 - dy, x2: x2 + dx, y2: y2 + dy };
  const inside = box.x1 >= 0 && box.y1 >= 0 && box.x2 <= image.width && box.y2 <= image.height;
  return { box, inside, size: inside ? [box.x2 - box.x1, box.y2 - box.y1] : [longer, longer] };
}

/** The pixels of a `squareBox`, width × height × channels of its own size; 0 outside the image. */
export function boxPixels(
  values: Uint8Array,
  channels: number,
  { width, height }: Pick<Camera, "width" | "height">,
  { x1, y1, x2, y2 }: PixelBox,
): Uint8Array {
  assertShape("boxPixels", values, [height, width, channels]);
  const crop = new Uint8Array((x2 - x1) * (y2 - y1) * channels);
  const [left, right] = [Math.max(0, x1), Math.min(width, x2)];
  for (let y = Math.max(0, y1); y < Math.min(height, y2); y++)
    crop.set(
      values.subarray((y * width + left) * channels, (y * width + right) * channels),
      ((y - y1) * (x2 - x1) + left - x1) * channels,
    );
  return crop;
}
