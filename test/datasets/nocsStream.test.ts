import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskRcnnSamples, readMaskRcnn } from "../../src/datasets/maskRcnn";
import { type NocsSplit, readNocsFrame } from "../../src/datasets/nocs";
import { nocsStream } from "../../src/datasets/nocsStream";
import { writtenPickle } from "./written/pickle";
import { put, truth, writeNocs } from "./written/sets";

const root = mkdtempSync(join(tmpdir(), "posediff-nocs-stream-"));
afterAll(() => rmSync(root, { recursive: true }));
beforeAll(() => writeNocs(root));

async function all(split: NocsSplit): Promise<{ ids: string[]; missing: string[]; handles: (boolean | undefined)[] }> {
  const [ids, missing, handles]: [string[], string[], (boolean | undefined)[]] = [[], [], []];
  const onMissing = (id: string, kinds: readonly string[]): number => missing.push(`${id}: ${kinds}`);
  for await (const sample of nocsStream(root, split, { onMissing })) {
    ids.push(sample.id);
    handles.push(sample.handleVisible);
    sample.pose.translation.forEach((x, axis) => {
      expect(x).toBeCloseTo(truth.translation[axis], 6);
    });
  }
  return { ids, missing, handles };
}

describe("nocsStream", () => {
  it("reads real_test with poses and handle visibility of the pickles, and names gaps in the numbers", async () => {
    expect(await all("real_test")).toEqual({
      ids: ["real_test/scene_1/0001#1"],
      missing: ["real_test/scene_1/0000: depth,mask,meta"],
      handles: [false],
    });
  });

  it("reads the layout of object-deformnet, with ten frames to a folder", async () => {
    const { ids, missing } = await all("val");
    expect(ids).toEqual(["val/00003/0000#1"]);
    expect(missing).toHaveLength(9);
    expect(missing[8]).toBe("CAMERA/val/00003/0009: depth,mask,meta");
  });

  it("finds nothing where nothing is", async () => {
    expect((await all("real_train")).ids).toEqual([]);
  });
});

describe("readMaskRcnn", () => {
  const image = { width: 640, height: 480 };
  const masks = Uint8Array.from({ length: 640 * 480 * 2 }, (_, i) => Number(i % 2 === 0 && i > 20_000 && i < 24_000));
  const good = {
    class_ids: { dtype: "i4" as const, shape: [2], values: [6, 1] },
    scores: { dtype: "f8" as const, shape: [2], values: [0.99, 0.7] },
    rois: { dtype: "i4" as const, shape: [2, 4], values: [1, 2, 30, 40, 5, 6, 7, 8] },
    masks: { dtype: "b1" as const, shape: [480, 640, 2], values: masks },
  };
  const path = join(root, "results.pkl");

  it("gives class, score, box and mask, and samples of what has depth", async () => {
    put(root, "results.pkl", writtenPickle(good));
    const detections = readMaskRcnn(path, image);
    expect(detections.map(({ classId, score, box }) => ({ classId, score, box }))).toEqual([
      { classId: 6, score: 0.99, box: { x1: 2, y1: 1, x2: 40, y2: 30 } },
      { classId: 1, score: 0.7, box: { x1: 6, y1: 5, x2: 8, y2: 7 } },
    ]);
    expect(detections[0].mask.filter(Boolean).length).toBe(1999);
    const samples = maskRcnnSamples(await readNocsFrame(root, "real_test", "scene_1/0001"), detections);
    expect(samples.map(({ id, category, score }) => [id, category, score])).toEqual([
      ["real_test/scene_1/0001@0", "mug", 0.99],
    ]);
    expect(samples[0].pose).toBeUndefined();
  });

  it.each<[string, object, RegExp]>([
    [
      "masks of another size",
      { masks: { ...good.masks, shape: [640, 480, 2] } },
      /expected masks of 480 × 640 × 2, got 640 × 480 × 2/,
    ],
    ["fewer scores", { scores: { dtype: "f8", shape: [1], values: [1] } }, /2 classes, but 1 scores/],
    ["a class that is none", { class_ids: [6, 9] }, /class 9 is not one of 1 … 6/],
    ["no boxes", { rois: "x" }, /expected an array rois of N × 4, got string/],
  ])("refuses %s", (_, change, sentence) => {
    put(root, "results.pkl", writtenPickle({ ...good, ...change }));
    expect(() => readMaskRcnn(path, image)).toThrow(sentence);
  });
});
