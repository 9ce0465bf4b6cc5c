import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBop } from "../../../src/datasets/bop";
import { readBopTargets } from "../../../src/datasets/bopTargets";
import { encodePng } from "../../../src/formats/png";
import type { Camera } from "../../../src/geometry/camera";
import type { Pose } from "../../../src/geometry/pose";
import { rasterize } from "../../../src/geometry/rasterize";
import { rotationFromAxisAngle } from "../../../src/geometry/rotation";
import { type BopEstimate, readBopCsv } from "../../../src/papers/benchmarks/bopCsv";
import { bopErrors } from "../../../src/papers/benchmarks/bopErrors";
import { bopKind, bopReport, bopRow } from "../../../src/papers/benchmarks/bopResults";
import { readResults, writeResults } from "../../../src/papers/benchmarks/resultFile";
import { type Shard, wholeShard } from "../../../src/papers/benchmarks/shard";

const root = mkdtempSync(join(tmpdir(), "posediff-bop-"));
afterAll(() => rmSync(root, { recursive: true }));
const put = (name: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
};

const camera: Camera = { fx: 150, fy: 150, cx: 80, cy: 60, width: 160, height: 120 };
const corners = [[-30, -20, -40], [30, -20, -40], [0, 40, -40], [0, 0, 50]]; // biome-ignore format: points
const triangles = [[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]]; // biome-ignore format: triangles
const poses: Pose[] = [0, 1, 2].map((i) => ({
  rotation: rotationFromAxisAngle([0.3 + i, 0.2, -0.4 * i]),
  translation: [0.02 * i, -0.01, 0.4 + 0.05 * i],
}));
const mm = ({ translation }: Pose): number[] => translation.map((x) => 1000 * x);

/** Three images of object 7 and of object 8, which lies to the left, with depth. */
beforeAll(async () => {
  const ply = `ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\nelement face 4\nproperty list uchar int vertex_indices\nend_header\n${corners.map((c) => c.join(" ")).join("\n")}\n${triangles.map((t) => `3 ${t.join(" ")}`).join("\n")}\n`;
  for (const id of [7, 8]) put(`models_eval/obj_00000${id}.ply`, ply);
  const model = { diameter: 110, min_x: -30, min_y: -20, min_z: -40, size_x: 60, size_y: 60, size_z: 90 };
  put("models_eval/models_info.json", JSON.stringify({ 7: model, 8: model }));
  const [cameras, truths, infos, targets]: [
    Record<string, unknown>,
    Record<string, unknown>,
    Record<string, unknown>,
    unknown[],
  ] = [{}, {}, {}, []];
  const mesh = {
    vertices: Float64Array.from(corners.flat(), (x) => x / 1000),
    triangles: Uint32Array.from(triangles.flat()),
  };
  const seen = {
    bbox_obj: [0, 0, 9, 9],
    bbox_visib: [0, 0, 9, 9],
    px_count_all: 9,
    px_count_valid: 9,
    px_count_visib: 9,
    visib_fract: 1,
  };
  for (const [i, pose] of poses.entries()) {
    const left: Pose = { ...pose, translation: [-0.12, 0.02, 0.5] };
    cameras[i] = { cam_K: [150, 0, 80, 0, 150, 60, 0, 0, 1], depth_scale: 0.1 };
    truths[i] = [pose, left].map((p, k) => ({ obj_id: 7 + k, cam_R_m2c: p.rotation, cam_t_m2c: mm(p) }));
    infos[i] = [seen, { ...seen, visib_fract: 0.05 }];
    targets.push({ scene_id: 1, im_id: i, obj_id: 7, inst_count: 1 });
    const { depth } = rasterize(
      [
        { mesh, pose },
        { mesh, pose: left },
      ],
      camera,
    );
    const data = Uint16Array.from(depth, (z) => Math.round(10000 * z));
    put(`test/000001/depth/00000${i}.png`, await encodePng({ width: 160, height: 120, channels: 1, data }));
  }
  put("test/000001/scene_camera.json", JSON.stringify(cameras));
  put("test/000001/scene_gt.json", JSON.stringify(truths));
  put("test/000001/scene_gt_info.json", JSON.stringify(infos));
  put("test_targets_bop19.json", JSON.stringify(targets));
});

const line = (image: number, pose: Pose, object = 7, score = 0.5): string =>
  `1,${image},${object},${score},${pose.rotation.join(" ")},${mm(pose).join(" ")},-1`;
const moved = (pose: Pose, z: number): Pose => ({
  ...pose,
  translation: [pose.translation[0], pose.translation[1], pose.translation[2] + z],
});

function csv(...lines: string[]): BopEstimate[] {
  put("results.csv", `scene_id,im_id,obj_id,score,R,t,time\n${lines.join("\n")}\n`);
  return readBopCsv(join(root, "results.csv"));
}

async function results(estimates: BopEstimate[], name: string, shard: Shard = wholeShard): Promise<string> {
  const path = join(root, name);
  const writer = writeResults(path, { kind: bopKind, settings: {}, shard });
  const dataset = openBop(root, { models: "models_eval" });
  for await (const { at, image, objects } of bopErrors(dataset, readBopTargets(root), estimates, {
    shard,
    vsdDelta: 0.015,
  }))
    for (const group of objects) writer.write({ at, image, row: bopRow(group) });
  writer.end();
  return path;
}

describe("evaluate bop", () => {
  test("true poses have all scores, in VSD too", async () => {
    const path = await results(csv(...poses.map((pose, i) => line(i, pose))), "true.jsonl");
    const [localization, detection] = bopReport(readResults([path])).tables;
    expect(localization.rows[0]).toEqual({ name: "all targets", values: [100, 100, 100, 100, 100, 3] });
    expect(localization.rows.map(({ name }) => name)).toEqual(["all targets", "object 7"]);
    // object 8 is hardly seen: it does not count
    for (const { values } of detection.rows) expect(values).toEqual([100, 100, 100]);
  });

  test("images that are known need no look, and the others keep their places", async () => {
    const estimates = csv(...poses.map((pose, i) => line(i, pose)));
    const options = { shard: wholeShard, known: new Set([0, 1]) };
    const looked: number[] = [];
    for await (const { at } of bopErrors(
      openBop(root, { models: "models_eval" }),
      readBopTargets(root),
      estimates,
      options,
    ))
      looked.push(at);
    expect(looked).toEqual([2]);
  });

  test("a pose 3 cm too far: the thresholds that it undercuts, and shards that merge to the same", async () => {
    const estimates = csv(
      ...poses.map((pose, i) => line(i, moved(pose, i === 1 ? 0.03 : 0))),
      line(0, poses[2], 8, 0.9),
      line(2, moved(poses[2], 1), 7, 0.1),
    );
    const whole = await results(estimates, "whole.jsonl");
    const shards = await Promise.all([1, 0].map((index) => results(estimates, `${index}.jsonl`, { index, count: 2 })));
    const report = bopReport(readResults([whole]));
    expect(bopReport(readResults(shards))).toEqual(report);
    const inCsv = await results(estimates, "whole.csv");
    expect(readResults([inCsv]).rows).toEqual(readResults([whole]).rows);
    expect(bopReport(readResults([inCsv]))).toEqual(report);
    // What the run knew of models and csv goes with the settings, so that merged results tell it, too.
    const { settings, ...rest } = readResults([whole]);
    const told = bopReport({
      ...rest,
      settings: { ...settings, decimated: false, strangers: 4, targets: "t.json" },
    });
    expect(told.notes.join()).toContain("models_eval is not there");
    expect(told.notes.join()).toContain("4 estimates lie in images that t.json does not ask for");
    const [, vsd, mssd, , fixed] = report.tables[0].rows[0].values;
    // 30 mm of a diameter of 110 mm are below 0.3, 0.35, … 0.5: five of ten thresholds in one of three images
    expect(mssd).toBeCloseTo((100 * 2.5) / 3, 10);
    expect(fixed).toBeCloseTo(200 / 3, 10);
    expect(vsd).toBeGreaterThan(200 / 3);
    expect(vsd).toBeLessThan(100);
    // the sure estimate of object 8 is wrong, but only hidden instances of it are there
    expect(report.notes[0]).toMatch(/^5 estimates in 3 images; 0 objects/);
  });

  test("BOP'24 looks at the 100 surest estimates of an image, BOP'19 at all", async () => {
    const truths = poses.map((pose, i) => line(i, pose));
    const alarms = Array.from({ length: 300 }, (_, i) => line(0, moved(poses[1], 1 + i / 1000), 8, 0.9));
    const path = await results(csv(...alarms, ...truths), "many.jsonl");
    const { notes, tables } = bopReport(readResults([path]));
    expect(tables[0].rows[0].values).toEqual([100, 100, 100, 100, 100, 3]);
    // the true pose in image 0 is the 301st of it: recall 2/3, with COCO's 101 recalls
    for (const { values } of tables[1].rows) expect(values[0]).toBeCloseTo((100 * 67) / 101, 10);
    expect(notes[0]).toMatch(/^303 estimates in 3 images; 0 objects that the targets ask for have none/);
    expect(notes[1]).toMatch(/^201 estimates are not among the 100 surest of their image: mAP leaves them out/);
    // no more errors are computed than a score looks at
    expect(readResults([path]).rows.map(({ row }) => (row.estimates as unknown[]).length)).toEqual([
      1, 100, 1, 0, 1, 0,
    ]);
  });

  test("without scene_gt_info.json nothing is evaluated", async () => {
    const info = join(root, "test/000001/scene_gt_info.json");
    renameSync(info, `${info}.away`);
    const error = await results(csv(line(0, poses[0])), "x.jsonl").catch(({ message }: Error) => message);
    renameSync(`${info}.away`, info);
    expect(error).toMatch(/test\/000001\/000000#0 has no visib_fract; evaluate bop needs scene_gt_info\.json/);
  });

  test("an object without a model is named by its line", async () => {
    await expect(results(csv(line(0, poses[0]), line(1, poses[1], 9)), "x.jsonl")).rejects.toThrow(
      /the results, line 3: object 9 is not in models_info.json, which has 7, 8/,
    );
  });
});

describe("readBopCsv", () => {
  test("metres of millimetres, with and without a heading", () => {
    expect(csv(line(0, poses[1]))[0].pose.translation[2]).toBeCloseTo(poses[1].translation[2], 15);
    put("bare.csv", `${line(0, poses[1])}\r\n\r\n`);
    expect(readBopCsv(join(root, "bare.csv"))).toHaveLength(1);
  });

  test("a line that is there twice is two estimates, as in bop_toolkit", () => {
    expect(csv(line(0, poses[0]), line(0, poses[0]))).toHaveLength(2);
  });

  test.each([
    ["too few columns", "1,0,7,0.5,1 0 0 0 1 0 0 0 1,0 0 1", /line 2: 6 columns, expected 7/],
    ["too few numbers", "1,0,7,0.5,1 0 0 0 1 0 0 0,0 0 1,-1", /line 2, R: expected 9 numbers between blanks/],
    ["a score that is none", "1,0,7,nan,1 0 0 0 1 0 0 0 1,0 0 1,-1", /line 2, score: expected a number, got "nan"/],
    ["an infinite translation", "1,0,7,1,1 0 0 0 1 0 0 0 1,0 0 Infinity,-1", /line 2, t: expected 3 numbers/],
    ["a reflection", "1,0,7,1,1 0 0 0 1 0 0 0 -1,0 0 1,-1", /line 2, R: the matrix is a reflection/],
    ["a scaled rotation", "1,0,7,1,2 0 0 0 2 0 0 0 2,0 0 1,-1", /line 2, R: columns 0 and 0 of the rotation/],
    ["an id that is none", "1,0,-7,1,1 0 0 0 1 0 0 0 1,0 0 1,-1", /line 2, obj_id: -7 is no whole number/],
    ["nothing", "", /it holds no estimate/],
  ])("%s is one sentence", (_what, text, sentence) => {
    expect(() => csv(text)).toThrow(sentence);
  });
});
