/**
 * @file A capture that came with its object cut out: colour, depth, intrinsics, and the object's points.
 */
import { join } from "node:path";
import { assertInput } from "../check";
import { toNumbers } from "../formats/ndarray";
import { readNpy } from "../formats/npy";
import { readPng } from "../formats/png";
import { isCategory } from "../geometry/symmetry";
import { readCameraFile } from "./cameraFile";
import { assertCapture } from "./capture";
import { depthFromGrey16 } from "./depthImage";
import type { Sample } from "./sample";

/** A sample with its photo. */
export type SegmentedCapture = Sample & Required<Pick<Sample, "rgb">>;

/**
 * Read `color.png` (8-bit RGB), `depth.png` (16-bit grey), `camera.json` (`readCameraFile`) and `object_points.npy`
 * (N × 3, metres, camera frame) of a folder. Mask: the pixels that the points project to; there the points' own z
 * replaces the depth image's, which may have holes that the segmentation has filled.
 *
 * @throws InputError with one sentence and the cure, for what `readCapture` refuses, images of unequal sizes, and points
 *   that do not project into the image
 */
export async function readSegmentedCapture(folder: string, category: string): Promise<SegmentedCapture> {
  assertInput(isCategory(category), `readSegmentedCapture: category ${JSON.stringify(category)} is not one of the six`);
  const files = ["depth.png", "color.png", "camera.json", "object_points.npy"];
  const [depthPath, colorPath, cameraPath, pointsPath] = files.map((file) => join(folder, file));
  const [image, color] = [await readPng(depthPath), await readPng(colorPath)];
  const { camera, depthUnitMm } = readCameraFile(cameraPath, image);
  const { width, height } = camera;
  assertInput(
    color.width === width && color.height === height && color.channels === 3 && color.data instanceof Uint8Array,
    `${colorPath}: expected 8-bit RGB of ${width} × ${height} pixels as the depth image; save the photo aligned to depth`,
  );
  const array = readNpy(pointsPath);
  assertInput(
    array.shape.length === 2 && array.shape[1] === 3 && array.dtype.startsWith("float"),
    `${pointsPath}: expected N × 3 floats in metres, got ${array.dtype} of the shape (${array.shape.join(", ")})`,
  );
  const points = toNumbers(pointsPath, array);
  const depth = depthFromGrey16(depthPath, image, depthUnitMm);
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i], points[i + 1], points[i + 2]];
    const column = Math.round((camera.fx * x) / z + camera.cx);
    const row = Math.round((camera.fy * y) / z + camera.cy);
    assertInput(
      z > 0 && column >= 0 && column < width && row >= 0 && row < height,
      `${pointsPath}: point ${i / 3} (${x}, ${y}, ${z}) does not project into the image; give metres in the camera frame (z forward)`,
    );
    mask[row * width + column] = 1;
    depth[row * width + column] = z;
  }
  const sample = { id: folder, category, camera, depth, mask, rgb: color.data as Uint8Array };
  assertCapture(sample, { depth: depthPath, mask: pointsPath, camera: cameraPath });
  return sample;
}
