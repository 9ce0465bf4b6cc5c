/**
 * @file What the networks of paper B look at: a box, zoomed in, as a square picture, and the way back to metres.
 */
import type { Camera } from "../geometry/camera";
import type { SiteFrame } from "../geometry/siteTranslation";
import { type CropWindow, type DynamicZoomInOptions, dynamicZoomIn, type ImageSize, type PixelBox } from "./crop";

/**
 * The window at test time (paper B, appendix A.1.1): the detected box zoomed out by 1.5, neither shifted nor scaled.
 *
 * @throws InputError for a box without area
 */
export const zoomWindow = (
  box: PixelBox,
  image: ImageSize,
  options: Pick<DynamicZoomInOptions, "padScale"> = {},
): CropWindow => dynamicZoomIn(box, image, [0.5, 0.5, 0.5], options);

/**
 * The frame of SITE for a window around a box that becomes a picture of `outSize`² pixels. Windows and boxes count
 * pixel i as [i, i + 1), cameras as centred at i: hence half a pixel.
 */
export const siteFrame = (camera: Camera, box: PixelBox, window: CropWindow, outSize: number): SiteFrame => ({
  camera,
  cropCenter: [window.center[0] - 0.5, window.center[1] - 0.5],
  boxSize: [box.x2 - box.x1, box.y2 - box.y1],
  cropSide: window.scale,
  outSize,
});
