import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readNpy } from "../../src/formats/npy";
import { onnxExtractor } from "../../src/models/onnxExtractor";
import { Rng } from "../../src/random";
import { patchModel } from "./onnxModel";

const folder = mkdtempSync(join(tmpdir(), "posediff-onnx-"));
afterAll(() => rmSync(folder, { recursive: true }));

const dinov2 = join(__dirname, "..", "fixtures", "formats", "dinov2-tiny");
const card = { inputSize: 8, patchSize: 4, mean: [0.5, 0.5, 0.5], std: [0.25, 0.5, 1] };
const weight = Float32Array.from(new Rng(3).normals(2 * 3 * 16));

/** Write model and card. */
function write(name: string, model: Uint8Array | undefined, json: unknown): string {
  const path = join(folder, `${name}.onnx`);
  if (model) writeFileSync(path, model);
  if (json !== undefined)
    writeFileSync(join(folder, `${name}.json`), typeof json === "string" ? json : JSON.stringify(json));
  return path;
}

describe("onnxExtractor", () => {
  test("a tiny DINOv2 gives the tokens that its own library computed, without the class token", async () => {
    const extractor = await onnxExtractor(join(dinov2, "model.onnx"));
    expect(extractor).toMatchObject({ cropSize: 70, gridSize: 5, channels: 36 });
    const image = readNpy(join(dinov2, "image.npy")).data as Uint8Array;
    const maps = await extractor.extract(Uint8Array.of(...image, ...image), 2);
    const tokens = readNpy(join(dinov2, "last_hidden_state.npy")).data as Float32Array;
    expect(tokens).toHaveLength(26 * 36);
    for (let i = 0; i < maps.length; i++) {
      const truth = tokens[36 + (i % (25 * 36))];
      expect(Math.abs(maps[i] - truth)).toBeLessThan(2e-4 + 1e-3 * Math.abs(truth));
    }
    extractor.dispose();
  });

  test("a map of planes comes cell by cell, pictures normalised as the card says", async () => {
    const extractor = await onnxExtractor(write("patches", patchModel(8, 4, weight), card));
    const crop = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => (37 * i) % 256);
    const map = await extractor.extract(crop, 1);
    expect(map).toHaveLength(2 * 2 * 2);
    for (let cell = 0; cell < 4; cell++)
      for (let channel = 0; channel < 2; channel++) {
        let sum = 0;
        for (let c = 0; c < 3; c++)
          for (let p = 0; p < 16; p++) {
            const [x, y] = [4 * (cell % 2) + (p % 4), 4 * Math.floor(cell / 2) + Math.floor(p / 4)];
            const value = (crop[3 * (8 * y + x) + c] / 255 - card.mean[c]) / card.std[c];
            sum += weight[(channel * 3 + c) * 16 + p] * value;
          }
        expect(map[2 * cell + channel]).toBeCloseTo(sum, 4);
      }
    extractor.dispose();
  });

  test.each([
    ["no model", undefined, card, /is not there; give the path/],
    ["no card", patchModel(8, 4, weight), undefined, /json is not there; write inputSize/],
    ["a card that is no JSON", patchModel(8, 4, weight), "{", /is no JSON/],
    ["a card that is null", patchModel(8, 4, weight), "null", /inputSize is undefined/],
    ["a patch that does not divide", patchModel(8, 4, weight), { ...card, patchSize: 3 }, /patchSize is 3/],
    ["a mean of two", patchModel(8, 4, weight), { ...card, mean: [1, 2] }, /mean is \[1,2\]/],
    ["a std of zero", patchModel(8, 4, weight), { ...card, std: [1, 0, 1] }, /std is \[1,0,1\]/],
    ["a foreign output", patchModel(8, 4, weight), { ...card, output: "z" }, /no output z; name one of y/],
    [
      "another input size",
      patchModel(8, 4, weight),
      { ...card, inputSize: 12 },
      /does not take a picture of 12 pixels/,
    ],
    ["another grid", patchModel(8, 4, weight), { ...card, patchSize: 2 }, /the output is \[1, 2, 2, 2\]/],
    ["no ONNX", new TextEncoder().encode("hello"), card, /no model that onnxruntime reads/],
  ])("says what is wrong with %s", async (name, model, json, message) => {
    await expect(onnxExtractor(write(name.replaceAll(" ", "-"), model, json))).rejects.toThrow(message);
  });
});
