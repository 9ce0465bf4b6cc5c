/**
 * @file A depth image as a heat map, with the mask's outline and poses on top.
 */
import { assertInput, assertShape } from "../check";
import type { Camera } from "../geometry/camera";
import type { Pose } from "../geometry/pose";
import { type Figure, figure, type Trace } from "./figure";
import { imageLayout } from "./imageLayout";
import { type PackedNumbers, packNumbers } from "./packNumbers";
import { pixelAxes } from "./pixelAxes";
import { colorscale, palette } from "./template";

/** What of a `Sample` is needed. */
export interface DepthImage {
  camera: Camera;
  /** Metres, row by row, 0 where the sensor saw nothing. */
  depth: ArrayLike<number>;
  /** Non-zero on the object. */
  mask?: ArrayLike<number>;
}

/** What to draw on top and how much to show. */
export interface PlotDepthOptions {
  title?: string;
  poses?: readonly Pose[];
  /** Metres. */
  axisLength?: number;
  /** Show only the mask and half its size around it. */
  crop?: boolean;
  /** Leave out rows and columns evenly so that at most so many columns remain. */
  maxColumns?: number;
}

const defaults = {
  title: "depth",
  poses: [],
  axisLength: 0.08,
  crop: false,
  maxColumns: 160,
} satisfies PlotDepthOptions;

/**
 * Depth in metres over the pixels (u right, v down). Pixels without depth stay white.
 *
 * @throws InputError if depth or mask do not have the camera's size, or `crop` is asked for with no mask or an empty one
 */
export function plotDepth({ camera, depth, mask }: DepthImage, options: PlotDepthOptions = {}): Figure {
  const { title, poses, axisLength, crop, maxColumns } = { ...defaults, ...options };
  assertShape("plotDepth depth", depth, [camera.height, camera.width]);
  if (mask) assertShape("plotDepth mask", mask, [camera.height, camera.width]);
  const window = crop ? maskWindow(camera, mask) : { left: 0, top: 0, width: camera.width, height: camera.height };
  const step = Math.max(1, Math.ceil(window.width / maxColumns));
  const columns = Math.ceil(window.width / step);
  const rows = Math.ceil(window.height / step);
  const sampled = (read: (pixel: number) => number): PackedNumbers =>
    packNumbers(
      Float32Array.from({ length: rows * columns }, (_, k) => {
        const [j, i] = [Math.floor(k / columns), k % columns];
        return read((window.top + j * step) * camera.width + window.left + i * step);
      }),
      [rows, columns],
    );
  const grid = { x0: window.left, dx: step, y0: window.top, dy: step };
  const traces: Trace[] = [
    {
      type: "heatmap",
      name: "depth",
      z: sampled((pixel) => (depth[pixel] > 0 ? depth[pixel] : Number.NaN)),
      ...grid,
      colorscale,
      reversescale: true, // near is bright
      colorbar: { title: { text: "depth (m)" }, thickness: 12 },
      hovertemplate: "u %{x}, v %{y}: %{z:.3f} m<extra></extra>",
    },
  ];
  if (mask)
    traces.push({
      type: "contour",
      name: "mask",
      z: sampled((pixel) => (mask[pixel] ? 1 : 0)),
      ...grid,
      contours: { start: 0.5, end: 0.5, size: 1, coloring: "none" },
      line: { color: palette.vermilion, width: 2 },
      showscale: false,
      hoverinfo: "skip",
    });
  if (poses.length > 0) traces.push(...pixelAxes(poses, camera, axisLength));
  return figure(traces, title, { ...imageLayout(window), margin: { l: 60, r: 90, t: 48, b: 52 } }); // room for the colour bar
}

/** The box of the mask, half its size larger on all sides, inside the image. */
function maskWindow(
  { width, height }: Camera,
  mask: ArrayLike<number> | undefined,
): { left: number; top: number; width: number; height: number } {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let i = 0; mask && i < mask.length; i++)
    if (mask[i]) {
      left = Math.min(left, i % width);
      right = Math.max(right, i % width);
      top = Math.min(top, Math.floor(i / width));
      bottom = Math.max(bottom, Math.floor(i / width));
    }
  assertInput(right >= left, "plotDepth: crop needs a mask with at least one pixel; pass mask or leave crop out");
  const pad = Math.ceil(0.5 * Math.max(right - left + 1, bottom - top + 1));
  left = Math.max(0, left - pad);
  top = Math.max(0, top - pad);
  return {
    left,
    top,
    width: Math.min(width, right + pad + 1) - left,
    height: Math.min(height, bottom + pad + 1) - top,
  };
}
