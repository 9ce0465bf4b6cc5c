/**
 * @file One's own RGB-D frame as a sample: depth image, mask and intrinsics, checked before they are believed.
 */
import { assertInput, InputError } from "../check";
import { toNumbers } from "../formats/ndarray";
import { readNpy } from "../formats/npy";
import { type PngImage, readPng } from "../formats/png";
import type { Camera } from "../geometry/camera";
import { categories, isCategory } from "../geometry/symmetry";
import { assertCameraFits, readCameraFile } from "./cameraFile";
import type { ImageSize } from "./crop";
import { depthFromGrey16, firstChannel } from "./depthImage";
import { fewestPoints } from "./nocsPose";
import type { Sample } from "./sample";

/** Paths of a capture. */
export interface CaptureFiles {
  /** 16-bit grey PNG in millimetres, 0 = nothing seen; or .npy (height × width; floats in metres, uint16 in mm). */
  depth: string;
  /** PNG; the object's pixels are equal to `instance`, or non-zero without it. */
  mask: string;
  /** JSON with fx, fy, cx, cy, width, height (`readCameraFile`). */
  camera: string;
  /** One of the six NOCS categories. */
  category: string;
  instance?: number;
}

/** What a single frame must show, and one of many need not. */
export interface CaptureOptions {
  /** Frames of a sequence may show too little of the object, or nothing: then no sentence, and an empty mask. */
  mayBeHidden?: boolean;
}

/** Beyond these the median depth of the object is no table-top depth in metres. */
const nearest = 0.05;
const farthest = 20;
/** Tenths of millimetres make a mug of 14 cm one of 1.4 m; the widest laptop that was tried spans 0.6 m. */
const widest = 0.9;
/** Centimetres make it 1.4 cm, nearer than any depth camera sees. */
const [narrowest, nearestOfNarrow] = [0.03, 0.2];

/**
 * Read one's own frame as a sample without truth.
 *
 * @throws InputError with one sentence and the cure for: a missing, truncated or foreign file; an unknown category; a
 *   mask or intrinsics of another image size; an empty mask or an instance that is not in it; fewer than 50 masked
 *   pixels with depth; NaN, negative or all-zero depth; an object so near, far, wide or narrow that the unit must be wrong
 */
export async function readCapture(files: CaptureFiles, { mayBeHidden = false }: CaptureOptions = {}): Promise<Sample> {
  assertInput(
    isCategory(files.category),
    `category ${JSON.stringify(files.category)} is not known; give one of ${categories.join(", ")}`,
  );
  const raw = await readDepth(files.depth);
  const { camera, depthUnitMm } = readCameraFile(files.camera, raw);
  const maskImage = await readPng(files.mask);
  assertInput(
    maskImage.width === raw.width && maskImage.height === raw.height,
    `${files.mask}: the mask has ${maskImage.width} × ${maskImage.height} pixels, the depth image ${raw.width} × ${raw.height}; give the mask of the same image (resize it with nearest neighbour)`,
  );
  const sample: Sample = {
    id: files.instance === undefined ? files.depth : `${files.depth}#${files.instance}`,
    category: files.category,
    camera,
    depth: raw.metres(depthUnitMm),
    mask: maskOf(files.mask, maskImage, files.instance, mayBeHidden),
  };
  assertCapture(sample, { depth: files.depth, mask: files.mask, camera: files.camera }, { mayBeHidden });
  return sample;
}

/** A depth image before its unit is known. */
interface RawDepth extends ImageSize {
  metres: (unitMm: number) => Float32Array;
}

async function readDepth(path: string): Promise<RawDepth> {
  if (!path.toLowerCase().endsWith(".npy")) {
    const image = await readPng(path);
    const { width, height } = image;
    depthFromGrey16(path, image); // its kind is checked before the camera is read: the first cause comes first
    return { width, height, metres: (unitMm) => depthFromGrey16(path, image, unitMm) };
  }
  const array = readNpy(path);
  const [height, width] = array.shape;
  assertInput(
    array.shape.length === 2 && width > 0 && height > 0,
    `${path}: expected depth of height × width, got the shape (${array.shape.join(", ")}); save one image`,
  );
  const isFloat = array.dtype.startsWith("float");
  assertInput(
    isFloat || array.dtype === "uint16",
    `${path}: expected floats in metres or uint16 in millimetres, got ${array.dtype}; convert the array with astype`,
  );
  const values = toNumbers(path, array);
  return { width, height, metres: (unitMm) => Float32Array.from(values, (d) => (isFloat ? d : (d * unitMm) / 1000)) };
}

/** Pixels equal to `instance`, or non-zero in any colour. @throws InputError if there are none. */
function maskOf(path: string, image: PngImage, instance: number | undefined, mayBeEmpty: boolean): Uint8Array {
  const { channels, data, width, height } = image;
  const ids = firstChannel(image);
  const present = [...new Set<number>(ids)].filter((id) => id !== 0).sort((a, b) => a - b);
  const listed = `${present.slice(0, 20).join(", ")}${present.length > 20 ? ", …" : ""}`;
  const mask = new Uint8Array(width * height);
  if (instance !== undefined) {
    assertInput(
      mayBeEmpty || present.includes(instance) || present.length === 0,
      `${path}: no pixel of the mask is ${instance}; it has the numbers ${listed}: give one of them as instance`,
    );
    for (let i = 0; i < mask.length; i++) mask[i] = Number(ids[i] === instance);
  } else {
    const colors = channels <= 2 ? 1 : 3; // alpha does not mark anything
    for (let i = 0; i < mask.length; i++)
      for (let c = 0; c < colors; c++) if (data[i * channels + c] !== 0) mask[i] = 1;
  }
  if (mayBeEmpty && !mask.includes(1)) return mask;
  assertInput(mask.includes(1), `${path}: the mask is empty (every pixel is 0); mark the object's pixels`);
  assertInput(
    instance !== undefined || present.length < 2 || mask.includes(0),
    `${path}: every pixel of the mask is non-zero; it looks like a mask of instances: give one of ${listed} as instance`,
  );
  return mask;
}

/** How the parts of a capture are called in errors. */
export interface CaptureNames {
  depth?: string;
  mask?: string;
  camera?: string;
}

/**
 * The checks of `readCapture` for a frame that is already in memory: sizes, mask, depth and its unit.
 *
 * @throws InputError (one sentence) as `readCapture`
 */
export function assertCapture(
  { depth, mask, camera }: { depth: Float32Array; mask: Uint8Array; camera: Camera },
  { depth: depthName = "depth", mask: maskName = "mask", camera: cameraName = "camera" }: CaptureNames = {},
  { mayBeHidden = false }: CaptureOptions = {},
): void {
  const { width, height } = camera;
  const size = `${width} × ${height} of the camera`;
  assertCameraFits(cameraName, camera, camera);
  assertInput(
    depth.length === width * height,
    `${depthName}: ${depth.length} pixels do not fit ${size}; pass the same image`,
  );
  assertInput(
    mask.length === depth.length,
    `${maskName}: ${mask.length} pixels do not fit ${size}; pass the same image`,
  );
  let masked = 0;
  const depths: number[] = [];
  const [columns, rows]: number[][] = [[], []];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    masked++;
    const z = depth[i];
    if (!Number.isFinite(z) || z < 0)
      throw new InputError(
        `${depthName}: the depth at column ${i % width}, row ${Math.floor(i / width)} is ${z}; write 0 where the sensor saw nothing`,
      );
    if (!(z > 0)) continue;
    depths.push(z);
    columns.push(i % width);
    rows.push(Math.floor(i / width));
  }
  if (mayBeHidden && depths.length < fewestPoints) return;
  assertInput(masked > 0, `${maskName}: the mask is empty; mark the object's pixels`);
  assertInput(
    depths.length > 0,
    `${depthName}: the depth is 0 in all ${masked} pixels of the mask; the sensor saw nothing there, or mask and depth are of different frames`,
  );
  assertInput(
    depths.length >= fewestPoints,
    `${maskName}: only ${depths.length} of ${masked} masked pixels have a depth, a pose needs ${fewestPoints}; move closer or mark the whole object`,
  );
  const median = depths.sort((a, b) => a - b)[depths.length >> 1];
  const shown = Number(median.toPrecision(3));
  assertInput(
    median <= farthest,
    `${depthName}: the object's median depth would be ${shown} m, the unit looks wrong (0.1 mm steps, or millimetres given as metres); save millimetres, or give depth_scale in camera.json`,
  );
  assertInput(
    median >= nearest,
    `${depthName}: the object's median depth would be ${shown} m, the unit looks wrong (metres or centimetres saved as integers); save millimetres, or give depth_scale in camera.json`,
  );
  const across = median * Math.hypot(spread(columns) / camera.fx, spread(rows) / camera.fy);
  assertInput(
    across <= widest && (across >= narrowest || median >= nearestOfNarrow),
    `${depthName}: the object would be ${Number(across.toPrecision(2))} m across at ${shown} m, the unit of depth or the focal length looks wrong; save millimetres, or give depth_scale in camera.json (if the mask holds more than the object, mark the object alone)`,
  );
}

/** From the 5th to the 95th percentile: stray pixels of a mask do not count. */
function spread(values: number[]): number {
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))];
  return at(0.95) - at(0.05);
}
