/**
 * @file What the networks of paper B look at: a box, zoomed in, as square maps, and the way back to metres.
 */
import { assertInput } from "../check";
import { pixelRay, rayRotation } from "../geometry/allocentric";
import type { Camera } from "../geometry/camera";
import type { SiteFrame } from "../geometry/siteTranslation";
import { transpose } from "../geometry/vector";
import { type CropWindow, type DynamicZoomInOptions, dynamicZoomIn, type ImageSize, type PixelBox } from "./crop";
import { type ColorImage, type ImageMap, imageCrop, mapCrop } from "./imageCrop";
import { type MonocularGeometry, standardizeDepth, turnNormals } from "./monocularGeometry";

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

/** Square maps of one object, S × S × channels. */
export interface ZoomedMaps {
  rgb: Uint8Array;
  /** `standardizeDepth` of the crop. */
  depth: Float32Array;
  /** Unit vectors in the frame of a camera that looks at the crop's centre (`allocentricRotation`); 0 where unknown. */
  normals: Float32Array;
}

/** Whether a window, and the pixel beside it that bilinear sampling reads, lies in the picture. */
const liesWithin = ({ center, scale }: CropWindow, { width, height }: ImageSize): boolean =>
  [width, height].every((length, axis) => {
    const middle = center[axis];
    return middle - scale / 2 >= 1 && middle + scale / 2 <= length - 1;
  });

/** The crop of a depth, standardised over the pixels that lie in the picture. */
function relativeDepth(map: ImageMap, window: CropWindow, size: number): Float32Array {
  const crop = mapCrop(map, window, size);
  if (liesWithin(window, map.camera)) return standardizeDepth(crop);
  // How much of each pixel lies in the picture: beyond it `mapCrop` mixes in zeros, which here would be a depth.
  const share = mapCrop({ ...map, values: new Uint8Array(map.values.length).fill(1) }, window, size);
  const known = share.map((s) => (s > 0.5 ? 1 : 0));
  assertInput(
    known.some((k) => k === 1),
    `zoomMaps: the window around (${window.center.join(", ")}) lies outside of the picture; give a box in it`,
  );
  return standardizeDepth(
    crop.map((d, i) => (known[i] ? d / share[i] : 0)),
    known,
  );
}

/**
 * Colours, relative depth and normals of a window, cut out of the whole picture by one resampler (`mapCrop`): the
 * geometry was predicted on the whole picture, as paper B does (section 3.1).
 *
 * @param size side of the square maps, pixels
 * @throws InputError if picture and geometry differ in size, or the window lies outside of them
 */
export function zoomMaps(
  image: ColorImage,
  { depth, normals }: MonocularGeometry,
  window: CropWindow,
  size: number,
): ZoomedMaps {
  const { camera } = image;
  const ray = pixelRay(camera, [window.center[0] - 0.5, window.center[1] - 0.5]);
  const mixed = mapCrop({ values: normals, channels: 3, camera }, window, size);
  for (let i = 0; i < mixed.length; i += 3) {
    const length = Math.sqrt(mixed[i] ** 2 + mixed[i + 1] ** 2 + mixed[i + 2] ** 2);
    // A mean of unit vectors is shorter than one of them.
    if (length > 1e-6) for (let k = i; k < i + 3; k++) mixed[k] /= length;
  }
  return {
    rgb: imageCrop(image, window, size),
    depth: relativeDepth({ values: depth, channels: 1, camera }, window, size),
    normals: turnNormals(mixed, transpose(rayRotation(ray))),
  };
}
