/**
 * @file The axes of an image: pixels, square, v downwards.
 */
import { assertInput } from "../check";
import type { Camera } from "../geometry/camera";
import { plotAxis } from "./template";

/** Part of an image in pixels. */
export interface PixelWindow {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** All pixels of the camera. */
export const wholeImage = ({ width, height }: Camera): PixelWindow => ({ left: 0, top: 0, width, height });

/**
 * The box of the mask, half its size larger on all sides, inside the image.
 * @throws InputError if there is no mask or no pixel in it
 */
export function maskWindow(where: string, { width, height }: Camera, mask: ArrayLike<number> | undefined): PixelWindow {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let i = 0; mask && i < mask.length; i++)
    if (mask[i]) {
      left = Math.min(left, i % width);
      right = Math.max(right, i % width);
      top = Math.min(top, Math.floor(i / width));
      bottom = Math.max(bottom, Math.floor(i / width));
    }
  assertInput(right >= left, `${where}: crop needs a mask with at least one pixel; pass mask or leave crop out`);
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

/** The layout of a figure over `window`, as wide as a page and as high as the window's shape asks for. */
export function imageLayout({ left, top, width, height }: PixelWindow): Record<string, unknown> {
  const innerHeight = Math.min(560, Math.max(240, Math.round((560 * height) / width)));
  return {
    height: innerHeight + 100,
    xaxis: plotAxis("u (pixels)", {
      range: [left - 0.5, left + width - 0.5],
      constrain: "domain",
      showgrid: false,
      zeroline: false,
    }),
    yaxis: plotAxis("v (pixels)", {
      range: [top + height - 0.5, top - 0.5],
      scaleanchor: "x",
      constrain: "domain",
      showgrid: false,
      zeroline: false,
    }),
    showlegend: false,
  };
}
