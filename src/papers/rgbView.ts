/**
 * @file What paper B's network reads of an object: from a photo, a box and its geometry to plain arrays.
 */
import { assertShape } from "../check";
import { categoryId } from "../datasets/boxSource";
import type { CropWindow, ImageSize, PixelBox } from "../datasets/crop";
import type { ColorImage } from "../datasets/imageCrop";
import type { MonocularGeometry } from "../datasets/monocularGeometry";
import { thumbnailSize } from "../datasets/procedural/proceduralPhoto";
import { zoomMaps, zoomWindow } from "../datasets/zoomCrop";
import type { Camera } from "../geometry/camera";
import type { SiteFrame } from "../geometry/siteTranslation";
import type { NocsCategory } from "../geometry/symmetry";
import { resizeMap } from "../models/resizeMap";
import type { ViewBatch } from "../models/viewEncoder";
import { canonicalFrame } from "./rgbPose";

/** An object in a photo, as far as it is known. */
export interface PhotoView extends ColorImage {
  /** Around the object, pixels of the photo: `BoxSource` finds it, or the reader draws it. */
  box: PixelBox;
  /** Without it: unknown. */
  category?: NocsCategory;
  /** Over the whole photo; see `GeometryProvider`. Without it the network goes by colours alone. */
  geometry?: MonocularGeometry;
}

/** Where the photo lies in its thumbnail: whole pixels, in the middle, in its own shape. */
function letterbox({ width, height }: ImageSize): { left: number; top: number; width: number; height: number } {
  const scale = Math.min(thumbnailSize.width / width, thumbnailSize.height / height);
  const inner = { width: Math.max(1, Math.round(scale * width)), height: Math.max(1, Math.round(scale * height)) };
  return {
    ...inner,
    left: Math.floor((thumbnailSize.width - inner.width) / 2),
    top: Math.floor((thumbnailSize.height - inner.height) / 2),
  };
}

/** How much of [i, i + 1) lies in [low, high). */
const overlap = (i: number, low: number, high: number): number => Math.max(0, Math.min(high, i + 1) - Math.max(low, i));

/** A whole photo small, with black bars where it has another shape. @throws InputError if it is not of its camera's size */
export function thumbnailOf({ rgb, camera }: ColorImage): Uint8Array {
  const { left, top, width, height } = letterbox(camera);
  const small = resizeMap(rgb, 3, camera, { width, height });
  const thumbnail = new Uint8Array(3 * thumbnailSize.width * thumbnailSize.height);
  for (let v = 0; v < height; v++) {
    const line = small.subarray(3 * v * width, 3 * (v + 1) * width);
    thumbnail.set(line.map(Math.round), 3 * ((v + top) * thumbnailSize.width + left));
  }
  return thumbnail;
}

/** A photo's thumbnail with, as a fourth channel, how much of each pixel lies in the box (0 … 255). */
export function photoWithBox(thumbnail: Uint8Array, box: PixelBox, photo: ImageSize): Uint8Array {
  const { width, height } = thumbnailSize;
  assertShape("photoWithBox", thumbnail, [height, width, 3]);
  const inner = letterbox(photo);
  const [acrossScale, downScale] = [inner.width / photo.width, inner.height / photo.height];
  const [x1, x2] = [box.x1, box.x2].map((x) => inner.left + acrossScale * x);
  const [y1, y2] = [box.y1, box.y2].map((y) => inner.top + downScale * y);
  const joined = new Uint8Array(4 * width * height);
  for (let v = 0, i = 0; v < height; v++) {
    const below = overlap(v, y1, y2);
    for (let u = 0; u < width; u++, i++) {
      for (let k = 0; k < 3; k++) joined[4 * i + k] = thumbnail[3 * i + k];
      joined[4 * i + 3] = Math.round(255 * below * overlap(u, x1, x2));
    }
  }
  return joined;
}

/** x/z, y/z of the crop's centre, and log(10 × the tangent of the angle that its side spans). */
export const frameNumbers = ({ fx, fy, cx, cy }: Camera, { center, scale }: CropWindow): number[] => [
  (center[0] - 0.5 - cx) / fx,
  (center[1] - 0.5 - cy) / fy,
  Math.log((10 * scale) / fx),
];

/** Relative depth and normals of a crop as the network reads them: depth, x, y, z by pixel. */
export function joinGeometry({ depth, normals }: MonocularGeometry): Float32Array {
  const joined = new Float32Array(4 * depth.length);
  for (let i = 0; i < depth.length; i++) {
    joined[4 * i] = depth[i];
    for (let k = 0; k < 3; k++) joined[4 * i + 1 + k] = normals[3 * i + k];
  }
  return joined;
}

/**
 * One object for the encoder, and the frame in which its twelve numbers are meant: the box zoomed out by 1.5, neither
 * shifted nor scaled (paper B, appendix A.1.1). Geometry that is nowhere known (`noGeometry`) counts as left out.
 *
 * @param size side of the crops
 * @throws InputError if maps and camera differ in size, or the box lies outside of the photo
 */
export function viewOfPhoto(
  { rgb, camera, box, category, geometry }: PhotoView,
  size: number,
): { view: ViewBatch; frame: SiteFrame } {
  const window = zoomWindow(box, camera);
  const pixels = camera.width * camera.height;
  const none: MonocularGeometry = { depth: new Float32Array(pixels), normals: new Float32Array(3 * pixels) };
  const maps = zoomMaps({ rgb, camera }, geometry ?? none, window, size);
  const seen = maps.depth.some((d) => d !== 0) || maps.normals.some((n) => n !== 0);
  return {
    view: {
      batch: 1,
      crops: maps.rgb,
      geometry: joinGeometry(maps),
      photos: photoWithBox(thumbnailOf({ rgb, camera }), box, camera),
      frames: Float32Array.from(frameNumbers(camera, window)),
      labels: Uint8Array.of(categoryId(category)),
      ...(!seen && { kept: Float32Array.of(1, 0, 1, 1) }),
    },
    frame: canonicalFrame(camera, box, window, size),
  };
}
