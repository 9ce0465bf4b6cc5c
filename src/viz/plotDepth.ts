/**
 * @file A depth image as a heat map, with the mask's outline and poses on top.
 */
import { assertShape } from "../check";
import type { Camera } from "../geometry/camera";
import type { Pose } from "../geometry/pose";
import { type Figure, figure, type Trace } from "./figure";
import { imageLayout, maskWindow, wholeImage } from "./imageLayout";
import { type PackedNumbers, packNumbers } from "./packNumbers";
import { pixelAxes } from "./pixelAxes";
import { type BoxSet, pixelBoxes } from "./pixelBoxes";
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
  /** Boxes under their names, such as estimates and truth. */
  boxes?: readonly BoxSet[];
  /** Show only the mask and half its size around it. */
  crop?: boolean;
  /** Leave out rows and columns evenly so that at most so many columns remain. */
  maxColumns?: number;
}

const defaults = {
  title: "depth",
  poses: [],
  axisLength: 0.08,
  boxes: [],
  crop: false,
  maxColumns: 160,
} satisfies PlotDepthOptions;

/**
 * Depth in metres over the pixels (u right, v down). Pixels without depth stay white.
 *
 * @throws InputError if depth or mask do not have the camera's size, or `crop` is asked for with no mask or an empty one
 */
export function plotDepth({ camera, depth, mask }: DepthImage, options: PlotDepthOptions = {}): Figure {
  const { title, poses, axisLength, boxes, crop, maxColumns } = { ...defaults, ...options };
  assertShape("plotDepth depth", depth, [camera.height, camera.width]);
  if (mask) assertShape("plotDepth mask", mask, [camera.height, camera.width]);
  const window = crop ? maskWindow("plotDepth", camera, mask) : wholeImage(camera);
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
  traces.push(...pixelBoxes(boxes, camera));
  if (poses.length > 0) traces.push(...pixelAxes(poses, camera, axisLength));
  return figure(traces, title, { ...imageLayout(window), margin: { l: 60, r: 90, t: 48, b: 52 } }); // room for the colour bar
}
