import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { assertRotation, InputError } from "../../src/check";
import { command } from "../../src/cli/estimateRgb";
import { command as evaluateCommand } from "../../src/cli/evaluate";
import { proceduralPhoto } from "../../src/datasets/procedural/proceduralPhoto";
import { readPhoto } from "../../src/formats/photo";
import { writePng } from "../../src/formats/png";
import { createParameters } from "../../src/models/params";
import { rgbParameters, rgbPresets } from "../../src/papers/rgbMeanShift";
import { Rng } from "../../src/random";
import { loadModel, saveModel } from "../../src/training/checkpoint";

const folder = mkdtempSync(join(tmpdir(), "posediff-rgb-"));
const path = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const photo = proceduralPhoto("test", 7);

beforeAll(async () => {
  const { width, height } = photo.camera;
  const raw = { raw: { width, height, channels: 3 } } as const;
  await sharp(Buffer.from(photo.rgb), raw).jpeg({ quality: 95 }).toFile(path("photo.jpg"));
  await sharp(Buffer.from(photo.rgb), raw)
    .jpeg()
    .withExif({})
    .withMetadata({ orientation: 6 })
    .toFile(path("turned.jpg"));
  const depth = Uint16Array.from(photo.depth, (z) => Math.round(1000 * z));
  await writePng(path("depth.png"), { width, height, channels: 1, data: depth });
  writeFileSync(path("camera.json"), JSON.stringify(photo.camera));
  writeFileSync(path("notes.txt"), "no picture");
  // Last layers of 0: an untrained network whose score is the prior's.
  const { small } = rgbPresets;
  const parameters = createParameters(rgbParameters(small), new Rng(1));
  const card = { preset: "small", network: "rgb", variant: "NGR", regression: true };
  saveModel(path("model.safetensors"), parameters, parameters.values, card);
});

/** What the command prints. */
async function run(add: (program: Command) => void, args: string[]): Promise<string> {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  try {
    const program = new Command().exitOverride();
    add(program);
    await program.parseAsync(["node", "posediff", ...args]);
  } finally {
    log.mockRestore();
  }
  return lines.join("\n");
}

const { x1, y1, x2, y2 } = photo.box;
const given = [
  "--photo",
  path("photo.jpg"),
  "--camera",
  path("camera.json"),
  "--checkpoint",
  path("model.safetensors"),
];
const box = ["--box", [x1, y1, x2, y2].join(",")];
const estimate = (...more: string[]): Promise<string> => run(command, ["estimate-rgb", ...given, ...more]);

describe("posediff estimate-rgb", () => {
  it("prints one object with a pose, a size and the hypotheses", async () => {
    const json = await estimate(...box, "--category", "bowl", "--hypotheses", "5", "--json");
    const found = JSON.parse(json) as Record<string, unknown>;
    expect(Object.keys(found)).toEqual([
      "category",
      "box",
      "rotation",
      "translation",
      "size",
      "nfe",
      "ms",
      "hypotheses",
      "regression",
    ]);
    assertRotation("found", (found.rotation as number[][]).flat());
    expect((found.translation as number[])[2]).toBeGreaterThan(0);
    expect(found.hypotheses).toHaveLength(5);
    const again = JSON.parse(await estimate(...box, "--category", "bowl", "--hypotheses", "5", "--json"));
    expect(again.hypotheses).toEqual(found.hypotheses);
  });

  it("takes a depth image for the geometry, and no category for unknown", async () => {
    const text = await estimate(...box, "--depth", path("depth.png"), "--hypotheses", "1");
    expect(text).toMatch(/^unknown category, 1 hypotheses/);
    expect(text).toMatch(/size along the object's x, y, z, metres/);
  });

  it("lets the ranker that ships choose whose mean is the answer", async () => {
    const by = async (way: string): Promise<{ translation: number[]; hypotheses: { translation: number[] }[] }> =>
      JSON.parse(await estimate(...box, "--category", "bowl", "--hypotheses", "5", "--aggregate", way, "--json"));
    const [energy, mean] = [await by("energy"), await by("mean")];
    expect(energy.hypotheses).toEqual(mean.hypotheses);
    expect(energy.translation).not.toEqual(mean.translation);
    // Three of the five: the mean of one of the ten choices.
    const z = energy.hypotheses.map(({ translation }) => translation[2]);
    const choices = z.flatMap((a, i) =>
      z.flatMap((b, j) => z.flatMap((c, k) => (i < j && j < k ? [(a + b + c) / 3] : []))),
    );
    expect(Math.min(...choices.map((choice) => Math.abs(choice - energy.translation[2])))).toBeLessThan(1e-9);
  });

  it.each([
    ["a box of three numbers", ["--box", "1,2,3"], /--box is "1,2,3"/],
    ["a box beyond the photo", ["--box", "900,10,950,60"], /has no area in the image/],
    ["a category that is none", [...box, "--category", "shoe"], /--category is "shoe"; use bottle/],
    ["two kinds of geometry", [...box, "--depth", "d.png", "--geometry", "m.onnx"], /both tell the geometry/],
    ["a file that is no picture", [...box, "--photo", path("notes.txt")], /notes.txt: this is no picture/],
    ["a way that is none", [...box, "--aggregate", "best"], /--aggregate is "best"; use mode, mean, energy/],
  ])("refuses %s by one sentence", async (_what, args, sentence) => {
    await expect(estimate(...args)).rejects.toThrow(InputError);
    await expect(estimate(...args)).rejects.toThrow(sentence);
  });

  it("reads photos as a viewer shows them", async () => {
    const { width, height, rgb } = await readPhoto(path("turned.jpg"));
    expect([width, height]).toEqual([480, 640]);
    expect(rgb.length).toBe(3 * 480 * 640);
  });
});

describe("posediff evaluate", () => {
  it("knows an rgb checkpoint by its card, scores it and writes the scores there", async () => {
    const args = ["evaluate", "--checkpoint", path("model.safetensors"), "--count", "2", "--seeds", "2"];
    const table = await run(evaluateCommand, [...args, "--hypotheses", "3", "--write-card"]);
    expect(table).toMatch(/Mean Shift\+\+ of K/);
    expect(table).toMatch(/ceiling without scale/);
    const { scores } = loadModel(path("model.safetensors")).card as {
      scores: { methods: unknown[]; hypotheses: number };
    };
    expect(scores.hypotheses).toBe(3);
    expect(scores.methods).toHaveLength(9);
    const beside = path("model.json");
    writeFileSync(beside, readFileSync(beside, "utf8").replace('"hypotheses": 3', '"hypotheses": 50'));
    await expect(run(evaluateCommand, [...args, "--write-card"])).rejects.toThrow(
      /model\.json differs from the one inside .*move it away/,
    );
    await expect(run(evaluateCommand, [...args, "--without", "smell"])).rejects.toThrow(/smell is no condition/);
    await expect(run(evaluateCommand, [...args, "--nocs", "."])).rejects.toThrow(/leave --nocs away/);
  });
});
