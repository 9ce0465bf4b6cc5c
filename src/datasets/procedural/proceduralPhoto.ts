/**
 * @file The embedded photos, endless: photo i of a split is a table scene rendered from the stream (split, i), with
 * what a monocular network would predict of it. For networks that see colours only.
 */
import { assertInput } from "../../check";
import { type Camera, cropCamera } from "../../geometry/camera";
import { invert, transformPoint } from "../../geometry/pose";
import { type Body, rasterize } from "../../geometry/rasterize";
import { type Category, categories } from "../../geometry/symmetry";
import { norm } from "../../geometry/vector";
import { Rng } from "../../random";
import { boxOfMask, type PixelBox } from "../crop";
import type { MonocularGeometry } from "../monocularGeometry";
import type { RenderedSample } from "../sample";
import { objectWindow } from "./objectWindow";
import { type GeometryError, predictGeometry, randomGeometryError } from "./predictedGeometry";
import { type RenderedScene, renderScene } from "./renderScene";
import type { Shape } from "./shape";
import { type TableScene, tableScene } from "./tableScene";

/** Version of the embedded photos; a card names the version its checkpoint was trained on. */
export const proceduralPhotoVersion = 1;

/** Options of `proceduralPhoto` and `photoWindow`. */
export interface PhotoOptions {
  /** Only this category; without it, category i mod 6. */
  category?: Category;
  /** Seed of the split's stream. */
  seed?: number;
  /** The very shape, instead of a random one. */
  shape?: Shape;
}

/** A whole photo and one object in it. `depth` and `normals` are true; `predicted` is what a photo can give. */
export interface PhotoSample extends RenderedSample {
  /** Around the object's visible pixels, off by what a detector is off. */
  box: PixelBox;
  predicted: MonocularGeometry;
  handleVisible: boolean;
  visibleShare: number;
}

/** The part of a photo around its object, and the whole of it small: what training needs of it. */
export interface PhotoWindow extends Pick<PhotoSample, "category" | "pose" | "size" | "box" | "handleVisible"> {
  /** Camera of the whole photo; `box` counts its pixels. */
  photoCamera: Camera;
  /** Camera of the window: that of the photo, zoomed. The window ends where the photo ends. */
  camera: Camera;
  /** camera.height × camera.width × 3. */
  rgb: Uint8Array;
  /** Over the window. */
  predicted: MonocularGeometry;
  /** thumbnailSize: the whole photo. */
  thumbnail: Uint8Array;
}

/** Width and height of a photo's thumbnail. */
export const thumbnailSize = { width: 64, height: 48 } as const;

const trialResolution = 40;
const leastShare = 0.45;
const leastPixels = 40;
/** So much of the silhouette's side may lie beyond the photo. */
const mostOutside = 0.05;
/** Share of the visible pixels that must show the handle for it to count as seen. */
const leastHandleShare = 0.01;

/** A window of a photo, in its pixels. */
interface Extent {
  left: number;
  top: number;
  side: number;
}

/** Where in the photo the camera of a window looks. */
const extentOf = (photo: Camera, window: Camera): Extent => {
  const zoom = window.fx / photo.fx;
  return { left: photo.cx - window.cx / zoom, top: photo.cy - window.cy / zoom, side: window.width / zoom };
};

/** In how many pixels the first of the bodies is seen. */
const objectPixels = (bodies: readonly Body[], camera: Camera): number =>
  rasterize(bodies, camera).body.reduce((sum, body) => sum + (body === 0 ? 1 : 0), 0);

const countOf = (mask: Uint8Array): number => mask.reduce((sum, value) => sum + value, 0);

/** The first of a stream's scenes whose object lies in the photo and is not hidden. */
function visibleScene(
  split: string,
  index: number,
  { category: wanted, seed = 0, shape }: PhotoOptions,
): { scene: TableScene; visibleShare: number; rng: Rng } {
  assertInput(Number.isInteger(index) && index >= 0, `photo: the index is ${index}; it must be a whole number from 0`);
  const category = shape?.category ?? wanted ?? categories[index % categories.length]!;
  const stream = new Rng(seed).split(`photo ${split}`).split(index);
  for (let attempt = 0; ; attempt++) {
    const rng = stream.split(attempt);
    const scene = tableScene(category, rng, shape);
    const { camera } = scene;
    const trial = objectWindow(camera, scene.shape.mesh, scene.pose, trialResolution, 1.02);
    const { left, top, side } = extentOf(camera, trial);
    const outside = Math.max(-left, -top, left + side - camera.width, top + side - camera.height);
    if (outside > mostOutside * side) continue;
    const silhouette = objectPixels(scene.bodies.slice(0, 1), trial);
    const visibleShare = objectPixels(scene.bodies, trial) / silhouette;
    if (silhouette < leastPixels || visibleShare < leastShare) continue;
    return { scene, visibleShare, rng };
  }
}

/** A detector's box: each edge off by a normal 3 % of the box. */
function detected({ x1, y1, x2, y2 }: PixelBox, rng: Rng): PixelBox {
  const [w, h] = [0.03 * (x2 - x1), 0.03 * (y2 - y1)];
  return { x1: x1 + rng.normal(0, w), y1: y1 + rng.normal(0, h), x2: x2 + rng.normal(0, w), y2: y2 + rng.normal(0, h) };
}

/** Grain of the camera's sensor, in place. */
function addGrain(rgb: Uint8Array, deviation: number, rng: Rng): void {
  for (let i = 0; i < rgb.length; i++) rgb[i] = Math.min(255, Math.max(0, rgb[i]! + rng.normal(0, deviation)));
}

const handleSeen = (category: Category, { handlePixels, mask }: RenderedScene): boolean =>
  category !== "mug" || handlePixels >= Math.max(4, leastHandleShare * countOf(mask));

/**
 * Photo `index` of a split: an instance that no other index shows, on a table with things of known size, other objects
 * and sometimes something before it, 640 × 480, with its detected box and the relative depth and normals that a
 * monocular network might predict. The same on every machine.
 *
 * What tells its scale is what tells it in life: the table's pattern, sheets and keyboards, neighbours of known kinds,
 * and that cameras are held about half a metre above tables.
 *
 * @throws InputError if the index is not a whole number ≥ 0
 */
export function proceduralPhoto(split: string, index: number, options: PhotoOptions = {}): PhotoSample {
  const { scene, visibleShare, rng } = visibleScene(split, index, options);
  return photoOfScene(`photo/${split}/${index}`, scene, visibleShare, rng);
}

/**
 * The photo of a scene: rendered, with the sensor's grain, a detector's box and predicted geometry, drawn from `rng`.
 *
 * @param error of the predicted geometry; without it one is drawn
 * @throws InputError if nothing of the object is seen
 */
export function photoOfScene(
  id: string,
  scene: TableScene,
  visibleShare: number,
  rng: Rng,
  error?: GeometryError,
): PhotoSample {
  const { shape, pose, camera } = scene;
  const rendered = renderScene(scene);
  const { rgb, depth, normals, mask } = rendered;
  const grain = rng.split("grain");
  addGrain(rgb, grain.uniform(1, 5), grain);
  const geometry = rng.split("geometry");
  const drawn = randomGeometryError(geometry);
  return {
    id,
    category: shape.category,
    camera,
    depth,
    mask,
    rgb,
    normals,
    nocs: nocsOf(scene, rendered),
    pose,
    size: shape.size,
    handleVisible: handleSeen(shape.category, rendered),
    visibleShare,
    box: detected(boxOfMask(mask, camera), rng.split("detector")),
    predicted: predictGeometry(rendered, mask, camera, error ?? drawn, geometry),
  };
}

/** Coordinates in the NOCS cube of the object's pixels. */
function nocsOf({ shape, pose }: TableScene, { camera, depth, mask }: RenderedScene): Float32Array {
  const nocs = new Float32Array(3 * mask.length);
  const toObject = invert(pose);
  const diagonal = norm(shape.size);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const [u, v, z] = [i % camera.width, Math.floor(i / camera.width), depth[i]!];
    const local = transformPoint(toObject, [((u - camera.cx) * z) / camera.fx, ((v - camera.cy) * z) / camera.fy, z]);
    for (let k = 0; k < 3; k++) nocs[3 * i + k] = local[k]! / diagonal + 0.5;
  }
  return nocs;
}

/** The part of a window that lies in the photo. */
function withinPhoto(photo: Camera, camera: Camera): Camera {
  const { left, top } = extentOf(photo, camera);
  const zoom = camera.fx / photo.fx;
  // A window's pixel i has its centre at start + i/zoom; the photo reaches from −0.5 to its length − 0.5.
  const range = (start: number, length: number, side: number): [number, number] => [
    Math.max(0, Math.ceil((-0.5 - start) * zoom)),
    Math.min(side, Math.ceil((length - 0.5 - start) * zoom)),
  ];
  const [u0, u1] = range(left, photo.width, camera.width);
  const [v0, v1] = range(top, photo.height, camera.height);
  return cropCamera(camera, { left: u0, top: v0, width: u1 - u0, height: v1 - v0 });
}

/** A picture of twice the size, each four pixels averaged. */
function halved(rgb: Uint8Array, { width, height }: { width: number; height: number }): Uint8Array {
  const half = new Uint8Array(3 * width * height);
  for (let v = 0, o = 0; v < height; v++)
    for (let u = 0; u < width; u++)
      for (let k = 0; k < 3; k++, o++) {
        const i = 3 * (2 * v * 2 * width + 2 * u) + k;
        half[o] = (rgb[i]! + rgb[i + 3]! + rgb[i + 6 * width]! + rgb[i + 6 * width + 3]! + 2) >> 2;
      }
  return half;
}

/**
 * The window of photo `index` around its object and the photo's thumbnail, rendered without the rest: what
 * `proceduralPhoto` shows there, thirty times faster, without the sensor's grain.
 *
 * @param margin the window's side over the silhouette's
 * @param resolution the window's side in pixels
 * @throws InputError if the index is not a whole number ≥ 0
 */
export function photoWindow(
  split: string,
  index: number,
  { margin = 2.4, resolution = 96, ...options }: PhotoOptions & { margin?: number; resolution?: number } = {},
): PhotoWindow {
  const { scene, rng } = visibleScene(split, index, options);
  const { shape, pose, camera: photo } = scene;
  const camera = withinPhoto(photo, objectWindow(photo, shape.mesh, pose, resolution, margin));
  const rendered = renderScene(scene, camera);
  const zoom = camera.fx / photo.fx;
  const { left, top } = extentOf(photo, camera);
  const seen = boxOfMask(rendered.mask, camera);
  // A window's pixel i covers [i, i + 1)/zoom of the photo, pixel centres lie at integers in both.
  const inPhoto = (edge: number, start: number): number => start + (edge - 0.5) / zoom + 0.5;
  const box = {
    x1: inPhoto(seen.x1, left),
    y1: inPhoto(seen.y1, top),
    x2: inPhoto(seen.x2, left),
    y2: inPhoto(seen.y2, top),
  };
  const { width, height } = thumbnailSize;
  const small = cropCamera(photo, {
    left: -0.5 + photo.width / width / 4,
    top: -0.5 + photo.height / height / 4,
    width: 2 * width,
    height: 2 * height,
    zoom: (2 * width) / photo.width,
  });
  const geometry = rng.split("geometry");
  const error = randomGeometryError(geometry);
  const predicted = predictGeometry(rendered, rendered.mask, camera, error, geometry, { zoom });
  return {
    category: shape.category,
    pose,
    size: shape.size,
    photoCamera: photo,
    camera,
    rgb: rendered.rgb,
    predicted,
    thumbnail: halved(renderScene(scene, small).rgb, thumbnailSize),
    box: detected(box, rng.split("detector")),
    handleVisible: handleSeen(shape.category, rendered),
  };
}
