import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createParameters } from "../../src/models/params";
import { bindScoreNetwork } from "../../src/models/scoreEvaluator";
import { scoreNetworkParameters } from "../../src/models/scoreNetwork";
import { type EncodedObjects, type Encoder, keptFeatures } from "../../src/papers/keptFeatures";
import { trainJointModel } from "../../src/papers/trainJointModel";
import { defaultScoreHeadRun, type ScoreHeadRun, trainScoreHeadModel } from "../../src/papers/trainScoreHead";
import { Rng } from "../../src/random";
import { loadModel } from "../../src/training/checkpoint";
import { modelDigest } from "../../src/training/modelDigest";
import { warmStart } from "../../src/training/warmStart";
import { tinyConfig, tinyRun } from "./tinyModel";

const folder = mkdtempSync(join(tmpdir(), "posediff-score-head-"));
afterAll(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;

describe("keptFeatures", () => {
  const size = { batches: 3, batchSize: 2, width: 3, dimension: 1 };
  const rows = (batch: number): EncodedObjects => ({
    features: Float32Array.from({ length: 6 }, (_, i) => 10 * batch + i),
    poses: Float32Array.of(-batch, batch),
  });
  const encoder = () => ({ encode: vi.fn(rows), close: vi.fn<Encoder["close"]>() });
  const expected = {
    features: Float32Array.from([0, 1, 2].flatMap((batch) => [...rows(batch).features])),
    poses: Float32Array.of(-0, 0, -1, 1, -2, 2),
  };

  test("in memory: every batch once, row by row, and the encoder is closed", async () => {
    const own = encoder();
    expect(await keptFeatures({ ...size, open: () => own })).toEqual(expected);
    expect(own.encode.mock.calls).toEqual([[0], [1], [2]]);
    expect(own.close).toHaveBeenCalledOnce();
  });

  test("in a file: a stop keeps what was done, a record that was cut is encoded again, a whole file opens nothing", async () => {
    const path = join(folder, "new", "rows.f32");
    const first = encoder();
    const pause = (): void => {
      if (first.encode.mock.calls.length === 2) throw new Error("enough");
    };
    await expect(keptFeatures({ ...size, path, pause, open: () => first })).rejects.toThrow("enough");
    expect(first.close).toHaveBeenCalledOnce();
    truncateSync(path, readFileSync(path).length - 5);
    const [second, told] = [encoder(), vi.fn()];
    expect(await keptFeatures({ ...size, path, open: () => second, progress: told })).toEqual(expected);
    expect(second.encode.mock.calls).toEqual([[1], [2]]);
    expect(told.mock.calls).toEqual([[2], [3]]);
    const opened = vi.fn(encoder);
    appendFileSync(path, "more"); // as of a run of more batches
    expect(await keptFeatures({ ...size, path, open: opened })).toEqual(expected);
    expect(opened).not.toHaveBeenCalled();
  });
});

describe("the score network alone", () => {
  const run: ScoreHeadRun = { ...defaultScoreHeadRun, steps: 4, batchSize: 8, draws: 2, clouds: 64, poolSize: 8 };
  const deeper = { ...tinyConfig, score: { ...tinyConfig.score, headLayers: 3 as const } };
  const at = (name: string): string => join(folder, name);
  const numbers = (path: string) => [...loadModel(path).values].map(([name, { data }]) => [name, data] as const);
  let start = "";
  beforeAll(async () => {
    const joint = { ...tinyRun, pretrainSteps: 0, jointSteps: 2 };
    ({ path: start } = await trainJointModel({ config: tinyConfig, run: joint, folder: at("joint"), signal: never }));
  });

  test("learns, and encoder and regression head stay as they are", async () => {
    const { path, watched } = await trainScoreHeadModel({
      config: tinyConfig,
      run: { ...run, steps: 60 },
      folder: at("whole"),
      start,
      signal: never,
      watch: { every: 60, measure: ({ adamSteps }) => adamSteps.reduce((most, n) => Math.max(most, n), 0) },
    });
    expect(watched).toEqual([60]);
    const before = new Map(numbers(start));
    for (const [name, data] of numbers(path)) {
      const same = data.every((x, i) => x === before.get(name)![i]);
      expect([name, same]).toEqual([name, /^(SA_modules|regression)\.|^t_encoder\.0\.W$/.test(name)]);
    }
    expect(loadModel(path).card).toMatchObject({ preset: "small", step: 60, totalSteps: 60 });
  });

  test("stopped while clouds are encoded and while it learns, it goes on to the same numbers", async () => {
    const options = { config: deeper, run, start };
    const { path: whole } = await trainScoreHeadModel({ ...options, folder: at("unbroken"), signal: never });
    const early = new AbortController();
    early.abort();
    await expect(trainScoreHeadModel({ ...options, folder: at("parts"), signal: early.signal })).rejects.toThrow(
      "stopped at step 0 of 4; the same command goes on from there",
    );
    const late = new AbortController();
    const watch = {
      every: 2,
      measure: () => {
        late.abort();
        return 0;
      },
    };
    await expect(trainScoreHeadModel({ ...options, folder: at("parts"), signal: late.signal, watch })).rejects.toThrow(
      "stopped at step 2 of 4",
    );
    const files = readdirSync(at("parts")).filter((name) => name.endsWith(".f32"));
    expect(files).toHaveLength(1);
    expect(readFileSync(join(at("parts"), files[0])).length).toBe(4 * 64 * (32 + 9));
    const { path } = await trainScoreHeadModel({ ...options, folder: at("parts"), signal: never });
    expect(modelDigest(path)).toBe(modelDigest(whole));
  });

  test("a layer more begins as the head that was", async () => {
    const { path } = await trainScoreHeadModel({
      config: deeper,
      run: { ...run, steps: 1, learningRate: 1e-12 },
      folder: at("grown"),
      start,
      signal: never,
    });
    const x = Float64Array.from({ length: 18 }, (_, i) => Math.sin(i));
    const feature = Float32Array.from({ length: 32 }, (_, i) => Math.cos(3 * i));
    const scores = (
      [
        [start, tinyConfig],
        [path, deeper],
      ] as const
    ).map(([model, { score }]) => {
      const parameters = createParameters(scoreNetworkParameters(score), new Rng(0));
      warmStart(parameters, loadModel(model));
      return Array.from(bindScoreNetwork(parameters, score).scoreOf(feature)(x, 0.4));
    });
    expect(Math.max(...scores[0].map(Math.abs))).toBeGreaterThan(0.1);
    for (const [i, value] of scores[1].entries()) expect(value).toBeCloseTo(scores[0][i], 4);
  });

  test("without a model, or with clouds that fill no batch, it says what to give", async () => {
    const options = { config: tinyConfig, run, folder: at("none"), signal: never };
    await expect(trainScoreHeadModel(options)).rejects.toThrow(/learns on a trained encoder; give its model file/);
    await expect(trainScoreHeadModel({ ...options, start, run: { ...run, clouds: 40 } })).rejects.toThrow(
      /40 clouds cannot be encoded 32 at a time; give a multiple of 32/,
    );
  });
});
