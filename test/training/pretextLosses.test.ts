import type { Tensor } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { InputError } from "../../src/check";
import { Rng } from "../../src/random";
import { chamferGradients, chamferLoss } from "../../src/training/chamferLoss";
import { crossEntropyLoss } from "../../src/training/crossEntropyLoss";

beforeAll(ready);
const rng = new Rng(3);

describe("chamferLoss", () => {
  test("two points against one, by hand", () => {
    const [predicted, target] = [
      [0, 0, 0, 3, 0, 0],
      [1, 0, 0],
    ];
    // Forth: 1 and 4, mean 2.5; back: 1.
    expect(chamferGradients(predicted, target, 1).value).toBeCloseTo(3.5, 12);
    // Forth: 1 and 2, mean 1.5; back: 1; the larger counts.
    expect(chamferGradients(predicted, target, 1, { form: "extended" }).value).toBeCloseTo(1.5, 12);
    expect([...chamferGradients(predicted, target, 1).gradient]).toEqual([-1 - 2, 0, 0, 2, 0, 0]);
    expect([...chamferGradients(predicted, target, 1, { form: "extended" }).gradient]).toEqual([-0.5, 0, 0, 0.5, 0, 0]);
  });

  test("no distance from a set to itself in any order, and the same either way", () => {
    const [a, b] = [rng.split("a").normals(30), rng.split("b").normals(21)];
    const turned = [...a.subarray(15), ...a.subarray(0, 15)];
    for (const form of ["squared", "extended"] as const) {
      expect(chamferGradients(a, turned, 1, { form }).value).toBe(0);
      expect(chamferGradients(a, b, 1, { form }).value).toBeCloseTo(chamferGradients(b, a, 1, { form }).value, 12);
    }
  });

  test.each(["squared", "extended"] as const)("%s: the gradient is that of finite differences", (form) => {
    const [predicted, target] = [[...rng.split("p").normals(2 * 12)], rng.split("t").normals(2 * 15)];
    const { gradient } = chamferGradients(predicted, target, 2, { form });
    predicted.forEach((x, k) => {
      const at = (value: number): number =>
        chamferGradients(
          predicted.map((old, i) => (i === k ? value : old)),
          target,
          2,
          { form },
        ).value;
      expect(gradient[k]).toBeCloseTo((at(x + 1e-6) - at(x - 1e-6)) / 2e-6, 6);
    });
  });

  test("tensors carry the same value and gradient, and leave no tensor behind", () => {
    const [predicted, target] = [Float32Array.from(rng.normals(2 * 12)), rng.normals(2 * 15)];
    const expected = chamferGradients(predicted, target, 2);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const loss = (x: Tensor): Tensor => tf.mul(chamferLoss(x, target), 3);
      const { value, grad } = tf.valueAndGrad(loss)(tf.tensor3d(predicted, [2, 4, 3]));
      expect(value.dataSync()[0]).toBeCloseTo(3 * expected.value, 4);
      grad.dataSync().forEach((g, k) => {
        expect(g).toBeCloseTo(3 * expected.gradient[k], 4);
      });
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("sets that do not fit the batch are refused in one sentence", () => {
    expect(() => chamferGradients([1, 2, 3], [1, 2], 1)).toThrow(InputError);
    expect(() => tf.tidy(() => chamferLoss(tf.zeros([2, 6]), [1, 2, 3]))).toThrow(/expected predicted points/);
  });
});

describe("crossEntropyLoss", () => {
  test("a guess costs log C, certainty nothing; the gradient is softmax less one-hot", () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      expect(crossEntropyLoss(tf.zeros([2, 6]), [0, 5]).dataSync()[0]).toBeCloseTo(Math.log(6), 6);
      expect(crossEntropyLoss(tf.tensor2d([[50, 0]]), [0]).dataSync()[0]).toBeCloseTo(0, 6);
      const logits = tf.tensor2d([
        [1, 2, 0.5],
        [0, -1, 3],
      ]);
      const gradient = tf
        .grad((x) => crossEntropyLoss(x, [2, 0]))(logits)
        .dataSync();
      const softmax = tf.softmax(logits).dataSync();
      const oneHot = [0, 0, 1, 1, 0, 0];
      gradient.forEach((g, k) => {
        expect(g).toBeCloseTo((softmax[k] - oneHot[k]) / 2, 6);
      });
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a label that is no class, or one too few, is refused", () => {
    tf.tidy(() => {
      expect(() => crossEntropyLoss(tf.zeros([1, 6]), [255])).toThrow(/label 0 is 255; expected .* 0 to 5/);
      expect(() => crossEntropyLoss(tf.zeros([2, 6]), [1])).toThrow(InputError);
    });
  });
});
