import { beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { classificationHeadParameters, classify } from "../../src/models/classificationHead";
import { fold, foldingDecoderParameters, foldingGrid } from "../../src/models/foldingDecoder";
import { createParameters, parameterView, weightsOf } from "../../src/models/params";
import { Rng } from "../../src/random";
import { chamferLoss } from "../../src/training/chamferLoss";
import { fit } from "../../src/training/fit";
import { createTrainingState } from "../../src/training/trainingState";

beforeAll(ready);
const folding = { featureSize: 5, side: 3, width: 8 };

describe("foldingDecoder", () => {
  test("the sheet is a square around zero", () => {
    expect([...foldingGrid(2)]).toEqual([-1, -1, -1, 1, 1, -1, 1, 1]);
    expect(foldingGrid(45)).toHaveLength(2 * 45 * 45);
    expect(foldingGrid(45).reduce((a, b) => a + b)).toBeCloseTo(0, 3);
  });

  test("two MLPs over [feature | coordinates], as written out row by row", () => {
    const parameters = createParameters(foldingDecoderParameters(folding), new Rng(1));
    const view = (name: string): Float32Array => parameterView(parameters, name);
    const feature = new Rng(2).normals(2 * 5);
    const affine = (x: number[], matrix: Float32Array, bias: number[]): number[] =>
      bias.map((b, o) => x.reduce((sum, value, i) => sum + value * matrix[i * bias.length + o], b));
    const relu = (x: number[]): number[] => x.map((v) => Math.max(0, v));
    const mlp = (f: number, object: number, coordinates: number[]): number[] => {
      const layer = (i: number, x: number[]): number[] =>
        affine(x, view(`folding.${f}.${i}.weight`), [...view(`folding.${f}.${i}.bias`)]);
      const own = [...feature.subarray(5 * object, 5 * object + 5)];
      const start = affine(own, view(`folding.${f}.0.point`), layer(0, coordinates));
      return layer(4, relu(layer(2, relu(start))));
    };
    const grid = foldingGrid(folding.side);
    const expected = [0, 1].flatMap((object) =>
      Array.from({ length: 9 }, (_, i) => mlp(1, object, mlp(0, object, [...grid.subarray(2 * i, 2 * i + 2)]))),
    );
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const points = fold(weightsOf(parameters), folding, tf.tensor2d(Float32Array.from(feature), [2, 5]));
      expect(points.shape).toEqual([2, 9, 3]);
      points.dataSync().forEach((x, k) => {
        expect(x).toBeCloseTo(expected.flat()[k], 5);
      });
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("it learns to fold the sheet into a given set of points", async () => {
    const state = createTrainingState(createParameters(foldingDecoderParameters(folding), new Rng(1)));
    const target = new Rng(5).normals(2 * 9 * 3);
    const losses: number[] = [];
    for await (const { loss } of fit({
      state,
      loss: (weights) => ({
        total: chamferLoss(fold(weights, folding, tf.tensor2d([1, 0, 0, 0, 0, 0, 1, 0, 0, 0], [2, 5])), target),
      }),
      batches: () => null,
      steps: 150,
      learningRate: () => 1e-2,
    }))
      losses.push(loss);
    expect(losses[losses.length - 1]).toBeLessThan(0.3 * losses[0]);
  });
});

test("the classification head gives one logit a class", () => {
  const config = { widths: [4, 3, 6] };
  const parameters = createParameters(classificationHeadParameters(config), new Rng(1));
  expect(parameters.slots.map(({ name }) => name)).toEqual([
    "classification.0.weight",
    "classification.0.bias",
    "classification.2.weight",
    "classification.2.bias",
  ]);
  tf.tidy(() => {
    expect(classify(weightsOf(parameters), config, tf.ones([2, 4])).shape).toEqual([2, 6]);
  });
});
