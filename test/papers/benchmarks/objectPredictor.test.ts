import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../../src/backend";
import { proceduralSample } from "../../../src/datasets/procedural/proceduralSample";
import { createParameters } from "../../../src/models/params";
import { evaluateDataset } from "../../../src/papers/benchmarks/evaluateDataset";
import { loadObjectPredictor, type ObjectPredictorOptions } from "../../../src/papers/benchmarks/objectPredictor";
import { poseImages } from "../../../src/papers/benchmarks/poseRows";
import { protocols } from "../../../src/papers/benchmarks/protocols";
import type { ResultRow } from "../../../src/papers/benchmarks/resultFile";
import { wholeShard } from "../../../src/papers/benchmarks/shard";
import { type MultiModalConfig, multiModalParameters, multiModalPresets } from "../../../src/papers/multiModal";
import { embeddedRgbCheckpoint } from "../../../src/papers/rgbEstimator";
import { Rng } from "../../../src/random";
import { saveModel } from "../../../src/training/checkpoint";
import { truth, writeHouseCat, writeNocs } from "../../datasets/written/sets";

const root = mkdtempSync(join(tmpdir(), "posediff-predictor-"));
afterAll(() => rmSync(root, { recursive: true }));

/** An untrained multi-modal network: what it says is nonsense, but of the right form. */
function savedMultiModal(name: string, config: MultiModalConfig): string {
  const path = join(root, `${name}.safetensors`);
  const parameters = createParameters(multiModalParameters(config), new Rng(0));
  saveModel(path, parameters, parameters.values, { network: "multiModal", preset: config.preset, image: true });
  return path;
}

let [cnn, frozen] = ["", ""];
beforeAll(async () => {
  await ready();
  await writeNocs(join(root, "real275"));
  await writeHouseCat(join(root, "housecat6d"));
  cnn = savedMultiModal("cnn", multiModalPresets.ablation);
  frozen = savedMultiModal("frozen", multiModalPresets.paper);
});

async function rowsOf(
  checkpoint: string,
  [dataset, split]: readonly [string, string],
  options: ObjectPredictorOptions = { hypotheses: 3 },
): Promise<ResultRow[]> {
  const rows: ResultRow[] = [];
  const predictor = loadObjectPredictor(checkpoint, options);
  try {
    const run = { dataset, root: join(root, dataset), split, shard: wholeShard, seed: 3 };
    await evaluateDataset(predictor, run, { row: (row) => rows.push(row), miss: () => {} });
  } finally {
    predictor.dispose();
  }
  return rows;
}

const sets = [
  ["real275", "real_test"],
  ["housecat6d", "train"],
] as const;

describe.each([
  ["photos (paper B)", () => embeddedRgbCheckpoint],
  ["depth with colours", () => cnn],
] as const)("a network of %s", (_, checkpoint) => {
  test.each(sets)("tells poses and sizes of %s's objects, the same again, and leaves no tensor", async (...set) => {
    const { numTensors } = tf.memory();
    const rows = await rowsOf(checkpoint(), set);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(await rowsOf(checkpoint(), set)).toEqual(rows);
    const images = poseImages(rows);
    const [{ predictions }] = images;
    expect(predictions).toHaveLength(1);
    const [{ pose, size }] = predictions;
    expect(size?.every((extent) => extent > 0 && extent < 2)).toBe(true);
    expect(Math.hypot(...(pose?.translation ?? [Number.NaN]))).toBeLessThan(20 * truth.translation[2]);
    const report = protocols[set[0] === "real275" ? "nocs" : "housecat6d"](images);
    expect(report.tables[0].rows.every(({ values }) => values.every(Number.isFinite))).toBe(true);
  });
});

test("a network of photos reads the geometry of the depth image, or not", async () => {
  const poses = async (depthGeometry: boolean) =>
    poseImages(await rowsOf(embeddedRgbCheckpoint, sets[0], { hypotheses: 3, depthGeometry }))[0].predictions;
  expect(await poses(true)).not.toEqual(await poses(false));
});

test("what does not belong to a network is refused", async () => {
  expect(() => loadObjectPredictor(frozen)).toThrow(/reads a frozen image model; .* --extractor/);
  expect(() => loadObjectPredictor(cnn, { ranker: "a" })).toThrow(/has no ranker; leave --ranker away/);
  const extractor = { cropSize: 8, gridSize: 1, channels: 1, extract: async () => new Float32Array(1), dispose: () => {} }; // biome-ignore format: a line
  expect(() => loadObjectPredictor(embeddedRgbCheckpoint, { extractor })).toThrow(/reads no image model; leave --extr/);
  expect(() => loadObjectPredictor(frozen, { extractor })).toThrow(/the extractor makes 1² × 1 of 8 pixels/);
  const grey = { ...proceduralSample("test", 1), rgb: undefined };
  const predictor = loadObjectPredictor(embeddedRgbCheckpoint);
  await expect(predictor.predict(grey, 0)).rejects.toThrow(/has no colours, and this network/);
  predictor.dispose();
});
