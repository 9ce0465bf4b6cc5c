import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { InputError } from "../../../src/check";
import { createParameters } from "../../../src/models/params";
import { dueExperiments } from "../../../src/papers/experiments/dueExperiments";
import {
  type Experiment,
  type ExperimentResult,
  type Json,
  type PartContext,
  readExperiment,
  runExperiment,
  storedExperiment,
} from "../../../src/papers/experiments/experiment";
import { experimentState } from "../../../src/papers/experiments/experimentState";
import { Interrupted } from "../../../src/papers/interrupted";
import { Rng } from "../../../src/random";
import { replaceCard, saveModel } from "../../../src/training/checkpoint";

const folder = mkdtempSync(join(tmpdir(), "posediff-experiment-"));
const [out, work] = [join(folder, "out"), join(folder, "work")];
const path = join(out, "sum.json");
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Three parts; `calls` tells which were measured. */
function sum(measure?: (name: string, context: PartContext) => Promise<Json>): {
  experiment: Experiment;
  calls: string[];
} {
  const calls: string[] = [];
  const part = (name: string, value: number) => ({
    name,
    measure: async (context: PartContext): Promise<Json> => {
      calls.push(name);
      context.progress(0.5, "half");
      return measure ? await measure(name, context) : value;
    },
  });
  const parts = [part("a, seed 0", 1), part("a, seed 1", 2), part("b, seed 0", 3)];
  return { experiment: { name: "sum", title: "Sums", question: "Is a below b?", parts: () => parts }, calls };
}

const signal = (): AbortSignal => new AbortController().signal;
const stored = (): ExperimentResult => JSON.parse(readFileSync(path, "utf8")) as ExperimentResult;

test("measures every part, tells how far it is, and leaves what decides, the command and the minutes beside the results", async () => {
  const { experiment, calls } = sum();
  const told: unknown[] = [];
  const result = await runExperiment(experiment, { out, work, signal: signal(), onProgress: (...x) => told.push(x) });
  expect(calls).toEqual(["a, seed 0", "a, seed 1", "b, seed 0"]);
  expect(told).toEqual(calls.map((name, i) => [name, i, 3, 0.5, "half"]));
  expect(result.parts).toEqual({ "a, seed 0": 1, "a, seed 1": 2, "b, seed 0": 3 });
  expect(result).toMatchObject({ title: "Sums", question: "Is a below b?", command: "posediff experiment sum" });
  expect(Object.keys(result.minutes)).toEqual(calls);
  expect(stored()).toEqual(result);
  expect(readExperiment("sum", out)).toEqual(result);
});

test("a second run measures nothing anew and gives the same", async () => {
  const first = await runExperiment(sum().experiment, { out, work, signal: signal() });
  const { experiment, calls } = sum();
  expect(await runExperiment(experiment, { out, work, signal: signal() })).toEqual(first);
  expect(calls).toEqual([]);
});

test("a part that is interrupted leaves the finished ones; the next run goes on with it in the same folder", async () => {
  const stop = new AbortController();
  const { experiment } = sum(async (name, { folder: own, signal: asked }) => {
    if (name === "a, seed 0") return 1;
    writeFileSync(join(own, "half.txt"), "41");
    stop.abort();
    if (asked.aborted) throw new Interrupted();
    return 0;
  });
  const cut = await runExperiment(experiment, { out, work, signal: stop.signal });
  expect(cut.parts).toEqual({ "a, seed 0": 1 });
  expect(stored()).toEqual(cut);

  const again = sum(async (_name, { folder: own }) => {
    const half = join(own, "half.txt");
    return existsSync(half) ? Number(readFileSync(half, "utf8")) + 1 : 3;
  });
  const whole = await runExperiment(again.experiment, { out, work, signal: signal() });
  expect(again.calls).toEqual(["a, seed 1", "b, seed 0"]);
  expect(whole.parts).toEqual({ "a, seed 0": 1, "a, seed 1": 42, "b, seed 0": 3 });
});

test("a part that fails ends the run with its error; what was measured before is kept", async () => {
  const { experiment } = sum(async (name) => {
    if (name === "b, seed 0") throw new Error("no memory");
    return 7;
  });
  await expect(runExperiment(experiment, { out, work, signal: signal() })).rejects.toThrow("no memory");
  expect(stored().parts).toEqual({ "a, seed 0": 7, "a, seed 1": 7 });
});

test("what is there of an experiment, and which are due: never measured ones last, else the shortest first", async () => {
  const { experiment } = sum();
  const named = (name: string): Experiment => ({ ...experiment, name });
  const all = ["never", "whole", "half", "old", "older"].map(named);
  const [never, whole, half, old, older] = all;
  expect(experimentState(never, out)).toEqual({ state: "never", parts: { measured: 0, all: 3 }, minutes: 0 });
  for (const [one, change, minutes] of [
    [whole, {}, 1],
    [half, { parts: { "a, seed 0": 1 } }, 5],
    [old, { dataVersion: -1 }, 3],
    [older, { models: { "gone.safetensors": "0" } }, 9],
  ] as const) {
    const result = await runExperiment(one, { out, work, signal: signal() });
    const changed = { ...result, ...change, minutes: { "a, seed 0": minutes } };
    writeFileSync(join(out, `${one.name}.json`), JSON.stringify(changed));
  }
  const reads = { ...older, reads: [join(folder, "gone.safetensors")] };
  expect(experimentState(whole, out)).toEqual({ state: "measured", parts: { measured: 3, all: 3 }, minutes: 1 });
  expect(experimentState(half, out)).toMatchObject({ state: "partly", parts: { measured: 1, all: 3 } });
  expect(experimentState(old, out)).toMatchObject({ state: "stale", reason: expect.stringMatching(/version -1/) });
  expect(experimentState(reads, out).reason).toMatch(/another gone\.safetensors/);
  const due = dueExperiments([never, whole, half, old, reads], out);
  expect(due.map(({ name }) => name)).toEqual(["old", "half", "older", "never"]);
});

test("an aborted signal measures nothing", async () => {
  const stop = new AbortController();
  stop.abort();
  const { experiment, calls } = sum();
  expect((await runExperiment(experiment, { out, work, signal: stop.signal })).parts).toEqual({});
  expect(calls).toEqual([]);
});

test("results of another version of the data are measured anew", async () => {
  const first = await runExperiment(sum().experiment, { out, work, signal: signal() });
  writeFileSync(path, JSON.stringify({ ...first, dataVersion: -1 }));
  const { experiment, calls } = sum();
  await runExperiment(experiment, { out, work, signal: signal() });
  expect(calls).toHaveLength(3);
});

test("so are results of another model", async () => {
  const model = join(work, "network.safetensors");
  const train = (weight: number): void => {
    mkdirSync(work, { recursive: true });
    const parameters = createParameters(
      [{ name: "w", shape: [1], initial: () => Float32Array.of(weight) }],
      new Rng(0),
    );
    saveModel(model, parameters, parameters.values, { seed: 0 });
  };
  const measure = async (): Promise<readonly string[]> => {
    const { experiment, calls } = sum();
    await runExperiment({ ...experiment, reads: [model] }, { out, work, signal: signal() });
    return calls;
  };
  train(1);
  expect(await measure()).toHaveLength(3);
  replaceCard(model, { scores: "better known" });
  expect(await measure()).toHaveLength(0);
  train(2);
  expect(await measure()).toHaveLength(3);
});

test.each([
  ["cut off", '{"experiment": "sum", "parts": {'],
  ["another experiment's", '{"experiment": "other", "parts": {}}'],
  ["no object", "[1, 2]"],
  ["without parts", '{"experiment": "sum", "parts": null}'],
])("a damaged result (%s) is told in one sentence and not overwritten", async (_what, text) => {
  mkdirSync(out);
  writeFileSync(path, text);
  const { experiment, calls } = sum();
  await expect(runExperiment(experiment, { out, work, signal: signal() })).rejects.toThrow(
    /is damaged; delete it and run `posediff experiment sum` again/,
  );
  expect(calls).toEqual([]);
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("a walkthrough goes on without a result that was never measured, but not with a damaged one", () => {
  expect(storedExperiment("sum", out)).toBeUndefined();
  mkdirSync(out);
  writeFileSync(path, "{");
  expect(() => storedExperiment("sum", out)).toThrow(InputError);
});

test("a result that was never measured is an InputError with the command that makes it", () => {
  expect(() => readExperiment("sum", out)).toThrow(InputError);
  expect(() => readExperiment("sum", out)).toThrow(/make it by `posediff experiment sum`/);
});
