/**
 * @file A colour image, with poses and boxes on top.
 */
import { assertShape } from "../check";
import type { Camera } from "../geometry/camera";
import type { Pose } from "../geometry/pose";
import { pngDataUrl } from "./encodePng";
import { type Figure, figure } from "./figure";
import { imageLayout, maskWindow, type PixelWindow, wholeImage } from "./imageLayout";
import { pixelAxes } from "./pixelAxes";
import { type BoxSet, pixelBoxes } from "./pixelBoxes";

/** What to draw on top, and how much to show. */
export interface PlotImageOptions {
  title?: string;
  poses?: readonly Pose[];
  /** Metres. */
  axisLength?: number;
  /** Width of the axes in pixels, and their opacity: thin and pale for fifty hypotheses. */
  axisWidth?: number;
  axisOpacity?: number;
  /** Boxes under their names, such as estimates and truth; below the axes. */
  boxes?: readonly BoxSet[];
  /** Non-zero on the object; `crop` shows it and half its size around it. */
  mask?: ArrayLike<number>;
  crop?: boolean;
}

const defaults = {
  title: "image",
  poses: [],
  axisLength: 0.08,
  axisWidth: 3,
  axisOpacity: 1,
  boxes: [],
  crop: false,
} satisfies PlotImageOptions;

/**
 * An RGB image over its pixels (u right, v down).
 *
 * @param rgb camera.height × camera.width × 3 bytes
 * @throws InputError if image or mask do not have the camera's size, or `crop` is asked for with no mask or an empty one
 */
export function plotImage(rgb: Uint8Array, camera: Camera, options: PlotImageOptions = {}): Figure {
  const { title, poses, axisLength, axisWidth, axisOpacity, boxes, mask, crop } = { ...defaults, ...options };
  assertShape("plotImage", rgb, [camera.height, camera.width, 3]);
  if (mask) assertShape("plotImage mask", mask, [camera.height, camera.width]);
  const window = crop ? maskWindow("plotImage", camera, mask) : wholeImage(camera);
  const { left, top, width, height } = window;
  const picture = {
    source: pngDataUrl(cut(rgb, camera.width, window), width, height, 3),
    xref: "x",
    yref: "y",
    x: left - 0.5,
    y: top - 0.5,
    sizex: width,
    sizey: height,
    sizing: "stretch",
    layer: "below",
  };
  const axes = pixelAxes(poses, camera, axisLength, { width: axisWidth, opacity: axisOpacity });
  const traces = [...pixelBoxes(boxes, camera), ...axes];
  return figure(traces, title, {
    ...imageLayout(window),
    ...(boxes.length > 1 ? { showlegend: true, legend: { bgcolor: "#e0e0e0" } } : {}),
    images: [picture],
  });
}

/** The window's part of an image of `columns` pixels a row. */
function cut(rgb: Uint8Array, columns: number, { left, top, width, height }: PixelWindow): Uint8Array {
  if (width === columns && height * columns * 3 === rgb.length) return rgb;
  const part = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = 3 * ((top + row) * columns + left);
    part.set(rgb.subarray(start, start + 3 * width), 3 * row * width);
  }
  return part;
}
