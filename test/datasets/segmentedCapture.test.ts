import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import { objectCloud } from "../../src/datasets/objectCloud";
import { readSegmentedCapture } from "../../src/datasets/segmentedCapture";
import { sharedData } from "../../src/datasets/sharedData";
import { encodeNpy } from "../../src/formats/npy";
import { encodePng } from "../../src/formats/png";
import { backProjectMask } from "../../src/geometry/pointcloud";

const root = mkdtempSync(join(tmpdir(), "posediff-segmented-"));
const good = join(root, "good");
const camera = { fx: 60, fy: 61, cx: 31.5, cy: 23.5, width: 64, height: 48 };
const { width, height } = camera;
const inObject = (i: number): boolean => i % width >= 20 && i % width < 40 && i >= 10 * width && i < 30 * width;
/** Millimetres; pixel 700 is a hole of the sensor within the object. */
const millimetres = Uint16Array.from({ length: width * height }, (_, i) => (i === 15 * width + 25 ? 0 : 800 + (i % 7)));
const points = backProjectMask(
  Float32Array.from(millimetres, (mm) => (mm || 803) / 1000),
  Uint8Array.from(millimetres, (_, i) => Number(inObject(i))),
  camera,
);
const npy = (data: Float32Array, shape: number[]): Uint8Array => encodeNpy({ dtype: "float32", shape, data });

beforeAll(async () => {
  mkdirSync(good);
  const grey = { width, height, channels: 1, data: millimetres } as const;
  const rgb = { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(90) } as const;
  writeFileSync(join(good, "depth.png"), await encodePng(grey));
  writeFileSync(join(good, "color.png"), await encodePng(rgb));
  writeFileSync(join(good, "camera.json"), JSON.stringify(camera));
  writeFileSync(join(good, "object_points.npy"), npy(points, [points.length / 3, 3]));
});
afterAll(() => rmSync(root, { recursive: true }));

/** The good folder with one file replaced. */
function spoiled(name: string, file: string, content: Uint8Array | string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const one of ["depth.png", "color.png", "camera.json", "object_points.npy"])
    copyFileSync(join(good, one), join(folder, one));
  writeFileSync(join(folder, file), content);
  return folder;
}

describe("readSegmentedCapture", () => {
  it("masks the pixels of the points and gives the same points back, holes filled", async () => {
    const sample = await readSegmentedCapture(good, "bowl");
    expect(sample.mask.reduce((a, b) => a + b, 0)).toBe(400);
    expect(sample.rgb).toHaveLength(3 * width * height);
    expect(sample.depth[0]).toBeCloseTo(0.8, 6);
    const cloud = objectCloud(sample);
    expect(cloud).toHaveLength(points.length);
    cloud.forEach((x, i) => {
      expect(x).toBeCloseTo(points[i], 5);
    });
  });

  it.each([
    [
      "millimetres",
      "object_points.npy",
      npy(
        points.map((x, i) => (i % 3 ? x : 1000 * x)),
        [points.length / 3, 3],
      ),
    ],
    [
      "other axes",
      "object_points.npy",
      npy(
        points.map((x) => -x),
        [points.length / 3, 3],
      ),
    ],
    ["a flat list", "object_points.npy", npy(points, [points.length])],
    ["no camera", "camera.json", "{}"],
  ])("refuses %s in one sentence", async (name, file, content) => {
    const failure = readSegmentedCapture(spoiled(name, file, content), "bowl");
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toThrow(new RegExp(`${file}: [^\n]+$`));
  });

  it("refuses a photo of another size, and a category that it does not know", async () => {
    const small = await encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(12) });
    await expect(readSegmentedCapture(spoiled("small photo", "color.png", small), "bowl")).rejects.toThrow(
      /color.png: expected 8-bit RGB of 64 × 48 pixels/,
    );
    await expect(readSegmentedCapture(good, "spoon")).rejects.toThrow(/"spoon" is not one of the six/);
  });

  const real = sharedData("rgbd-captures", "blue_mug");
  it.skipIf(real === undefined)("reads a real capture", async () => {
    const sample = await readSegmentedCapture(real as string, "mug");
    expect(objectCloud(sample)).toHaveLength(3 * 15841);
  });
});
