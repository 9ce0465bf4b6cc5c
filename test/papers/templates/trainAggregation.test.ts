import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../../src/backend";
import { renderTemplate } from "../../../src/datasets/renderTemplate";
import { lookAtRotation, nearestDirection, templateDirections } from "../../../src/geometry/viewpoint";
import type { FeatureBackbone } from "../../../src/models/featureBackbone";
import { type AggregationPreset, loadAggregation } from "../../../src/papers/templates/aggregationModel";
import { defaultContrastiveRun } from "../../../src/papers/templates/contrastivePairs";
import { toyPicture } from "../../../src/papers/templates/toyView";
import { aggregationPreset, trainAggregationModel } from "../../../src/papers/templates/trainAggregation";
import { trainingToy, viewBatches } from "../../../src/papers/templates/viewBatch";

const folder = mkdtempSync(join(tmpdir(), "posediff-aggregation-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => ready());

const size = 32;
/** Means of colours over 2 × 2 and 4 × 4 pixels, with a channel of ones: a backbone without weights. */
const backbone: FeatureBackbone = {
  name: "pools",
  inputSize: size,
  layers: [
    { name: "fine", channels: 4 },
    { name: "coarse", channels: 4 },
  ],
  features: async (pictures, batch) =>
    tf.tidy(() => {
      const x = tf.div(tf.tensor4d(Float32Array.from(pictures), [batch, size, size, 3]), 255) as Tensor4D;
      const wide = tf.concat([tf.sub(x, 0.45), tf.ones([batch, size, size, 1])], 3) as Tensor4D;
      return [tf.avgPool(wide, 2, 2, "valid"), tf.avgPool(wide, 4, 4, "valid")];
    }),
  dispose: () => {},
};
const preset: AggregationPreset = {
  ...aggregationPreset("cwa", { width: 8 }),
  grid: 8,
  aggregation: { kind: "cwa", channels: [4, 4], width: 8 },
};
const run = { ...defaultContrastiveRun, steps: 4, batchSize: 4, viewsPerObject: 2, visits: 2 };

describe("views for training", () => {
  test("are a function of the step, with a template for each query", () => {
    const options = { seed: 3, batchSize: 4, viewsPerObject: 2, visits: 2, size, grid: 8 };
    const [a, b] = [viewBatches(options)(1), viewBatches(options)(1)];
    expect(a).toEqual(b);
    for (let i = 0; i < 4; i++) {
      const cells = a.masks.subarray(64 * i, 64 * (i + 1)).reduce((sum, value) => sum + value, 0);
      expect(cells).toBeGreaterThan(2);
      expect(cells).toBeLessThan(62);
    }
    expect(viewBatches({ ...options, seed: 4 })(1).queries).not.toEqual(a.queries);
  });
});

describe("views of a few toys", () => {
  const options = { seed: 3, batchSize: 4, viewsPerObject: 2, visits: 2, size, grid: 8, toys: 1 };

  test("are those of the toys that can be had by their number", () => {
    const toy = trainingToy(3, 0);
    // Row 0 of step 1 with two visits: scene 2 · (1 + 16).
    const { direction } = toyPicture(toy, "templates", 34, { seed: 3, size });
    const views = templateDirections("train");
    const rotation = lookAtRotation(views[nearestDirection(views, direction)]);
    const { rgb } = renderTemplate(toy.mesh, rotation, { size, ...toy.render });
    expect(viewBatches(options)(1).templates.subarray(0, rgb.length)).toEqual(rgb);
  });

  test("no toys are refused", () => {
    expect(() => viewBatches({ ...options, toys: 0 })).toThrow("give at least one");
  });
});

describe("training of an aggregation network", () => {
  const train = (out: string, stop?: AbortSignal) =>
    trainAggregationModel({
      folder: join(folder, out),
      preset,
      backbone,
      run,
      signal: stop ?? new AbortController().signal,
    });

  test("goes to its end and writes a model that describes pictures", async () => {
    const { path, state } = await train("whole");
    expect(state.step).toBe(4);
    const model = loadAggregation(path);
    const descriptor = model.over(backbone, { beside: [1] });
    expect(descriptor.channels).toEqual([4, 8]);
    const maps = await descriptor.describe(new Uint8Array(2 * size * size * 3).fill(90), 2);
    expect(maps.map((map) => map.length)).toEqual([2 * 64 * 4, 2 * 64 * 8]);
    const other = { ...backbone, layers: [backbone.layers[0]] };
    expect(() => model.over(other)).toThrow("use the backbone it was trained on");
    const weights = await model.layerWeights(backbone, new Uint8Array(2 * size * size * 3).fill(90), 2);
    expect(weights).toHaveLength(4);
    expect([weights[0] + weights[1], weights[2] + weights[3]]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
    model.dispose();
  });

  test("leaves no tensors behind", async () => {
    const before = tf.memory().numTensors;
    const { path } = await train("again");
    const model = loadAggregation(path);
    await model.layerWeights(backbone, new Uint8Array(size * size * 3), 1);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a file of another network is refused", () => {
    expect(() => loadAggregation(join(folder, "nowhere.safetensors"))).toThrow("nowhere.safetensors");
  });
});
