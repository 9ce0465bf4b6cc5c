import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import { openBop, readBopFrame } from "../../src/datasets/bop";
import { renderBop } from "../../src/datasets/bopRender";
import { bopSamples } from "../../src/datasets/bopSamples";
import { readBopTargets } from "../../src/datasets/bopTargets";
import { boxOfMask } from "../../src/datasets/crop";
import type { PosedSample } from "../../src/datasets/sample";
import { sharedData } from "../../src/datasets/sharedData";
import { extentsOf } from "../../src/geometry/mesh";
import { camera, height, scene, truth, visibility, width, writeBop } from "./written/bop";
import { put } from "./written/sets";

const root = mkdtempSync(join(tmpdir(), "posediff-bop-"));
afterAll(() => rmSync(root, { recursive: true }));
const write = (name: string, content: string | Uint8Array): void => put(root, name, content);

const collect = async (samples: AsyncGenerator<PosedSample<string>>): Promise<PosedSample<string>[]> => {
  const all: PosedSample<string>[] = [];
  for await (const sample of samples) all.push(sample);
  return all;
};

beforeAll(() => writeBop(root));

function expectClose(got: readonly number[] | undefined, expected: readonly number[]): void {
  expect(got?.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(got?.[i]).toBeCloseTo(value, 12);
}

describe("a small set in BOP's format", () => {
  const open = () => openBop(root, { split: "test_primesense" });

  it("reads models in metres, with their symmetries", () => {
    const { models, mesh, sceneIds } = open();
    expect(sceneIds).toEqual([7]);
    expect(models.get(3)?.diameter).toBeCloseTo(0.1077, 12);
    expect(models.get(3)?.size).toEqual([0.04, 0.06, 0.08]);
    expectClose(models.get(3)?.boxCenter, [0.005, 0, 0]);
    expect(models.get(3)?.symmetries.discrete[0].translation).toEqual([0.01, 0, 0]);
    expect(models.get(19)?.symmetries.continuous).toEqual([{ axis: [0, 0, 1], offset: [0.005, 0, 0] }]);
    expectClose(extentsOf(mesh(19)), [0.04, 0.06, 0.08]);
  });

  it("reads a model's file once, with or without its texture", async () => {
    const { mesh, texturedMesh } = open();
    expect((await texturedMesh(19)).vertices).toBe(mesh(19).vertices);
  });

  it("streams the samples of the targets with depth in metres and their own masks", async () => {
    const [sample, ...more] = await collect(bopSamples(open(), { targets: readBopTargets(root) }));
    expect(more).toEqual([]);
    expect(sample).toMatchObject({
      id: "test_primesense/000007/000010#0",
      category: "obj_000003",
      objectId: 3,
      visibleShare: 0.5,
      camera: { fx: 80, width, height },
    });
    expect(sample.pose.translation).toEqual([-0.04, 0, 0.4]);
    expect(sample.depth[0]).toBeCloseTo(0.5, 6);
    expect(sample.mask.reduce((a, b) => a + b)).toBe(60);
    expect(sample.mask[100]).toBe(1);
    expect(sample.rgb?.[5]).toBe(5);
    expect(sample.rendered).toBeUndefined();
  });

  it("leaves out what is hidden, and names images without files", async () => {
    expect((await collect(bopSamples(open(), { leastVisible: 0.1 }))).map(({ id }) => id)).toEqual([
      "test_primesense/000007/000010#0",
    ]);
    await expect(collect(bopSamples(open()))).rejects.toThrow(/000007\/000002 has neither an rgb/);
    const missing: string[] = [];
    const samples = await collect(bopSamples(open(), { onMissing: (id) => missing.push(id) }));
    expect(samples.length).toBe(2);
    expect(missing).toEqual(["test_primesense/000007/000002"]);
  });

  it("renders what has no file only when told to", async () => {
    const folder = join(root, "test_primesense/000007/mask_visib");
    const kept = readFileSync(join(folder, "000010_000001.png"));
    rmSync(join(folder, "000010_000001.png"));
    const only = { objectIds: [19], onMissing: () => {} };
    await expect(collect(bopSamples(open(), only))).rejects.toThrow(/000010#1 has no mask_visib file; download it/);
    const [sample] = await collect(bopSamples(open(), { ...only, render: true }));
    expect(sample.rendered).toEqual(["mask"]);
    const box = boxOfMask(sample.mask, sample.camera); // x: 65 ± 20 mm, front face at 460 mm
    expect(box.x1).toBe(Math.ceil(31.5 + (80 * 45) / 540));
    expect(box.x2).toBe(Math.floor(31.5 + (80 * 85) / 460) + 1);
    write(`${scene}/mask_visib/000010_000001.png`, kept);
  });

  it.each<[string, string, unknown, RegExp]>([
    ["a rotation that is none", "scene_gt.json", { 2: [truth[1]], 10: [{ ...truth[0], cam_R_m2c: [1, 1, 0, 0, 1, 0, 0, 0, 1] }, truth[1]] }, /scene_gt\.json, image 10, object 0, cam_R_m2c: columns/], // biome-ignore format: a table
    [
      "an entry that is missing",
      "scene_gt.json",
      { 2: [truth[1]], 10: [{ obj_id: 3 }, truth[1]] },
      /cam_R_m2c: expected 9 numbers, got nothing/,
    ],
    ["an image without camera", "scene_gt.json", { 11: truth }, /image 11 is not in scene_camera\.json/],
    ["a list of another length", "scene_gt_info.json", { 10: [visibility(1)] }, /scene_gt_info\.json: image 10 has 1 objects, scene_gt\.json 2/], // biome-ignore format: a table
    [
      "a camera that is none",
      "scene_camera.json",
      { 2: camera, 10: { cam_K: [1, 2, 3] } },
      /cam_K: expected 9 numbers/,
    ],
    ["a number that is none", "scene_camera.json", { 2: camera, 10: camera, "../x": camera }, /no number of an image/],
    ["another value", "scene_camera.json", [1, 2], /holds no JSON object/],
  ])("refuses %s in one sentence", async (_, file, content, sentence) => {
    const path = `${scene}/${file}`;
    const kept = readFileSync(join(root, path));
    write(path, JSON.stringify(content));
    const error: unknown = await collect(bopSamples(open())).catch((thrown: unknown) => thrown);
    write(path, kept);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(sentence);
  });

  it("follows no link out of the root", async () => {
    const path = join(root, scene, "rgb/000002.png");
    symlinkSync("/etc/hostname", path);
    await expect(collect(bopSamples(open()))).rejects.toThrow(/this link leads outside/);
    rmSync(path);
  });

  it("says what a folder lacks", () => {
    expect(() => openBop(join(root, "nowhere"))).toThrow(/there is no such folder; give the folder of a BOP data set/);
    expect(() => openBop(root)).toThrow(/test: there is no such folder; .* holds .*test_primesense/);
    expect(() => readBopTargets(root, "test_targets_bop24.json")).toThrow(/there is no such file/);
  });
});

const lmo = sharedData("lmo");
describe.skipIf(lmo === undefined)("LM-O (skipped where the real data is absent)", () => {
  it("has poses that put the models where scene_gt_info says", async () => {
    const dataset = openBop(lmo as string);
    const targets = readBopTargets(dataset.root);
    expect(targets.length).toBe(1445);
    const image = dataset.scene(2).get(3);
    if (!image) throw new Error("image 3");
    expect(existsSync(join(dataset.root, "test/000002/rgb/000003.png"))).toBe(true);
    const { camera } = await readBopFrame(dataset, image);
    const rendering = renderBop(dataset, image, camera);
    for (const instance of image.instances.filter(({ visibleShare = 0 }) => visibleShare > 0.9)) {
      const box = boxOfMask(rendering.mask(instance), camera);
      for (const side of ["x1", "y1", "x2", "y2"] as const)
        expect(Math.abs(box[side] - (instance.visibleBox?.[side] ?? Number.NaN))).toBeLessThanOrEqual(3);
    }
  }, 60_000);
});
