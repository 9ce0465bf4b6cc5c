import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Interrupted } from "../../src/papers/interrupted";
import { trainJointModel } from "../../src/papers/trainJointModel";
import { loadModel } from "../../src/training/checkpoint";
import { tinyConfig, tinyRun } from "./tinyModel";

const folder = mkdtempSync(join(tmpdir(), "posediff-model-"));
afterAll(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;
const numbers = (path: string): Float32Array[] => [...loadModel(path).values.values()].map(({ data }) => data);

test("a training stopped midway goes on to the same numbers and the same learning curve", async () => {
  const watching = (stop?: AbortController) => ({
    every: 2,
    measure: ({ step, ema }: { step: number; ema: Float32Array }) => {
      if (step === 4) stop?.abort();
      return [step, ema[0]];
    },
  });
  const options = { config: tinyConfig, run: tinyRun };
  const whole = await trainJointModel({ ...options, folder: join(folder, "whole"), signal: never, watch: watching() });
  const stop = new AbortController();
  const parts = { ...options, folder: join(folder, "parts") };
  await expect(trainJointModel({ ...parts, signal: stop.signal, watch: watching(stop) })).rejects.toThrow(Interrupted);
  const notes: string[] = [];
  const begun: string[] = [];
  const resumed = await trainJointModel({
    ...parts,
    signal: never,
    watch: watching(),
    progress: (share, note) => notes.push(`${share} ${note}`),
    onBegin: (sentence) => begun.push(sentence),
  });
  expect(begun).toEqual([expect.stringMatching(/resuming .* at step 4 of 6/)]);
  expect(notes).toEqual([expect.stringMatching(/^1 joint 6\/6 {2}rotation .* left$/)]);
  expect(numbers(resumed.path)).toEqual(numbers(whole.path));
  expect(resumed.watched).toEqual(whole.watched);
  expect(resumed.watched.map((row) => (row as number[])[0])).toEqual([2, 4, 6]);
});

test("another run in the folder is refused, whatever differs", async () => {
  const other = { config: tinyConfig, folder: join(folder, "whole"), signal: never };
  await expect(trainJointModel({ ...other, run: { ...tinyRun, mixture: ["mug"] } })).rejects.toThrow(
    /belongs to another run \(mixture unset\)/,
  );
  writeFileSync(join(folder, "model.safetensors"), "mine");
  await expect(trainJointModel({ ...other, folder, run: tinyRun })).rejects.toThrow(/is there, but no state/);
});
