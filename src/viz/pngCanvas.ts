/**
 * @file The few canvas calls that Plotly's heat maps make, for jsdom, which has no canvas of its own.
 */
import { pngDataUrl } from "./encodePng";

/** The part of CanvasRenderingContext2D that is needed. */
export interface PngContext {
  fillStyle: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  createImageData(width: number, height: number): { data: Uint8ClampedArray; width: number; height: number };
  putImageData(image: { data: Uint8ClampedArray }, x: number, y: number): void;
}

/** A canvas that can be filled with rectangles or pixels and read as a PNG. */
export interface PngCanvas {
  context: PngContext;
  toDataURL(): string;
}

/** A transparent canvas of `width` × `height` pixels. */
export function pngCanvas(width: number, height: number): PngCanvas {
  const pixels = new Uint8ClampedArray(width * height * 4);
  const context: PngContext = {
    fillStyle: "rgba(0,0,0,1)",
    fillRect(left, top, w, h) {
      const [red, green, blue, alpha = 1] = this.fillStyle.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0];
      for (let y = Math.max(0, top); y < Math.min(height, top + h); y++)
        for (let x = Math.max(0, left); x < Math.min(width, left + w); x++)
          pixels.set([red, green, blue, 255 * alpha], 4 * (y * width + x));
    },
    createImageData: (w, h) => ({ data: new Uint8ClampedArray(w * h * 4), width: w, height: h }),
    putImageData: (image) => pixels.set(image.data), // always the whole canvas
  };
  return { context, toDataURL: () => pngDataUrl(pixels, width, height, 4) };
}
