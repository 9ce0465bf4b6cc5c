import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import { type NocsFrame, readNocsFrame } from "../../src/datasets/nocs";
import { readNocsLabels } from "../../src/datasets/nocsLabels";
import { nocsSamples } from "../../src/datasets/nocsSamples";
import { readObj } from "../../src/formats/obj";
import { encodePng, type PngImage } from "../../src/formats/png";
import { backProject, camera25Camera, real275Camera } from "../../src/geometry/camera";
import { extentsOf } from "../../src/geometry/mesh";
import type { Pose } from "../../src/geometry/pose";
import { invert, transformPoint } from "../../src/geometry/pose";
import { rotationFromAxisAngle } from "../../src/geometry/rotation";
import { geodesicDistance } from "../../src/geometry/so3";
import { column, norm, subtract, type Vector3 } from "../../src/geometry/vector";

const [width, height] = [640, 480];
const pixels = width * height;
const root = mkdtempSync(join(tmpdir(), "posediff-nocs-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A mug of 0.2 m diagonal, the surface a wave in space: any surface inside the box has its true coordinates. */
const size: Vector3 = [0.13, 0.1, 0.1];
const truth: Pose = { rotation: rotationFromAxisAngle([0.4, -0.7, 2.8]), translation: [0.05, -0.03, 0.8] };

async function write(name: string, image: Omit<PngImage, "width" | "height">): Promise<void> {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await encodePng({ width, height, ...image }));
}

/** Writes a frame of instance 3 (mug), a distractor 4 and an object of 10 pixels 5. */
async function writeFrame(base: string, style: "real" | "camera"): Promise<void> {
  const camera = style === "real" ? real275Camera : camera25Camera;
  const diagonal = norm(size);
  const depthMm = new Uint16Array(pixels).fill(style === "real" ? 0 : 32001);
  const mask = new Uint8Array(pixels).fill(255);
  const coord = new Uint8Array(3 * pixels).fill(255);
  const inverse = invert(truth);
  for (let i = 0; i < pixels; i++) {
    const [u, v] = [i % width, Math.floor(i / width)];
    const mm = Math.round(790 + 30 * Math.sin(u / 9) * Math.cos(v / 11));
    const point = backProject(camera, u, v, mm / 1000);
    const local = transformPoint(inverse, point);
    if (!local.every((x, axis) => Math.abs(x) < size[axis] / 2)) continue;
    depthMm[i] = mm;
    mask[i] = 3;
    const [x, y, z] = local.map((value) => value / diagonal + 0.5);
    coord.set([255 * x, 255 * y, 255 * (1 - z)].map(Math.round), 3 * i);
  }
  for (let i = 0; i < 300; i++) [mask[i], depthMm[i]] = [i < 10 ? 5 : 4, 900];
  const rgba = (of: (i: number) => number[]): Uint8Array =>
    Uint8Array.from(Array.from({ length: pixels }, (_, i) => [...of(i), 255]).flat());
  if (style === "real") {
    await write(`${base}_depth.png`, { channels: 1, data: depthMm });
    await write(`${base}_mask.png`, { channels: 1, data: mask });
    await write(`${base}_coord.png`, { channels: 3, data: coord });
  } else {
    await write(`${base}_depth.png`, { channels: 4, data: rgba((i) => [depthMm[i] & 255, depthMm[i] >> 8, 77]) });
    await write(`${base}_mask.png`, { channels: 4, data: rgba((i) => [mask[i], 1, 2]) });
    await write(`${base}_coord.png`, { channels: 4, data: rgba((i) => [...coord.subarray(3 * i, 3 * i + 3)]) });
  }
  const synset = style === "real" ? "" : "03797390 ";
  writeFileSync(
    join(root, `${base}_meta.txt`),
    `3 6 ${synset}mug_norm\n4 0 ${synset}thing\n5 1 ${synset}far_norm\n9 2 ${synset}unseen_norm\n`,
  );
}

beforeAll(async () => {
  await writeFrame("real_train/scene_1/0007", "real");
  await writeFrame("train/00002/0001", "camera");
  mkdirSync(join(root, "obj_models/real_train"), { recursive: true });
  writeFileSync(join(root, "obj_models/real_train/mug_norm.txt"), `${size.join("\n")}\n`);
});

describe("readNocsFrame and nocsSamples", () => {
  it.each([
    ["real_train", "scene_1/0007", real275Camera],
    ["train", "00002/0001", camera25Camera],
  ] as const)("finds the pose in a written %s frame", async (split, frameId, camera) => {
    const frame = await readNocsFrame(root, split, frameId);
    expect(frame.camera).toEqual(camera);
    expect(frame.instances.map(({ id, category }) => [id, category])).toEqual([
      [3, "mug"],
      [4, undefined],
      [5, "bottle"],
      [9, "bowl"],
    ]);
    const samples = nocsSamples(frame);
    // the distractor, the object of ten pixels and the one out of sight are left out
    expect(samples.map((sample) => sample.id)).toEqual([`${split}/${frameId}#3`]);
    const [mug] = samples;
    const pose = mug.pose as Pose;
    expect(geodesicDistance(pose.rotation, truth.rotation)).toBeLessThan(0.01);
    expect(norm(subtract(pose.translation, truth.translation))).toBeLessThan(0.001);
    expect(mug.depth[0]).toBeCloseTo(0.9, 6);
    const seen = [...mug.mask].filter(Boolean).length;
    expect(seen).toBeGreaterThan(1000);
    expect(mug.nocs?.subarray(0, 3)).toEqual(new Float32Array(3));
  });

  it("takes the size of the scan, and the handle's visibility from the coordinates where the size is known", async () => {
    const [mug] = nocsSamples(await readNocsFrame(root, "real_train", "scene_1/0007"));
    expect(mug.size).toEqual(size);
    expect(mug.handleVisible).toBe(true);
    const frame = await readNocsFrame(root, "real_train", "scene_1/0007");
    const withoutHandle: NocsFrame = {
      ...frame,
      mask: frame.mask.map((id, i) => (id === 3 && (frame.nocs?.[3 * i] ?? 0) > 0.6 ? 255 : id)),
    };
    expect(nocsSamples(withoutHandle)[0].handleVisible).toBe(false);
    const [unscanned] = nocsSamples(await readNocsFrame(root, "train", "00002/0001"));
    expect(unscanned.handleVisible).toBeUndefined();
    expect(norm(unscanned.size as Vector3)).toBeLessThanOrEqual(1.02 * norm(size));
  });

  it("prefers the composed depth of CAMERA25 where it is there", async () => {
    const data = new Uint16Array(pixels).fill(1234);
    await write("camera_full_depths/train/00002/0001_composed.png", { channels: 1, data });
    expect((await readNocsFrame(root, "train", "00002/0001")).depth[pixels - 1]).toBeCloseTo(1.234, 6);
    rmSync(join(root, "camera_full_depths"), { recursive: true });
    expect((await readNocsFrame(root, "train", "00002/0001")).depth[pixels - 1]).toBe(0);
  });

  it("says which file is missing, of another size, or not what it should be", async () => {
    await expect(readNocsFrame(root, "val", "00000/0000")).rejects.toThrow("0000_depth.png: there is no such file");
    const base = "real_train/scene_9/0001";
    mkdirSync(join(root, "real_train/scene_9"));
    const small = await encodePng({ width: 4, height: 4, channels: 1, data: new Uint16Array(16) });
    writeFileSync(join(root, `${base}_depth.png`), small);
    await expect(readNocsFrame(root, "real_train", "scene_9/0001")).rejects.toThrow("real_train has 640 × 480");
    await write(`${base}_depth.png`, { channels: 1, data: new Uint8Array(pixels) });
    await expect(readNocsFrame(root, "real_train", "scene_9/0001")).rejects.toThrow("16-bit grey");
    await write(`${base}_depth.png`, { channels: 1, data: new Uint16Array(pixels) });
    await write(`${base}_mask.png`, { channels: 1, data: new Uint8Array(pixels) });
    writeFileSync(join(root, `${base}_meta.txt`), "1 7 what\n");
    await expect(readNocsFrame(root, "real_train", "scene_9/0001")).rejects.toThrow("class 7 is not known");
    writeFileSync(join(root, `${base}_meta.txt`), "mug\n");
    await expect(readNocsFrame(root, "real_train", "scene_9/0001")).rejects.toThrow('"id class name"');
  });
});

describe("readNocsLabels", () => {
  const fixtures = join(__dirname, "../fixtures/formats/pickles");

  it.each(["results_p3_numpy1.pkl", "results_p5.pkl", "results_py2_latin1.pkl"])("reads %s", (file) => {
    const labels = readNocsLabels(join(fixtures, file));
    expect(labels).toHaveLength(3);
    for (const label of labels) {
      expect(label.alignment.scale).toBeGreaterThan(0);
      expect(norm(column(label.alignment.rotation, 1))).toBeCloseTo(1, 4);
      expect(label.handleVisible).toBeTypeOf("boolean");
    }
  });

  it("refuses a pickle of something else", () => {
    expect(() => readNocsLabels(join(fixtures, "list_p4.pkl"))).toThrow(InputError);
    expect(() => readNocsLabels(join(fixtures, "models_p2.pkl"))).toThrow("gt_class_ids");
  });
});

const shared = join(process.env.POSEDIFF_DATA ?? join(__dirname, "../../../shared/data"), "nocs");
if (!existsSync(shared)) console.log(`NOCS frames are not at ${shared}: the tests on real frames are skipped`);

describe.skipIf(!existsSync(shared))("shared NOCS frames", () => {
  it("REAL275: the scale from coord and depth is the scan's diagonal to 2 %, and all objects stand upright", async () => {
    const frame = await readNocsFrame(shared, "real_train", "scene_1/0000");
    const samples = nocsSamples(frame);
    expect(samples.map((sample) => sample.category)).toEqual(["mug", "bowl", "bowl", "bottle", "can"]);
    const up = samples.map((sample) => column((sample.pose as Pose).rotation, 1));
    for (const axis of up) expect(norm(subtract(axis, up[0]))).toBeLessThan(0.06);
    expect(samples[0].handleVisible).toBe(true);
    for (const instance of frame.instances) {
      const mesh = readObj(join(shared, "obj_models/real_train", `${instance.name}.obj`));
      extentsOf(mesh).forEach((extent, axis) => {
        expect(Math.abs(extent - (instance.size as Vector3)[axis])).toBeLessThan(1e-4);
      });
    }
  });

  it("CAMERA25: coord + depth give the pose of the ground-truth pickle", async () => {
    const frame = await readNocsFrame(shared, "val", "00000/0000");
    const labelled = nocsSamples(frame);
    const aligned = nocsSamples(frame, { poses: "coordinates" });
    expect(labelled).toHaveLength(2);
    labelled.forEach((sample, i) => {
      const [mine, theirs] = [aligned[i].pose as Pose, sample.pose as Pose];
      expect(geodesicDistance(mine.rotation, theirs.rotation)).toBeLessThan(0.005);
      expect(norm(subtract(mine.translation, theirs.translation))).toBeLessThan(0.001);
      (sample.size as Vector3).forEach((extent, axis) => {
        expect(Math.abs((aligned[i].size as Vector3)[axis] / extent - 1)).toBeLessThan(0.02);
      });
    });
  });
});
