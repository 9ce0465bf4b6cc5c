import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { createParameters } from "../../src/models/params";
import { Rng } from "../../src/random";
import { type FitOptions, fit as training } from "../../src/training/fit";
import type { LossFunction } from "../../src/training/gradients";
import { createTrainingState, type TrainingState } from "../../src/training/trainingState";

beforeAll(ready);
const normal = (rng: Rng, shape: readonly number[]): Float64Array => rng.normals(shape.reduce((a, b) => a * b, 1));
const specs = [
  { name: "first", shape: [3, 8], initial: normal },
  { name: "second", shape: [8, 1], initial: normal },
  { name: "unused", shape: [4], initial: normal },
  { name: "mean", shape: [8], initial: () => new Float32Array(8), trainable: false },
];
const create = (): TrainingState => createTrainingState(createParameters(specs, new Rng(3)));
const batches = (step: number): Float32Array => Float32Array.from(new Rng(11).split(step).normals(30));
const loss: LossFunction<Float32Array> = (weights, batch) => {
  const x = tf.tensor2d(batch, [10, 3]);
  const hidden = tf.tanh(tf.matMul(x, weights.first as Tensor2D));
  const error = tf.sub(tf.matMul(hidden as Tensor2D, weights.second as Tensor2D), tf.sum(x, 1, true));
  const total = tf.mean(tf.square(error)) as Scalar;
  return { total, parts: { squared: total }, updates: { mean: tf.mean(hidden, 0) } };
};
const train = async (state: TrainingState, steps: number, more: Partial<FitOptions<Float32Array>> = {}) => {
  const seen = [];
  for await (const step of training({ state, loss, batches, steps, learningRate: () => 0.02, ...more }))
    seen.push(step);
  return seen;
};

test("the loss falls, buffers are updated, and untouched or frozen slots stay as they were", async () => {
  const state = create();
  const start = state.parameters.values.slice();
  const seen = await train(state, 60);
  expect(seen.at(-1)!.loss).toBeLessThan(0.3 * seen[0].loss);
  expect(seen[0].parts.squared).toBe(seen[0].loss);
  expect(state.step).toBe(60);
  expect(Array.from(state.adamSteps)).toEqual([60, 60, 0, 0]);
  const slots = state.parameters.slots;
  const same = (name: string): boolean => {
    const { offset, size } = slots.find((slot) => slot.name === name)!;
    return start.slice(offset, offset + size).every((x, i) => x === state.parameters.values[offset + i]);
  };
  expect(slots.map(({ name }) => same(name))).toEqual([false, false, true, false]);
  const { offset, size } = slots[2];
  expect(state.m.slice(offset, offset + size).every((x) => x === 0)).toBe(true);

  const frozen = create();
  await train(frozen, 5, { trainable: (name) => name !== "first" });
  expect(frozen.parameters.values.slice(0, 24)).toEqual(start.slice(0, 24));
  expect(frozen.parameters.values.slice(24, 32)).not.toEqual(start.slice(24, 32));
  expect(Array.from(frozen.adamSteps)).toEqual([0, 5, 0, 0]);
});

test("200 steps leave the number of tensors as it was", async () => {
  const state = create();
  await train(state, 2);
  const before = tf.memory().numTensors;
  await train(state, 200);
  expect(tf.memory().numTensors).toBe(before);
});

test("a step without a finite gradient changes nothing; ten in a row end the run with a sentence", async () => {
  const state = create();
  await train(state, 3);
  const before = state.parameters.values.slice();
  const [bad] = await train(state, 1, { batches: () => new Float32Array(30).fill(Number.NaN) });
  expect(bad.skipped).toBe(true);
  expect(state.parameters.values).toEqual(before);
  expect(state.step).toBe(4);
  expect((await train(state, 1))[0].skipped).toBe(false);
  expect(state.skippedInARow).toBe(0);
  await expect(train(state, 30, { batches: () => new Float32Array(30).fill(Number.NaN) })).rejects.toThrow(
    /not finite in 10 steps in a row/,
  );
});

test("an abort ends the loop after the current step; a loss without parameters is refused", async () => {
  const stop = new AbortController();
  const state = create();
  for await (const { step } of training({
    state,
    loss,
    batches,
    steps: 50,
    learningRate: () => 0.01,
    signal: stop.signal,
  }))
    if (step === 4) stop.abort();
  expect(state.step).toBe(4);
  await expect(train(create(), 1, { loss: () => ({ total: tf.scalar(1) }) })).rejects.toThrow(
    /depends on no trainable/,
  );
  await expect(train(create(), 1, { loss: (w) => ({ total: w.first as unknown as Scalar }) })).rejects.toThrow(
    /scalar/,
  );
});
