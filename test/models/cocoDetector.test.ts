import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { type BoxSource, categoryId, categoryOfId, fixedBoxes, givenBox, trueBox } from "../../src/datasets/boxSource";
import type { Camera } from "../../src/geometry/camera";
import { cocoDetector } from "../../src/models/cocoDetector";

const folder = mkdtempSync(join(tmpdir(), "posediff-coco-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => ready());

const camera: Camera = { fx: 60, fy: 60, cx: 31.5, cy: 15.5, width: 64, height: 32 };
const image = { rgb: new Uint8Array(64 * 32 * 3), camera };

/** A graph model that looks at a picture of 16 × 16 and always answers with these rows. */
function write(name: string, rows: number[][]): string {
  const path = join(folder, name);
  mkdirSync(path);
  const dim = (sizes: number[]) => ({ dim: sizes.map((size) => ({ size: String(size) })) });
  const float = { type: "DT_FLOAT" };
  const shape = [1, rows.length, 6];
  const input = { name: "tower_0/images", dtype: "DT_FLOAT", tensorShape: dim([1, 16, 16, 3]) };
  const output = { name: "tower_0/detections", dtype: "DT_FLOAT", tensorShape: dim(shape) };
  const node = [
    { name: input.name, op: "Placeholder", attr: { dtype: float, shape: { shape: input.tensorShape } } },
    {
      name: "rows",
      op: "Const",
      attr: { dtype: float, value: { tensor: { dtype: "DT_FLOAT", tensorShape: dim(shape) } } },
    },
    { name: output.name, op: "Identity", input: ["rows"], attr: { T: float } },
  ];
  const model = {
    format: "graph-model",
    signature: { inputs: { [input.name]: input }, outputs: { [output.name]: output } },
    modelTopology: { node, versions: { producer: 1 } },
    weightsManifest: [{ paths: ["centernet.bin"], weights: [{ name: "rows", shape, dtype: "float32" }] }],
  };
  writeFileSync(join(path, "centernet.json"), JSON.stringify(model));
  writeFileSync(join(path, "centernet.bin"), Buffer.from(Float32Array.from(rows.flat()).buffer));
  return path;
}

const rows = [
  [2, 4, 6, 8, 0.5, 41], // a cup, in pixels of 16 × 16
  [2, 4, 6, 9, 0.9, 45], // a bowl in nearly the same place
  [8, 0, 12, 4, 0.4, 0], // a person
  [-4, 12, 4, 20, 0.35, 39], // a bottle that reaches over the border
  [10, 10, 12, 12, 0.1, 63], // an unsure laptop
];

describe("cocoDetector", () => {
  test("finds the categories it knows, in pixels of the image, one box an object", async () => {
    const tensors = tf.memory().numTensors;
    const detector: BoxSource = await cocoDetector({ folder: write("plain", rows) });
    const boxes = await detector.boxesOf(image);
    expect(boxes.map(({ category }) => category)).toEqual(["bowl", "bottle"]);
    expect(boxes[0].box).toEqual({ x1: 8, y1: 8, x2: 24, y2: 18 });
    expect(boxes[1].box).toEqual({ x1: 0, y1: 24, x2: 16, y2: 32 });
    expect(boxes[0].score).toBeCloseTo(0.9, 6);
    await expect(detector.boxesOf({ ...image, rgb: new Uint8Array(3) })).rejects.toThrow(
      /cocoDetector: expected 32 × 64/,
    );
    detector.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test("gives other classes as unknown where they are wanted, and unsure ones by their score", async () => {
    const detector = await cocoDetector({ folder: write("all", rows), unknown: true, minScore: 0.05, maxOverlap: 1 });
    const boxes = await detector.boxesOf(image);
    expect(boxes.map(({ category }) => category)).toEqual(["bowl", "mug", undefined, "bottle", "laptop"]);
    detector.dispose();
  });

  test("says what to install, and what is damaged", async () => {
    if (!existsSync(join(process.cwd(), "node_modules", "@vladmandic", "human")))
      await expect(cocoDetector()).rejects.toThrow(/npm install --no-save @vladmandic\/human/);
    await expect(cocoDetector({ folder })).rejects.toThrow(/centernet.json is not there/);
    const damaged = write("damaged", rows);
    writeFileSync(join(damaged, "centernet.json"), "{");
    await expect(cocoDetector({ folder: damaged })).rejects.toThrow(/damaged/);
  });
});

describe("boxes", () => {
  test("of a mask, of the reader, and their category ids", async () => {
    const mask = new Uint8Array(64 * 32);
    mask[5 * 64 + 7] = 1;
    mask[9 * 64 + 20] = 1;
    const box = trueBox({ id: "x", mask, camera, category: "can" });
    expect(box).toEqual({ box: { x1: 7, y1: 5, x2: 21, y2: 10 }, category: "can", score: 1 });
    expect(await fixedBoxes([box]).boxesOf(image)).toEqual([box]);
    expect(categoryId("bottle")).toBe(1);
    expect(categoryId(undefined)).toBe(0);
    expect([0, 4, 6].map(categoryOfId)).toEqual([undefined, "can", "mug"]);
    expect(givenBox(image, { x1: -5, y1: 2, x2: 9, y2: 90 })).toEqual({
      box: { x1: 0, y1: 2, x2: 9, y2: 32 },
      category: undefined,
      score: 1,
    });
  });

  test("that are none", () => {
    expect(() => givenBox(image, { x1: 70, y1: 0, x2: 80, y2: 9 })).toThrow(/no area in the image of 64 × 32/);
    expect(() => givenBox(image, { x1: Number.NaN, y1: 0, x2: 80, y2: 9 })).toThrow(/finite/);
    expect(() => categoryOfId(7)).toThrow(/the id is 7/);
    expect(() => trueBox({ id: "x", mask: new Uint8Array(64 * 32), camera, category: "can" })).toThrow(/empty/);
    expect(() => trueBox({ id: "x", mask: new Uint8Array(64 * 32), camera, category: "box" })).toThrow(/x is a box/);
  });
});
