import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { GeometryProvider } from "../../src/datasets/monocularGeometry";
import type { Camera } from "../../src/geometry/camera";
import { onnxGeometry } from "../../src/models/onnxGeometry";
import { resizeMap } from "../../src/models/resizeMap";
import { Rng } from "../../src/random";
import { patchModel } from "./onnxModel";

const folder = mkdtempSync(join(tmpdir(), "posediff-geometry-"));
afterAll(() => rmSync(folder, { recursive: true }));

const camera: Camera = { fx: 9, fy: 9, cx: 5.5, cy: 3.5, width: 12, height: 8 };
const rng = new Rng(1);
const rgb = Uint8Array.from({ length: 12 * 8 * 3 }, () => rng.integer(256));
const plain = { mean: [0, 0, 0], std: [1, 1, 1] };

/** A 1 × 1 convolution whose outputs are these combinations of red, green and blue. */
const mix = (size: number, rows: number[][]): Uint8Array => patchModel(size, 1, Float32Array.from(rows.flat()));

function write(name: string, model: Uint8Array | undefined, card: unknown): string {
  const path = join(folder, `${name}.onnx`);
  if (model) writeFileSync(path, model);
  if (card !== undefined) writeFileSync(join(folder, `${name}.json`), JSON.stringify(card));
  return path;
}

describe("resizeMap", () => {
  test("leaves a map of the same size as it is, and a constant constant", () => {
    expect([...resizeMap(rgb, 3, camera, camera)]).toEqual([...rgb]);
    for (const to of [
      { width: 5, height: 17 },
      { width: 30, height: 3 },
    ])
      for (const value of resizeMap(new Float32Array(96).fill(7), 1, camera, to)) expect(value).toBeCloseTo(7, 5);
  });

  test("keeps a ramp a ramp, centres at halves", () => {
    const ramp = Float32Array.from({ length: 96 }, (_, i) => (i % 12) + 0.5);
    const half = resizeMap(ramp, 1, camera, { width: 6, height: 4 });
    for (let x = 1; x < 5; x++) expect(half[6 + x]).toBeCloseTo(2 * x + 1, 5);
    const twice = resizeMap(ramp, 1, camera, { width: 24, height: 8 });
    for (let x = 2; x < 22; x++) expect(twice[24 + x]).toBeCloseTo(x / 2 + 0.25, 5);
    expect(() => resizeMap(ramp, 2, camera, camera)).toThrow(/8 × 12 × 2/);
    expect(() => resizeMap(ramp, 1, camera, { width: 0, height: 4 })).toThrow(/0 × 4/);
  });
});

describe("onnxGeometry", () => {
  test("one model's depth, another's normals, over the whole photo", async () => {
    // The models work on squares of 8 pixels: red is the depth; colours are normals, stored in [0, 1], y and z flipped.
    const depth = write("depth", mix(8, [[1, 0, 0]]), { ...plain, inputSize: [8, 8], depth: { means: "depth" } });
    const eye = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    const normals = write("normals", mix(8, eye), {
      ...plain,
      inputSize: [8, 8],
      normals: { zeroToOne: true, signs: [1, -1, -1] },
    });
    const provider: GeometryProvider = await onnxGeometry([depth, normals]);
    const picture = Uint8Array.from(rgb, (_, i) => [51, 128, 230][i % 3]);
    const maps = await provider.geometryOf({ rgb: picture, camera });
    expect(maps.depth).toHaveLength(96);
    for (const d of maps.depth) expect(d).toBeCloseTo(0.2, 5);
    const raw = [2 * (51 / 255) - 1, -(2 * (128 / 255) - 1), -(2 * (230 / 255) - 1)];
    for (let i = 0; i < maps.normals.length; i++)
      expect(maps.normals[i]).toBeCloseTo(raw[i % 3] / Math.hypot(...raw), 4);
    provider.dispose();
  });

  test("depth of a disparity grows with the distance; mean and std are used", async () => {
    const path = write("disparity", mix(12, [[0, 1, 0]]), {
      mean: [0.1, 0.5, 0.1],
      std: [1, 0.5, 1],
      inputSize: [12, 12],
      depth: { means: "disparity", output: "y" },
    });
    const square = { ...camera, height: 12 };
    // Green grows to the right: nearer.
    const picture = Uint8Array.from({ length: 12 * 12 * 3 }, (_, i) =>
      i % 3 === 1 ? 20 * (Math.floor(i / 3) % 12) : 0,
    );
    const provider = await onnxGeometry([path]);
    const { depth, normals } = await provider.geometryOf({ rgb: picture, camera: square });
    for (let u = 1; u < 12; u++) expect(depth[u]).toBeLessThan(depth[u - 1]);
    expect(depth[0]).toBeCloseTo(10, 4);
    expect(depth[11]).toBeCloseTo(1, 4);
    expect(normals.every((n) => n === 0)).toBe(true);
    await expect(provider.geometryOf({ rgb, camera: square })).rejects.toThrow(/expected 12 × 12 × 3/);
    provider.dispose();
  });

  const card = { ...plain, inputSize: [8, 8], depth: { means: "depth" } };
  test.each([
    ["no model", undefined, card, /is not there; give the path/],
    ["no card", mix(8, [[1, 0, 0]]), undefined, /json is not there; write inputSize/],
    ["one side", mix(8, [[1, 0, 0]]), { ...card, inputSize: 8 }, /inputSize is 8; give width and height/],
    ["no meaning", mix(8, [[1, 0, 0]]), { ...plain, inputSize: [8, 8] }, /neither depth nor normals/],
    ["another meaning", mix(8, [[1, 0, 0]]), { ...card, depth: { means: "metres" } }, /depth.means is "metres"/],
    ["two signs", mix(8, [[1, 0, 0]]), { ...card, normals: { signs: [1, 1] } }, /normals.signs is \[1,1\]/],
    ["a std of zero", mix(8, [[1, 0, 0]]), { ...card, std: [1, 0, 1] }, /std is \[1,0,1\]/],
    ["a foreign output", mix(8, [[1, 0, 0]]), { ...card, depth: { means: "depth", output: "z" } }, /no output z/],
    ["another input size", mix(8, [[1, 0, 0]]), { ...card, inputSize: [9, 8] }, /does not take a picture of 9 × 8/],
    [
      "two planes as a depth",
      mix(8, [
        [1, 0, 0],
        [0, 1, 0],
      ]),
      card,
      /output is float32 \[1, 2, 8, 8\]/,
    ],
    ["no ONNX", new TextEncoder().encode("hello"), card, /no model that onnxruntime reads/],
  ])("says what is wrong with %s", async (name, model, json, message) => {
    const used = async () =>
      (await onnxGeometry([write(name.replaceAll(" ", "-"), model, json)])).geometryOf({ rgb, camera });
    await expect(used()).rejects.toThrow(message);
  });

  test("wants a model", async () => {
    await expect(onnxGeometry([])).rejects.toThrow(/got no model/);
  });
});
