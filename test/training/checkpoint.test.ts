import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { InputError } from "../../src/check";
import { createParameters, type Parameters } from "../../src/models/params";
import { Rng } from "../../src/random";
import {
  halveModel,
  loadModel,
  loadParameters,
  loadTrainingState,
  replaceCard,
  saveModel,
  saveTrainingState,
} from "../../src/training/checkpoint";
import { fit as training } from "../../src/training/fit";
import type { LossFunction } from "../../src/training/gradients";
import { warmupExponential } from "../../src/training/schedule";
import { createTrainingState, type TrainingState } from "../../src/training/trainingState";

const folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
beforeAll(ready);
afterAll(() => rmSync(folder, { recursive: true }));

const normal = (rng: Rng, shape: readonly number[]): Float64Array => rng.normals(shape.reduce((a, b) => a * b, 1));
const network = (seed: number, width: number = 8): Parameters =>
  createParameters(
    [
      { name: "first", shape: [3, width], initial: normal },
      { name: "mean", shape: [width], initial: (_, [n]) => new Float32Array(n), trainable: false },
      { name: "second", shape: [width, 1], initial: normal },
    ],
    new Rng(seed),
  );
const loss: LossFunction<Float32Array> = (weights, batch) => {
  const hidden = tf.tanh(tf.matMul(tf.tensor2d(batch, [10, 3]), weights.first as Tensor2D));
  const error = tf.sub(tf.matMul(hidden as Tensor2D, weights.second as Tensor2D), 1);
  return { total: tf.mean(tf.square(error)) as Scalar, updates: { mean: tf.mean(hidden, 0) } };
};
async function train(state: TrainingState, steps: number): Promise<void> {
  const batches = (step: number): Float32Array => Float32Array.from(new Rng(5).split(step).normals(30));
  // The second layer joins after five steps: its bias correction starts late, also across a save.
  const trainable = (name: string): boolean => name !== "second" || state.step >= 5;
  const learningRate = warmupExponential({ base: 0.02, warmupSteps: 4, totalSteps: 20 });
  for (let i = 0; i < steps; i++)
    for await (const _ of training({ state, loss, batches, steps: 1, learningRate, trainable }));
}

test("20 steps equal 10 steps, save, load, 10 steps, bit for bit", async () => {
  const unbroken = createTrainingState(network(1));
  await train(unbroken, 20);
  const broken = createTrainingState(network(1));
  await train(broken, 10);
  const path = join(folder, "state.safetensors");
  saveTrainingState(path, broken, { seed: 1, config: { preset: "tiny" } });
  const first = readFileSync(path);
  saveTrainingState(path, broken, { seed: 1, config: { preset: "tiny" } });
  expect(readFileSync(path).equals(first)).toBe(true);
  const own = network(2);
  for (const { state, meta } of [loadTrainingState(path), loadTrainingState(path, own)]) {
    expect(meta).toEqual({ seed: 1, config: { preset: "tiny" } });
    await train(state, 10);
    expect(state).toEqual(unbroken);
  }
  expect(own).toEqual(unbroken.parameters);
  expect(Array.from(unbroken.adamSteps)).toEqual([20, 15, 0]);
});

test("a model keeps its numbers and its card; another network says what differs", () => {
  const parameters = network(3);
  const path = join(folder, "deep", "model.safetensors");
  saveModel(path, parameters, parameters.values, { preset: "tiny", scores: [1, 2] });
  expect(JSON.parse(readFileSync(join(folder, "deep", "model.json"), "utf8"))).toEqual({
    format: "posediff-model/1",
    preset: "tiny",
    scores: [1, 2],
  });
  expect(readdirSync(join(folder, "deep")).sort()).toEqual(["model.json", "model.safetensors"]);
  const model = loadModel(path);
  expect(model.card).toEqual({ preset: "tiny", scores: [1, 2] });
  expect(model.values.get("first")!.shape).toEqual([3, 8]);
  const other = network(4);
  loadParameters(other, path);
  expect(other.values).toEqual(parameters.values);
  const wide = network(4, 16);
  const before = wide.values.slice();
  expect(() => loadParameters(wide, model)).toThrow(/preset tiny.*first is \[3, 8\] instead of \[3, 16\]/);
  expect(wide.values).toEqual(before);
  const renamed = createParameters([{ name: "third", shape: [1], initial: () => [0] }], new Rng(1));
  expect(() => loadParameters(renamed, model)).toThrow(/third missing; first, mean, second unknown/);
  parameters.values[0] = Number.NaN;
  expect(() => saveModel(path, parameters, parameters.values, {})).toThrow(/first holds NaN/);
  expect(() => saveModel(join(folder, "model.bin"), other, other.values, {})).toThrow(/\.safetensors/);
});

test("a model in half precision is half as large, is loaded as before, and stays so when its card is replaced", () => {
  const parameters = network(3, 64);
  const [whole, half] = [join(folder, "whole.safetensors"), join(folder, "half.safetensors")];
  saveModel(whole, parameters, parameters.values, { preset: "tiny" });
  expect(halveModel(whole, half).numbers).toBe(parameters.values.length);
  const bytes = readFileSync(half).length;
  replaceCard(half, { ...loadModel(half).card, scores: [3] });
  const { card, values } = loadModel(half);
  expect(card).toEqual({ preset: "tiny", precision: "half", scores: [3] });
  expect(Math.abs(readFileSync(half).length - bytes)).toBeLessThan(64);
  expect(bytes).toBeLessThan(0.75 * readFileSync(whole).length);
  for (const { name, offset, size } of parameters.slots)
    values.get(name)!.data.forEach((x, i) => {
      const exact = parameters.values[offset + i];
      expect(Math.abs(x - exact)).toBeLessThanOrEqual(2 ** -11 * Math.abs(exact) + 2 ** -25);
      expect(i).toBeLessThan(size);
    });
  const large = { ...parameters, values: parameters.values.slice().fill(1e5) };
  saveModel(whole, large, large.values, {});
  expect(() => halveModel(whole, half)).toThrow(/numbers above 65,504/);
});

test("truncated, foreign and mixed-up files are refused in one sentence, and nothing foreign is written over", () => {
  const parameters = network(3);
  const [model, state] = [join(folder, "m.safetensors"), join(folder, "s.safetensors")];
  saveModel(model, parameters, parameters.values, {});
  saveTrainingState(state, createTrainingState(parameters));
  expect(() => loadModel(state)).toThrow(/loadTrainingState/);
  expect(() => loadTrainingState(model)).toThrow(/loadModel/);
  expect(() => loadTrainingState(state, network(3, 4))).toThrow(/instead of/);
  expect(() => loadModel(join(__dirname, "..", "fixtures", "formats", "text_encoder.safetensors"))).toThrow(
    /another program/,
  );
  expect(() => loadModel(join(folder, "none"))).toThrow(InputError);
  truncateSync(model, 200);
  expect(() => loadModel(model)).toThrow(InputError);

  for (const [name, content] of [
    ["notes.safetensors", "my notes"],
    ["empty.safetensors", ""],
  ]) {
    const path = join(folder, name);
    writeFileSync(path, content);
    expect(() => saveTrainingState(path, createTrainingState(parameters))).toThrow(/not written by posediff/);
    expect(() => saveModel(path, parameters, parameters.values, {})).toThrow(/not written by posediff/);
    expect(readFileSync(path, "utf8")).toBe(content);
  }
  writeFileSync(join(folder, "package.json"), "{}");
  expect(() => saveModel(join(folder, "package.safetensors"), parameters, parameters.values, {})).toThrow(
    /package.json/,
  );
  expect(readdirSync(folder)).not.toContain("package.safetensors");
  expect(() => saveTrainingState(join(folder, "notes.safetensors", "x"), createTrainingState(parameters))).toThrow(
    InputError,
  );
});
