import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exp } from "../../../src/geometry/so3";
import { multiply } from "../../../src/geometry/vector";
import { type DatasetRun, evaluateDataset } from "../../../src/papers/benchmarks/evaluateDataset";
import type { ObjectPredictor } from "../../../src/papers/benchmarks/objectPredictor";
import { poseReport } from "../../../src/papers/benchmarks/poseReport";
import { poseImages, posesKind, predictionRow, truthRow } from "../../../src/papers/benchmarks/poseRows";
import { protocols } from "../../../src/papers/benchmarks/protocols";
import { type ResultRow, type Results, readResults, writeResults } from "../../../src/papers/benchmarks/resultFile";
import { type Shard, wholeShard } from "../../../src/papers/benchmarks/shard";
import { Rng } from "../../../src/random";
import { size, truth, writeHouseCat, writeNocs, writeOmni6d } from "../../datasets/written/sets";

const root = mkdtempSync(join(tmpdir(), "posediff-evaluate-"));
afterAll(() => rmSync(root, { recursive: true }));

/** Near the truth, by what the seed draws. */
const predictor: Pick<ObjectPredictor, "predict"> = {
  predict: async (_, seed) => {
    const rng = new Rng(seed);
    const turn = exp([rng.normal(0, 0.05), rng.normal(0, 0.05), rng.normal(0, 0.05)]);
    return { pose: { ...truth, rotation: multiply(truth.rotation, turn) }, size };
  },
};

const run = (dataset: string, split: string, shard: Shard = wholeShard): DatasetRun => ({
  dataset,
  root: join(root, dataset),
  split,
  shard,
  seed: 3,
});

async function evaluated(run: DatasetRun, name: string): Promise<string> {
  const path = join(root, name);
  const writer = writeResults(path, { kind: posesKind, settings: { dataset: run.dataset }, shard: run.shard });
  await evaluateDataset(predictor, run, { row: writer.write, miss: writer.miss });
  writer.end();
  return path;
}

const sets = [
  ["real275", "real_test", "nocs", "real_test/scene_1", "0001_", ["0002_", "0003_", "0005_"]],
  ["housecat6d", "train", "housecat6d", "scene01", undefined, []],
  ["rope", "rope", "omni6d", "ROPE/000001", "000000_", ["000002_", "000003_"]],
] as const;

beforeAll(async () => {
  await writeNocs(join(root, "real275"));
  await writeHouseCat(join(root, "housecat6d"));
  await writeOmni6d(join(root, "rope"));
  // more frames of the same
  for (const [dataset, , , folder, stem, copies] of sets)
    for (const copy of copies)
      for (const file of readdirSync(join(root, dataset, folder)).filter((name) => stem && name.startsWith(stem)))
        cpSync(join(root, dataset, folder, file), join(root, dataset, folder, file.replace(stem ?? "", copy)));
});

describe.each(sets)("%s", (dataset, split, protocol) => {
  let whole: Results;
  beforeAll(async () => {
    whole = readResults([await evaluated(run(dataset, split), `${dataset}.jsonl`)]);
  });

  test("the figures of shards are those of one run, to the last bit", async () => {
    const shards = await Promise.all(
      [2, 0, 1].map((index) => evaluated(run(dataset, split, { index, count: 3 }), `${dataset}-${index}.jsonl`)),
    );
    const merged = readResults(shards);
    expect(merged.rows).toEqual(whole.rows);
    expect(merged.missing).toEqual(whole.missing);
    const report = protocols[protocol](poseImages(merged.rows), { curves: true });
    expect(JSON.stringify(report)).toBe(JSON.stringify(protocols[protocol](poseImages(whole.rows), { curves: true })));
    expect(report.tables[0].rows[0].values.every(Number.isFinite)).toBe(true);
  });

  test("a run that was stopped goes on without looking again at what it has", async () => {
    const path = join(root, `${dataset}-broken.jsonl`);
    const header = { kind: posesKind, settings: { dataset }, shard: wholeShard };
    const stopped = new Error("stopped");
    const asked: string[] = [];
    const once = async (stopAfter: number): Promise<void> => {
      const writer = writeResults(path, header, { resume: true });
      const known = new Set(writer.before.map(({ at }) => at));
      let left = stopAfter;
      const predict: ObjectPredictor["predict"] = async (sample, seed) => {
        if (left-- === 0) throw stopped;
        asked.push(sample.id);
        return predictor.predict(sample, seed);
      };
      await evaluateDataset({ predict }, { ...run(dataset, split), known }, { row: writer.write, miss: writer.miss });
      writer.end();
    };
    const objects = whole.rows.filter(({ row }) => "prediction" in row).length;
    await expect(once(objects - 1)).rejects.toBe(stopped);
    const before = asked.splice(0).length;
    await once(Infinity);
    expect(before + asked.length).toBeLessThan(2 * objects - 1);
    expect(readResults([path])).toEqual({ ...whole, fileOf: expect.any(Function) });
  });

  test("every object has its prediction, frames without files are named", () => {
    const images = poseImages(whole.rows);
    expect(images.length).toBeGreaterThan(1);
    for (const { truths, predictions } of images) expect(predictions).toHaveLength(truths.length);
    expect(whole.missing.length).toBeGreaterThan(0);
    for (const name of whole.missing) expect(name).toMatch(/\(no .*depth/);
  });
});

describe("bad input", () => {
  const listener = { row: () => {}, miss: () => {} };

  test.each([
    ["a split that is none", { split: "real_try" }, /NOCS REAL275 has no split "real_try"; use real_train, real_test/],
    ["a frame that is none", { frames: ["scene_9/0000"] }, /scene_9\/0000 is no frame of real_test/],
    ["an empty folder", { root: mkdtempSync(join(tmpdir(), "posediff-none-")) }, /has no frame of real_test/],
    ["no folder", { root: "/nowhere" }, /no such folder/],
    [
      "a detector's folder without results",
      { detections: tmpdir() },
      /results_test_scene_1_0001.pkl: there is no such file/,
    ],
  ])("%s is one sentence", async (_what, change, sentence) => {
    await expect(evaluateDataset(predictor, { ...run("real275", "real_test"), ...change }, listener)).rejects.toThrow(
      sentence,
    );
  });

  test("detections of data sets that have none", async () => {
    const asked = { ...run("rope", "rope"), detections: "." };
    await expect(evaluateDataset(predictor, asked, listener)).rejects.toThrow(/--detections are Mask R-CNN's/);
  });

  const row = truthRow({ object: "a", category: "mug", pose: truth, size });
  const changed = (change: object) => [{ at: 0, image: "im", row: { truth: { ...(row.truth as object), ...change } } }];

  test.each([
    ["a rotation that is none", { pose: [1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1] }, /im, pose: columns 0 and 1/],
    ["NaN", { pose: new Array(12).fill(null) }, /im, pose: expected 12 numbers/],
    ["no extent", { size: [0.1, 0, 0.1] }, /im, size: it is 0.1 × 0 × 0.1/],
    ["a symmetry that is none", { symmetry: "round" }, /im, symmetry: "round" is no symmetry/],
    ["no category", { category: 3 }, /im, category: expected a text/],
  ])("rows with %s", (_what, change, sentence) => {
    expect(() => poseImages(changed(change))).toThrow(sentence);
  });

  test("an object that is there twice, and categories of other protocols", () => {
    expect(() => poseImages([...changed({}), ...changed({})])).toThrow(/im: a is there twice/);
    const images = poseImages(changed({ category: "shoe" }));
    for (const name of ["nocs", "genpose"])
      expect(() => protocols[name](images)).toThrow(
        new RegExp(`^im: the protocol ${name} does not know the category shoe .it has bottle.*give --protocol`),
      );
    expect(() => protocols.nocs(poseImages(changed({ category: "shoe" }), () => "a.jsonl"))).toThrow(/^a.jsonl, im: /);
    expect(() => protocols.omni6d(images)).toThrow(/no prediction was made/);
    expect(() => protocols.genpose(poseImages(changed({})))).toThrow(/an object of im has no pixelBox/);
    expect(() => protocols.genpose(poseImages(changed({ pixelBox: [9, 0, 0, 9] })))).toThrow(
      /an object of im: the box \[9, 0, 0, 9\] ends before it begins/,
    );
  });
});

describe("what a run passes over or makes up, it says", () => {
  test("a frame that is damaged is named, the others are judged", async () => {
    const place = join(root, "damaged");
    cpSync(join(root, "real275"), place, { recursive: true });
    writeFileSync(join(place, "real_test/scene_1/0002_depth.png"), "no png");
    const asked = { ...run("real275", "real_test"), root: place };
    const results = readResults([await evaluated(asked, "damaged.csv")]);
    expect(results.missing.join()).toMatch(/real_test\/scene_1\/0002 \(.*0002_depth.png: /);
    expect(results.rows.map(({ image }) => image)).not.toContain("real_test/scene_1/0002");
    expect(results.rows.length).toBeGreaterThan(0);
  });

  test("truths that were fitted, sizes that are none of the network's: the same notes from a run and its file", async () => {
    // only frame 0001 has a pickle in gts
    const asked = { ...run("real275", "real_test"), frames: ["scene_1/0001", "scene_1/0003"] };
    const path = join(root, "notes.jsonl");
    const settings = { sizes: "points" };
    const writer = writeResults(path, { kind: posesKind, settings, shard: wholeShard });
    const rows: ResultRow[] = [];
    const write = (row: ResultRow): void => {
      rows.push(row);
      writer.write(row);
    };
    await evaluateDataset(predictor, asked, { row: write, miss: writer.miss });
    writer.end();
    const report = poseReport({ rows, settings }, "nocs");
    expect(poseReport(readResults([path]), "nocs")).toEqual(report);
    expect(report.notes.join("\n")).toMatch(/1 of 2 images have no ground truth in gts\/.*\n.*tells no sizes/);
  });

  test("a network's NaN counts as a wrong prediction, also from a file", () => {
    const object = { object: "a", category: "mug", pose: truth, size };
    const none = { ...truth, translation: [Number.NaN, 0, 1] as const };
    const rows = [
      truthRow(object),
      predictionRow({ ...object, score: 0.5, pose: none }),
      predictionRow({ ...object, score: 0.4 }),
    ].map((row) => ({ at: 0, image: "im", row }));
    const report = poseReport({ rows, settings: {} }, "nocs");
    expect(report.tables[0].rows.map(({ values }) => values[3])).toEqual([100, 50, 100, 50]);
    expect(report.notes.join()).toMatch(/1 of 2; .*first: im, pose: /);
    const path = join(root, "nan.csv");
    const writer = writeResults(path, { kind: posesKind, settings: {}, shard: wholeShard });
    rows.forEach(writer.write);
    writer.end();
    expect(poseReport(readResults([path]), "nocs")).toEqual(report);
    const omni = rows.slice(0, 2).map((row) => structuredClone(row));
    (omni[0].row.truth as { symmetry?: string }).symmetry = "none";
    expect(() => poseReport({ rows: omni, settings: {} }, "omni6d")).toThrow(/of all 1 predictions none is a pose/);
  });
});

describe("protocols", () => {
  test("the truth itself has all figures, a false alarm lowers only those that see it", () => {
    const object = { object: "a", category: "mug", pose: truth, size, pixelBox: [0, 0, 9, 9] as const };
    const images = [{ image: "im", truths: [object], predictions: [{ ...object, score: 0.5 }] }];
    for (const name of ["nocs", "genpose"])
      for (const { values } of protocols[name](images).tables[0].rows)
        expect(values.every((x) => x === 100)).toBe(true);
    const far = {
      ...object,
      score: 0.9,
      pose: { ...truth, translation: [1, 1, 3] as const },
      pixelBox: [99, 99, 120, 120] as const,
    };
    const [matched, all] = protocols.nocs([{ ...images[0], predictions: [far, ...images[0].predictions] }]).tables[0]
      .rows;
    expect(matched.values[3]).toBe(100);
    expect(all.values[3]).toBe(50);
  });
});
