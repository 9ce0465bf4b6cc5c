import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { indexFrames } from "../../src/datasets/frameIndex";
import { houseCatLayout, houseCatSamples, houseCatStream, readHouseCatLabels } from "../../src/datasets/houseCat6d";
import { geodesicDistance } from "../../src/geometry/so3";
import { writtenPickle } from "./written/pickle";
import { put, size, truth, writeHouseCat } from "./written/sets";

const root = mkdtempSync(join(tmpdir(), "posediff-housecat-"));
afterAll(() => rmSync(root, { recursive: true }));
beforeAll(() => writeHouseCat(root));

describe("HouseCat6D", () => {
  it("gives the objects that the mask shows, in metres", async () => {
    const samples = await houseCatSamples(root, "scene01", "000000");
    expect(samples.map(({ id, category, symmetry }) => [id, category, symmetry])).toEqual([
      ["scene01/000000#2", "bottle", "y-cone"],
    ]);
    const [{ pose, size: extents, depth, mask, camera, rgb }] = samples;
    expect(geodesicDistance(pose.rotation, truth.rotation)).toBeLessThan(1e-9);
    expect(pose.translation).toEqual(truth.translation);
    expect(extents).toEqual(size);
    expect(depth[0]).toBeCloseTo(0.6, 6);
    expect(mask.filter(Boolean).length).toBeGreaterThan(100);
    expect(camera).toMatchObject({ fx: 140, cy: 53, width: 137, height: 106 });
    expect(rgb?.[250]).toBe(250);
  });

  it("names the frame that lacks its depth, or goes on where it is told to", async () => {
    const [{ frames }] = [...indexFrames(houseCatLayout("train"), root)];
    expect(frames).toEqual([
      { name: "000000", missing: [] },
      { name: "000001", missing: ["depth"] },
      { name: "000002", missing: [] },
    ]);
    const all = async (options: object): Promise<string[]> => {
      const ids: string[] = [];
      for await (const { id } of houseCatStream(root, "train", options)) ids.push(id);
      return ids;
    };
    await expect(all({})).rejects.toThrow(/frame scene01\/000001 lacks depth; copy the data set again/);
    const missing: string[] = [];
    const onMissing = (id: string, kinds: readonly string[]): number => missing.push(`${id}: ${kinds}`);
    expect(await all({ onMissing })).toEqual(["scene01/000000#2", "scene01/000002#2"]);
    expect(missing).toEqual(["scene01/000001: depth"]);
  });

  it("refuses labels and intrinsics that are none", async () => {
    put(root, "bad_label.pkl", writtenPickle({ class_ids: [11], instance_ids: [1] }));
    expect(() => readHouseCatLabels(join(root, "bad_label.pkl"))).toThrow(/expected an array bboxes of N × 4/);
    put(root, "bad_label.pkl", writtenPickle([1, 2]));
    expect(() => readHouseCatLabels(join(root, "bad_label.pkl"))).toThrow(/expected a dict of arrays/);
    const path = join(root, "scene01/intrinsics.txt");
    const kept = readFileSync(path);
    writeFileSync(path, "1 2 3");
    await expect(houseCatSamples(root, "scene01", "000000")).rejects.toThrow(
      /intrinsics.txt: expected a camera matrix/,
    );
    writeFileSync(path, kept);
  });
});
