import type { Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { presentBackends, ready, tf } from "../../src/backend";
import { createParameters, parameterView, weightsOf } from "../../src/models/params";
import { type ResNetConfig, resNet, resNet34, resNetFeatureSize, resNetParameters } from "../../src/models/resNet";
import { Rng } from "../../src/random";
import { batchGradients } from "../../src/training/gradients";

beforeAll(() => ready());

const tiny = (norm: ResNetConfig["norm"]): ResNetConfig => ({
  inputSize: [8, 12],
  channels: 3,
  stem: { kernel: 5, width: 4, stride: 1, pool: true },
  stages: [
    { blocks: 1, width: 4, stride: 1 },
    { blocks: 2, width: 6, stride: 2 },
  ],
  norm,
  grid: [1, 3],
});

const pictures = (batch: number): Float32Array => Float32Array.from(new Rng(3).normals(batch * 8 * 12 * 3));

describe("resNet", () => {
  it("has the names and the size of torchvision's resnet34", () => {
    const specs = resNetParameters("", resNet34);
    const names = specs.map(({ name }) => name);
    expect(names).toContain("layer2.0.downsample.1.running_var");
    expect(names).not.toContain("layer1.0.downsample.0.weight");
    const trainable = specs
      .filter((spec) => spec.trainable !== false)
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
    expect(trainable).toBe(21_797_672 - 513_000); // without the classifier of 1,000
    expect(resNetFeatureSize({ ...resNet34, grid: [2, 2] })).toBe(2048);
  });

  it("averages the last map cell by cell", () => {
    const config = tiny("none");
    const parameters = createParameters(resNetParameters("", config), new Rng(1));
    tf.tidy(() => {
      const x = tf.tensor4d(pictures(2), [2, 8, 12, 3]);
      const { maps, feature } = resNet(weightsOf(parameters), "", config, x);
      expect(maps.map(({ shape }) => shape.slice(1))).toEqual([
        [8, 12, 4],
        [4, 6, 4],
        [4, 6, 4],
        [2, 3, 6],
      ]);
      const last = maps[3].dataSync();
      const found = feature.dataSync();
      for (let b = 0; b < 2; b++)
        for (let column = 0; column < 3; column++)
          for (let c = 0; c < 6; c++) {
            const at = (row: number): number => last[((b * 2 + row) * 3 + column) * 6 + c];
            expect(found[(b * 3 + column) * 6 + c]).toBeCloseTo((at(0) + at(1)) / 2, 5);
          }
    });
  });

  it("without norm begins as if its blocks were not there", () => {
    const config: ResNetConfig = { ...tiny("none"), stages: [{ blocks: 2, width: 4, stride: 1 }] };
    const parameters = createParameters(resNetParameters("", config), new Rng(1));
    tf.tidy(() => {
      const { maps } = resNet(weightsOf(parameters), "", config, tf.tensor4d(pictures(1), [1, 8, 12, 3]));
      expect(maps[2].dataSync()).toEqual(maps[1].dataSync());
    });
  });

  it("in training uses the batch's statistics and moves the stored ones", () => {
    const config = tiny("batch");
    const parameters = createParameters(resNetParameters("n.", config), new Rng(1));
    tf.tidy(() => {
      const updates = {};
      const x = tf.tensor4d(pictures(4), [4, 8, 12, 3]);
      const { maps } = resNet(weightsOf(parameters), "n.", config, x, { training: true, updates });
      expect(Object.keys(updates)).toContain("n.layer2.1.bn2.running_var");
      const [mean] = [tf.mean(maps[0], [0, 1, 2]).dataSync()];
      // relu of N(0, 1)
      for (const m of mean) expect(m).toBeCloseTo(0.4, 0);
    });
    expect(parameterView(parameters, "n.bn1.running_mean")).toEqual(new Float32Array(4));
  });

  it.each(["none", "batch"] as const)("learns the same on every backend (norm: %s)", async (norm) => {
    const current = tf.getBackend();
    const config = tiny(norm);
    const parameters = createParameters(resNetParameters("", config), new Rng(5));
    const noise = new Rng(7);
    for (const { name, offset, size } of parameters.slots)
      if (name.endsWith("weight") && norm === "none")
        for (let i = 0; i < size; i++) parameters.values[offset + i] += noise.normal(0, 0.1);
    const results: Float32Array[] = [];
    for (const backend of await presentBackends()) {
      await tf.setBackend(backend);
      const { numbers } = batchGradients(
        parameters,
        (weights, values: Float32Array) => ({
          total: tf.mean(
            tf.square(
              resNet(weights, "", config, tf.tensor4d(values, [2, 8, 12, 3]) as Tensor4D, { training: true }).feature,
            ),
          ),
        }),
        pictures(2),
      );
      results.push(numbers);
    }
    await tf.setBackend(current);
    expect(results[0].some((g) => g !== 0)).toBe(true);
    for (const other of results.slice(1))
      other.forEach((g, i) => {
        expect(Math.abs(g - results[0][i])).toBeLessThan(2e-4 * (1 + Math.abs(results[0][i])));
      });
  });

  it("refuses pictures of another size and a grid that does not divide the map", () => {
    const config = tiny("none");
    const weights = weightsOf(createParameters(resNetParameters("", config), new Rng(1)));
    expect(() => resNet(weights, "", config, tf.zeros([1, 8, 8, 3]))).toThrow(/reads 8 × 12 × 3/);
    expect(() => resNet(weights, "", { ...config, grid: [2, 2] }, tf.zeros([1, 8, 12, 3]))).toThrow(/divides/);
  });
});
