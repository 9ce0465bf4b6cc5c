import type { Tensor } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { InputError } from "../../src/check";
import { poseVector } from "../../src/geometry/pose";
import { rotationFromAxisAngle } from "../../src/geometry/rotation";
import { Rng } from "../../src/random";
import { vesde } from "../../src/sde/vesde";
import {
  denoisingDraws,
  poseRegressionGradients,
  poseRegressionLoss,
  scoreMatchingLoss,
} from "../../src/training/losses";

beforeAll(ready);
const rng = new Rng(2);
const truthOf = (angle: number): number[] =>
  poseVector({ rotation: rotationFromAxisAngle([0, angle, 0]), translation: [0.1, -0.2, 0.3] });

describe.each(["geodesic", "l2"] as const)("%s", (rotationForm) => {
  test.each([0, 1, 2])("the gradient is that of finite differences (symmetric %d)", (flag) => {
    const output = [...rng.normals(18)];
    const truth = [...truthOf(0.4), ...truthOf(2)];
    const options = { rotationForm, translationUnit: 0.1 };
    const at = (x: number[]): ReturnType<typeof poseRegressionGradients> =>
      poseRegressionGradients(x, truth, [flag, 0], options);
    const found = at(output);
    for (let k = 0; k < 18; k++) {
      const [up, down] = [1e-6, -1e-6].map((h) => at(output.map((x, i) => (i === k ? x + h : x))));
      expect(found.rotationGradient[k]).toBeCloseTo((up.rotation - down.rotation) / 2e-6, 6);
      expect(found.translationGradient[k]).toBeCloseTo((up.translation - down.translation) / 2e-6, 5);
    }
  });
});

test("known angles; a turn about y costs symmetric objects nothing; units and the L2 form", () => {
  const output = truthOf(0.5);
  expect(poseRegressionGradients(output, truthOf(0.2), [0]).rotation).toBeCloseTo(0.3, 12);
  expect(poseRegressionGradients(output, truthOf(0.2), [1]).rotation).toBeLessThan(1e-7);
  // A half turn costs a box nothing, in either direction.
  for (const turn of [0.2, 0.2 + Math.PI, 0.2 - Math.PI])
    expect(poseRegressionGradients(output, truthOf(turn), [2]).rotation).toBeCloseTo(0.3, 12);
  const moved = [...output.slice(0, 6), 0.1, -0.2, 0.35];
  expect(poseRegressionGradients(moved, output, [0]).translation).toBeCloseTo(0.0025, 12);
  expect(poseRegressionGradients(moved, output, [0], { translationUnit: 0.1 }).translation).toBeCloseTo(0.25, 12);
  // ‖R − R_gt‖² = 4(1 − cos θ).
  const l2 = poseRegressionGradients(output, truthOf(0.2), [0], { rotationForm: "l2" });
  expect(l2.rotation).toBeCloseTo(4 * (1 - Math.cos(0.3)), 12);
});

test("at the truth, opposite to it, and for columns of zeros the gradient is finite and bounded", () => {
  for (const output of [truthOf(0), truthOf(Math.PI), new Array(9).fill(0), [1, 0, 0, 2, 0, 0, 0, 0, 0]]) {
    const { rotation, rotationGradient } = poseRegressionGradients(output, truthOf(0), [0]);
    expect(Number.isFinite(rotation)).toBe(true);
    expect(rotationGradient.every(Number.isFinite)).toBe(true);
  }
  expect(poseRegressionGradients(truthOf(0), truthOf(0), [0]).rotationGradient.every((g) => Math.abs(g) < 1e-3)).toBe(
    true,
  );
});

test("tensors carry the same loss and gradient through the network, and leave no tensor behind", () => {
  const output = Float32Array.from(rng.normals(18));
  const truth = Float32Array.from([...truthOf(0.4), ...truthOf(2)]);
  const expected = poseRegressionGradients(output, truth, [0, 1], { translationUnit: 0.1 });
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const loss = (x: Tensor): Tensor =>
      poseRegressionLoss(tf.mul(x, 2), truth, [0, 1], { translationUnit: 0.1, translationWeight: 3 }).total;
    const { value, grad } = tf.valueAndGrad(loss)(tf.tensor2d(output, [2, 9]).mul(0.5));
    expect(value.dataSync()[0]).toBeCloseTo(expected.rotation + 3 * expected.translation, 2);
    grad.dataSync().forEach((g, k) => {
      const wanted = 2 * (expected.rotationGradient[k] + 3 * expected.translationGradient[k]);
      expect(Math.abs(g - wanted)).toBeLessThan(1e-5 * (1 + Math.abs(wanted)));
    });
    const parts = poseRegressionLoss(tf.tensor2d(output, [2, 9]), tf.tensor2d(truth, [2, 9]), tf.tensor1d([0, 1]));
    expect(parts.rotation.dataSync()[0]).toBeCloseTo(expected.rotation, 5);
    expect(parts.translation.dataSync()[0]).toBeCloseTo(expected.translation / 100, 5);
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(() => poseRegressionGradients(output, truth, [0])).toThrow(InputError);
});

test("the exact score has no loss; draws follow x₀ + σz and the seed", () => {
  const poses = [...truthOf(0.4), ...truthOf(2)];
  const sigma = (t: number): number => vesde.sigma(t);
  const draws = denoisingDraws(poses, sigma, new Rng(4), { draws: 5 });
  expect(draws.t.length).toBe(10);
  for (let row = 0; row < 10; row++)
    for (let k = 0; k < 9; k++) {
      const wanted = poses[9 * Math.floor(row / 5) + k] + sigma(draws.t[row]) * draws.noise[9 * row + k];
      expect(draws.noised[9 * row + k]).toBeCloseTo(wanted, 4);
    }
  expect(denoisingDraws(poses, sigma, new Rng(4), { draws: 5 })).toEqual(draws);
  tf.tidy(() => {
    const noise = tf.tensor2d(draws.noise, [10, 9]);
    expect(scoreMatchingLoss(tf.neg(noise), draws.noise).dataSync()[0]).toBe(0);
    expect(scoreMatchingLoss(tf.zeros([10, 9]), noise).dataSync()[0]).toBeCloseTo(
      draws.noise.reduce((sum, z) => sum + z * z, 0) / 10,
      4,
    );
    expect(() => scoreMatchingLoss(tf.zeros([10, 3]), noise)).toThrow(InputError);
  });
  expect(() => denoisingDraws(poses.slice(1), sigma, rng)).toThrow(InputError);
});
