import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import { assertCapture, type CaptureFiles, readCapture } from "../../src/datasets/capture";
import { encodeNpy } from "../../src/formats/npy";
import { encodePng, type PngImage } from "../../src/formats/png";

const folder = mkdtempSync(join(tmpdir(), "posediff-capture-"));
const path = (name: string): string => join(folder, name);
const [width, height] = [64, 48];
const pixels = width * height;
const camera = { fx: 60, fy: 61, cx: 31.5, cy: 23.5, width, height };
const inObject = (i: number): boolean => i % width >= 20 && i % width < 40 && i >= 10 * width && i < 30 * width;

const grey = (of: (i: number) => number, bits: 8 | 16 = 16): PngImage => {
  const data = Array.from({ length: pixels }, (_, i) => of(i));
  return { width, height, channels: 1, data: bits === 16 ? Uint16Array.from(data) : Uint8Array.from(data) };
};
const write = async (name: string, image: PngImage): Promise<string> => {
  writeFileSync(path(name), await encodePng(image));
  return path(name);
};
const json = (name: string, content: unknown): string => {
  writeFileSync(path(name), typeof content === "string" ? content : JSON.stringify(content));
  return path(name);
};

let good: CaptureFiles;
beforeAll(async () => {
  good = {
    depth: await write(
      "depth.png",
      grey((i) => 800 + (i % 7)),
    ),
    mask: await write(
      "mask.png",
      grey((i) => (inObject(i) ? 2 : i === 0 ? 5 : 0), 8),
    ),
    camera: json("camera.json", camera),
    category: "mug",
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

/** One sentence that holds `parts`, and names the way out. */
async function expectSentence(files: Partial<CaptureFiles>, ...parts: string[]): Promise<void> {
  const error: unknown = await readCapture({ ...good, ...files }).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  const { message } = error as InputError;
  for (const part of parts) expect(message).toContain(part);
  expect(message).not.toContain("\n");
  expect(message).toMatch(/[;:] ?\w/);
}

describe("readCapture", () => {
  it("reads depth in metres, the mask of an instance and the camera", async () => {
    const sample = await readCapture({ ...good, instance: 2 });
    expect(sample.camera).toEqual(camera);
    expect(sample.category).toBe("mug");
    expect(sample.depth[1]).toBeCloseTo(0.801, 6);
    expect(sample.mask.reduce((a, b) => a + b)).toBe(400);
    expect(sample.pose).toBeUndefined();
  });

  it("takes every non-zero pixel without an instance", async () => {
    expect((await readCapture(good)).mask.reduce((a, b) => a + b)).toBe(401);
  });

  it("accepts a 3 × 3 matrix, no image size, BOP's depth_scale, a coloured mask and depth as .npy", async () => {
    const matrix = { intrinsics: [[60, 0, 31.5], [0, 61, 23.5], [0, 0, 1]], depth_unit: "millimetre" }; // biome-ignore format: a matrix
    expect((await readCapture({ ...good, camera: json("matrix.json", matrix) })).camera).toEqual(camera);
    const scaled = await readCapture({ ...good, camera: json("scaled.json", { ...camera, depth_scale: 0.1 }) });
    expect(scaled.depth[0]).toBeCloseTo(0.08, 6);
    const green = Uint8Array.from({ length: 3 * pixels }, (_, k) =>
      k % 3 === 1 && inObject(Math.floor(k / 3)) ? 255 : 0,
    );
    const mask = await write("green.png", { width, height, channels: 3, data: green });
    expect((await readCapture({ ...good, mask })).mask.reduce((a, b) => a + b)).toBe(400);
    writeFileSync(
      path("depth.npy"),
      encodeNpy({ dtype: "float32", shape: [height, width], data: new Float32Array(pixels).fill(0.9) }),
    );
    expect((await readCapture({ ...good, depth: path("depth.npy") })).depth[5]).toBeCloseTo(0.9, 6);
  });

  it("refuses an unknown category", () => expectSentence({ category: "shoe" }, '"shoe"', "bottle, bowl, camera"));

  it.each(["depth", "mask", "camera"] as const)("says that the %s file is missing", (key) =>
    expectSentence({ [key]: path("gone") }, "gone: there is no such file"),
  );

  it.each(["depth", "mask"] as const)("refuses a truncated or foreign %s image", async (key) => {
    const noisy = grey((i) => (i * 7919) % 65536);
    const whole = await encodePng(noisy);
    writeFileSync(path("truncated.png"), whole.subarray(0, whole.length / 2));
    await expectSentence({ [key]: path("truncated.png") }, "truncated.png", "truncated or damaged");
    writeFileSync(path("text.png"), "hello");
    await expectSentence({ [key]: path("text.png") }, "not a PNG");
  });

  it("refuses an empty mask and an instance that is not in it", async () => {
    await expectSentence(
      {
        mask: await write(
          "empty.png",
          grey(() => 0, 8),
        ),
      },
      "mask is empty",
    );
    await expectSentence({ mask: path("empty.png"), instance: 3 }, "mask is empty");
    await expectSentence({ instance: 3 }, "no pixel of the mask is 3", "2, 5");
  });

  it("refuses a mask of instances without a number: every pixel would count", async () => {
    const mask = await write(
      "instances.png",
      grey((i) => (inObject(i) ? 2 : 255), 8),
    );
    await expectSentence({ mask }, "every pixel", "2, 255");
    expect((await readCapture({ ...good, mask, instance: 2 })).mask.reduce((a, b) => a + b)).toBe(400);
  });

  it("refuses fewer than 50 points with depth", async () => {
    const depth = await write(
      "sparse.png",
      grey((i) => (inObject(i) && i % 10 === 0 ? 800 : 0)),
    );
    await expectSentence({ depth, instance: 2 }, "only 40 of 400", "50");
  });

  it("refuses all-zero and NaN depth", async () => {
    await expectSentence(
      {
        depth: await write(
          "zero.png",
          grey(() => 0),
        ),
      },
      "depth is 0 in all 401",
    );
    const data = new Float32Array(pixels).fill(0.8);
    data[10 * width + 20] = Number.NaN;
    writeFileSync(path("nan.npy"), encodeNpy({ dtype: "float32", shape: [height, width], data }));
    await expectSentence({ depth: path("nan.npy") }, "column 20, row 10 is NaN", "write 0");
  });

  it("refuses depth in the wrong unit", async () => {
    await expectSentence(
      {
        depth: await write(
          "tenth.png",
          grey(() => 30000),
        ),
      },
      "30 m",
      "unit",
    );
    await expectSentence(
      {
        depth: await write(
          "metres.png",
          grey(() => 1),
        ),
      },
      "0.001 m",
      "unit",
    );
    const tenths = await write(
      "tenths-near.png",
      grey(() => 8000),
    );
    await expectSentence({ depth: tenths, instance: 2 }, "m across at 8 m", "unit");
    const centimetres = await write(
      "centimetres.png",
      grey(() => 80),
    );
    const narrow = json("narrow.json", { ...camera, fx: 120, fy: 120 });
    await expectSentence({ depth: centimetres, camera: narrow, instance: 2 }, "m across at 0.08 m", "unit");
    writeFileSync(
      path("mm.npy"),
      encodeNpy({ dtype: "float64", shape: [height, width], data: new Float64Array(pixels).fill(800) }),
    );
    await expectSentence({ depth: path("mm.npy") }, "800 m", "unit");
    await expectSentence({ camera: json("m.json", { ...camera, depth_unit: "metre" }) }, "depth_unit", "millimetres");
  });

  it("refuses depth of 8 bits and in colour", async () => {
    await expectSentence(
      {
        depth: await write(
          "eight.png",
          grey(() => 200, 8),
        ),
      },
      "16-bit grey",
      "8-bit grey",
    );
    const data = new Uint8Array(3 * pixels).fill(9);
    await expectSentence({ depth: await write("rgb.png", { width, height, channels: 3, data }) }, "8-bit RGB");
  });

  it("refuses a mask of another size", async () => {
    const mask = await write("small.png", { width: 32, height: 24, channels: 1, data: new Uint8Array(768).fill(1) });
    await expectSentence({ mask }, "32 × 24", "64 × 48");
  });

  it.each([
    ["of another size", { ...camera, width: 128, height: 96 }, ["128 × 96", "64 × 48", "0.5"]],
    ["with the centre outside", { ...camera, width: undefined, height: undefined, cx: 90 }, ["outside"]],
    [
      "of another size that it does not state",
      { fx: 20, fy: 20, cx: 15.5, cy: 11.5 },
      ["principal point", "about 31 × 23"],
    ],
    ["that look normalised", { ...camera, fx: 0.9, fy: 0.9 }, ["pixels"]],
    ["with a negative focal length", { ...camera, fx: -60 }, ["fx, fy > 0"]],
    ["without cy", { ...camera, cy: undefined }, ["cy missing"]],
    ["with text", { ...camera, fx: "60" }, ['fx is "60"']],
    ["with half a pixel of width", { ...camera, width: 64.5 }, ["width is 64.5"]],
    ["as a list", [60, 61], ["expected an object"]],
    ["as null", null, ["expected an object"]],
    ["that are no JSON", "fx: 60", ["not JSON"]],
    ["stored by columns", { intrinsics: [[60, 0, 0], [0, 61, 0], [31, 23, 1]] }, ["transpose"]], // biome-ignore format: a matrix
    ["with eight numbers", { intrinsics: [1, 2, 3, 4, 5, 6, 7, 8] }, ["three rows"]],
    ["with skew", { intrinsics: [[60, 2, 31], [0, 61, 23], [0, 0, 1]] }, ["skew"]], // biome-ignore format: a matrix
    ["with a depth_scale of 0", { ...camera, depth_scale: 0 }, ["depth_scale"]],
  ])("refuses intrinsics %s", (_, content, parts) => expectSentence({ camera: json("bad.json", content) }, ...parts));
});

describe("assertCapture", () => {
  it("checks frames in memory too", () => {
    const frame = { depth: new Float32Array(pixels).fill(0.5), mask: new Uint8Array(pixels).fill(1), camera };
    expect(() => assertCapture(frame)).not.toThrow();
    expect(() => assertCapture({ ...frame, mask: new Uint8Array(5) })).toThrow("mask: 5 pixels do not fit");
    expect(() => assertCapture({ ...frame, depth: new Float32Array(5) })).toThrow("depth: 5 pixels do not fit");
    expect(() => assertCapture({ ...frame, mask: new Uint8Array(pixels) })).toThrow("mask is empty");
    expect(() => assertCapture({ ...frame, depth: frame.depth.map(() => -1) })).toThrow("is -1");
  });
});
