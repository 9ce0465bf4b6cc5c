import { writeFileSync } from "node:fs";
import type { Sample } from "../../src/datasets/sample";
import { writePng } from "../../src/formats/png";
import type { Camera } from "../../src/geometry/camera";

/** Where a capture's three files go. */
export interface CaptureFiles {
  depth: string;
  mask: string;
  camera: string;
}

/**
 * Depth in millimetres, mask (3 on the object, `corner` in one corner) and camera of a rendered view, with as much of
 * nothing around the crop as brings the principal point into the image.
 */
export async function writeCapture(
  { camera, depth, mask }: Sample,
  files: CaptureFiles,
  { corner = 0 }: { corner?: number } = {},
): Promise<Camera> {
  const before = (centre: number): number => Math.max(0, Math.ceil(-centre));
  const after = (centre: number, size: number): number => Math.max(0, Math.ceil(centre + 1 - size));
  const [left, top] = [before(camera.cx), before(camera.cy)];
  const width = left + camera.width + after(camera.cx, camera.width);
  const height = top + camera.height + after(camera.cy, camera.height);
  const [millimetres, instances] = [new Uint16Array(width * height), new Uint8Array(width * height)];
  for (let i = 0; i < depth.length; i++) {
    const at = (top + Math.floor(i / camera.width)) * width + left + (i % camera.width);
    millimetres[at] = Math.round(1000 * depth[i]);
    instances[at] = 3 * mask[i];
  }
  instances[instances.lastIndexOf(0)] = corner;
  const image = { width, height, channels: 1 } as const;
  await writePng(files.depth, { ...image, data: millimetres });
  await writePng(files.mask, { ...image, data: instances });
  const whole = { ...camera, cx: camera.cx + left, cy: camera.cy + top, width, height };
  writeFileSync(files.camera, JSON.stringify(whole));
  return whole;
}
