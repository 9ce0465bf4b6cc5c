/**
 * @file camera.json: the intrinsics that come with one's own depth image.
 */
import { assertInput, InputError } from "../check";
import { readText } from "../formats/readBytes";
import type { Camera } from "../geometry/camera";
import type { ImageSize } from "./crop";

/** Intrinsics, and millimetres per step of the depth image. */
export interface CameraFile {
  camera: Camera;
  depthUnitMm: number;
}

type Json = Record<string, unknown>;

const cure = 'write {"fx": …, "fy": …, "cx": …, "cy": …, "width": …, "height": …} with the pixels of the depth image';

/** fx, fy, cx, cy of the keys, or of a 3 × 3 matrix under "intrinsics" (rows, or nine numbers row by row). */
function intrinsicsOf(path: string, json: Json): Pick<Camera, "fx" | "fy" | "cx" | "cy"> {
  const keys = ["fx", "fy", "cx", "cy"];
  if (json.intrinsics === undefined) {
    const missing = keys.filter((key) => json[key] === undefined);
    assertInput(missing.length === 0, `${path}: ${missing.join(", ")} missing; ${cure}`);
    for (const key of keys)
      assertInput(
        typeof json[key] === "number" && Number.isFinite(json[key]),
        `${path}: ${key} is ${JSON.stringify(json[key])}, not a number; ${cure}`,
      );
    return { fx: json.fx as number, fy: json.fy as number, cx: json.cx as number, cy: json.cy as number };
  }
  const k: unknown[] = Array.isArray(json.intrinsics) ? json.intrinsics.flat() : [];
  assertInput(
    k.length === 9 && k.every((value) => typeof value === "number" && Number.isFinite(value)),
    `${path}: intrinsics must be three rows of three numbers; ${cure}`,
  );
  const [fx, skew, cx, zero, fy, cy, ...last] = k as number[];
  assertInput(
    last[0] === 0 && last[1] === 0 && last[2] === 1 && zero === 0,
    `${path}: the last row of intrinsics is ${last.join(" ")}, not 0 0 1; if the matrix is stored by columns, transpose it`,
  );
  assertInput(
    skew === 0,
    `${path}: the intrinsics have the skew ${skew}; rectify the image first, skew is not modelled`,
  );
  return { fx, fy, cx, cy };
}

/** Millimetres per step: BOP's depth_scale, or depth_unit as a word. */
function depthUnit(path: string, json: Json): number {
  const { depth_scale: scale, depth_unit: unit } = json;
  if (scale !== undefined) {
    assertInput(
      typeof scale === "number" && scale > 0 && scale < Infinity,
      `${path}: depth_scale is ${JSON.stringify(scale)}; give the millimetres of one step of the depth image, e.g. 1`,
    );
    return scale;
  }
  assertInput(
    unit === undefined || /^(mm|millimet(re|er)s?)$/.test(String(unit)),
    `${path}: depth_unit is ${JSON.stringify(unit)}; save the depth image in millimetres, or give depth_scale (millimetres per step)`,
  );
  return 1;
}

/**
 * Read camera.json: fx, fy, cx, cy in pixels (or a 3 × 3 matrix "intrinsics") and width, height of the image they
 * belong to; without width and height they are taken to belong to the depth image, if the principal point allows it.
 *
 * @param image size of the depth image
 * @throws InputError for text that is not JSON, missing or impossible numbers, and intrinsics of another image size
 */
export function readCameraFile(path: string, image: ImageSize): CameraFile {
  let json: unknown;
  try {
    json = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: this is not JSON (${(error as Error).message.split("\n")[0]}); ${cure}`);
  }
  assertInput(
    typeof json === "object" && json !== null && !Array.isArray(json),
    `${path}: expected an object; ${cure}`,
  );
  const content = json as Json;
  const size = (key: "width" | "height"): number => {
    const value = content[key] ?? image[key];
    assertInput(
      typeof value === "number" && Number.isInteger(value) && value > 0,
      `${path}: ${key} is ${JSON.stringify(value)}, not a number of pixels; ${cure}`,
    );
    return value;
  };
  const camera: Camera = { ...intrinsicsOf(path, content), width: size("width"), height: size("height") };
  const stated = content.width !== undefined && content.height !== undefined;
  assertCameraFits(path, camera, image, stated);
  return { camera, depthUnitMm: depthUnit(path, content) };
}

/**
 * @param sizeStated the camera's width and height were given, not assumed
 * @throws InputError for a camera of another image size, or numbers that no camera has
 */
export function assertCameraFits(where: string, camera: Camera, image: ImageSize, sizeStated: boolean = true): void {
  const { fx, fy, cx, cy, width, height } = camera;
  assertInput(
    [fx, fy, cx, cy].every(Number.isFinite) && fx > 0 && fy > 0,
    `${where}: fx, fy, cx, cy are ${fx}, ${fy}, ${cx}, ${cy}; give finite numbers in pixels with fx, fy > 0`,
  );
  assertInput(
    fx >= 20 && fy >= 20,
    `${where}: fx, fy are ${fx}, ${fy}, which look like fractions of the width or millimetres; give them in pixels`,
  );
  assertInput(
    width === image.width && height === image.height,
    `${where}: the intrinsics are for ${width} × ${height} pixels, the depth image has ${image.width} × ${image.height}; give those of the depth image (scale fx, cx by ${round(image.width / width)} and fy, cy by ${round(image.height / height)} if it was resized)`,
  );
  assertInput(
    cx >= 0 && cx < width && cy >= 0 && cy < height,
    `${where}: the principal point (${cx}, ${cy}) lies outside the image of ${width} × ${height}; the intrinsics are of another image size: scale them`,
  );
  // cx/w and cy/h both far from a half, and by the same factor: intrinsics of the same camera at another resolution
  const [x, y] = [(2 * cx) / width, (2 * cy) / height];
  assertInput(
    sizeStated || Math.abs(x - 1) < 0.35 || Math.abs(y - 1) < 0.35 || Math.abs(x / y - 1) > 0.15,
    `${where}: the principal point (${cx}, ${cy}) is the middle of an image of about ${Math.round(2 * cx)} × ${Math.round(2 * cy)}, the depth image has ${width} × ${height}; scale fx, fy, cx, cy, or state width and height`,
  );
}

const round = (factor: number): number => Number(factor.toPrecision(4));
