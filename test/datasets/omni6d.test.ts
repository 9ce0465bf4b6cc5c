import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { indexFrames } from "../../src/datasets/frameIndex";
import { omni6dLayout, omni6dSamples, omni6dStream } from "../../src/datasets/omni6d";
import { omni6dSymmetry } from "../../src/datasets/omni6dMeta";
import { geodesicDistance } from "../../src/geometry/so3";
import { writtenExr } from "./written/exr";
import { omni6dCamera, put, size, truth, writeOmni6d } from "./written/sets";

const root = mkdtempSync(join(tmpdir(), "posediff-omni6d-"));
afterAll(() => rmSync(root, { recursive: true }));
beforeAll(() => writeOmni6d(root));

describe("Omni6DPose", () => {
  it.each(["ROPE/000001/000000", "SOPE/patch0/train/kitchen/000000/0000"])(
    "reads the valid objects of %s",
    async (prefix) => {
      const [sample, ...more] = await omni6dSamples(root, prefix);
      expect(more).toEqual([]);
      expect(sample).toMatchObject({ id: `${prefix}#3`, category: "teapot", symmetry: "y-flip", camera: omni6dCamera });
      expect(geodesicDistance(sample.pose.rotation, truth.rotation)).toBeLessThan(1e-7);
      expect(sample.pose.translation).toEqual(truth.translation);
      sample.size.forEach((extent, axis) => {
        expect(extent).toBeCloseTo(size[axis], 12); // scale 2 × dimensions
      });
      expect(sample.depth[0]).toBeCloseTo(0.6, 6);
      expect(sample.mask.filter(Boolean).length).toBeGreaterThan(100);
      expect((await omni6dSamples(root, prefix, { all: true })).map(({ category }) => category)).toEqual([
        "teapot",
        "bowl",
      ]);
    },
  );

  it("lists the frames of each split, and what they lack", () => {
    const list = (split: "rope" | "sope-train" | "sope-test"): unknown[] => [...indexFrames(omni6dLayout(split), root)];
    expect(list("sope-test")).toEqual([]);
    expect(list("sope-train")).toEqual([
      { folder: "SOPE/patch0/train/kitchen/000000", frames: [{ name: "0000", missing: [] }] },
    ]);
    expect(list("rope")).toEqual([
      {
        folder: "ROPE/000001",
        frames: [
          { name: "000000", missing: [] },
          { name: "000001", missing: ["depth", "mask", "meta"] },
        ],
      },
    ]);
  });

  it("streams, and names what it passes over", async () => {
    const missing: string[] = [];
    const ids: string[] = [];
    for await (const { id } of omni6dStream(root, "rope", { onMissing: (frame) => missing.push(frame) })) ids.push(id);
    expect(ids).toEqual(["ROPE/000001/000000#3"]);
    expect(missing).toEqual(["ROPE/000001/000001"]);
  });

  it.each([
    [{ any: true, x: "any", y: "any", z: "any" }, "any"],
    [{ any: false, x: "none", y: "none", z: "none" }, "none"],
    [{ any: false, x: "quarter", y: "quarter", z: "quarter" }, "cube"],
    [{ any: false, x: "half", y: "half", z: "half" }, "box"],
    [{ any: false, x: "half", y: "any", z: "half" }, "y-cylinder"],
    [{ any: false, x: "none", y: "none", z: "any" }, "z-cone"],
    [{ any: false, x: "half", y: "half", z: "quarter" }, "z-square-tube"],
    [{ any: false, x: "quarter", y: "none", z: "none" }, "x-square-pyramid"],
    [{ any: false, x: "none", y: "half", z: "none" }, "y-flip"],
    [{ any: false, x: "any", y: "quarter", z: "none" }, "any"],
  ])("calls the symmetry %o %s", (label, name) => {
    expect(omni6dSymmetry("test", label)).toBe(name);
  });

  it("says in one sentence what is wrong with a frame", async () => {
    const prefix = "ROPE/000001/000000";
    const meta = JSON.parse(readFileSync(join(root, `${prefix}_meta.json`), "utf8")) as {
      objects: Record<string, object>;
    };
    const kept = JSON.stringify(meta);
    const withObject = (key: string, change: object): string =>
      JSON.stringify({ ...meta, objects: { [key]: { ...meta.objects["3_real-teapot-1"], ...change } } });
    put(root, `${prefix}_meta.json`, withObject("x_teapot", {}));
    await expect(omni6dSamples(root, prefix)).rejects.toThrow(/an object's key begins with its number in the mask/);
    put(root, `${prefix}_meta.json`, withObject("3_teapot", { quaternion_wxyz: [1, 1, 1, 1] }));
    await expect(omni6dSamples(root, prefix)).rejects.toThrow(/quaternion_wxyz: its length is 2, not 1/);
    put(root, `${prefix}_meta.json`, "{");
    await expect(omni6dSamples(root, prefix)).rejects.toThrow(/000000_meta.json is no JSON/);
    put(root, `${prefix}_meta.json`, kept.replace('"width":320', '"width":1000000000'));
    await expect(omni6dSamples(root, prefix)).rejects.toThrow(
      /000000_meta.json, camera.intrinsics: the intrinsics are of an image of 1000000000 × 240, the depth image has 160/,
    );
    put(root, `${prefix}_meta.json`, kept);
    put(root, `${prefix}_mask.exr`, writtenExr(3, 2, { R: [0, 0, 0, 0, 0, 0] }));
    await expect(omni6dSamples(root, prefix)).rejects.toThrow(/mask.exr: 3 × 2 pixels, the depth image has 160 × 120/);
    await expect(omni6dSamples(root, "../ROPE")).rejects.toThrow(/leads outside of the data set's folder/);
  });
});
