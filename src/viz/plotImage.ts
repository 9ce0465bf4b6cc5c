/**
 * @file A colour image, with poses on top.
 */
import { assertShape } from "../check";
import type { Camera } from "../geometry/camera";
import type { Pose } from "../geometry/pose";
import { pngDataUrl } from "./encodePng";
import { type Figure, figure } from "./figure";
import { imageLayout } from "./imageLayout";
import { pixelAxes } from "./pixelAxes";

/** What to draw on top. */
export interface PlotImageOptions {
  title?: string;
  poses?: readonly Pose[];
  /** Metres. */
  axisLength?: number;
}

const defaults = { title: "image", poses: [], axisLength: 0.08 } satisfies PlotImageOptions;

/**
 * An RGB image over its pixels (u right, v down).
 *
 * @param rgb camera.height × camera.width × 3 bytes
 * @throws InputError if the image does not have the camera's size
 */
export function plotImage(rgb: Uint8Array, camera: Camera, options: PlotImageOptions = {}): Figure {
  const { title, poses, axisLength } = { ...defaults, ...options };
  const { width, height } = camera;
  assertShape("plotImage", rgb, [height, width, 3]);
  const picture = {
    source: pngDataUrl(rgb, width, height, 3),
    xref: "x",
    yref: "y",
    x: -0.5,
    y: -0.5,
    sizex: width,
    sizey: height,
    sizing: "stretch",
    layer: "below",
  };
  const axes = pixelAxes(poses, camera, axisLength);
  return figure(axes, title, { ...imageLayout({ left: 0, top: 0, width, height }), images: [picture] });
}
