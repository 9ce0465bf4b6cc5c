/**
 * @file The axes of an image: pixels, square, v downwards.
 */
import { plotAxis } from "./template";

/** Part of an image in pixels. */
export interface PixelWindow {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The layout of a figure over `window`, as wide as a page and as high as the window's shape asks for. */
export function imageLayout({ left, top, width, height }: PixelWindow): Record<string, unknown> {
  const innerHeight = Math.min(560, Math.max(240, Math.round((560 * height) / width)));
  return {
    height: innerHeight + 100,
    xaxis: plotAxis("u (pixels)", { range: [left - 0.5, left + width - 0.5], constrain: "domain", showgrid: false }),
    yaxis: plotAxis("v (pixels)", {
      range: [top + height - 0.5, top - 0.5],
      scaleanchor: "x",
      constrain: "domain",
      showgrid: false,
    }),
    showlegend: false,
  };
}
