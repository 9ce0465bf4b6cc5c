import { describe, expect, it } from "vitest";
import { proceduralSample } from "../../src/datasets/procedural/proceduralSample";
import { proceduralShape } from "../../src/datasets/procedural/shape";
import { backProject } from "../../src/geometry/camera";
import { boundsOf } from "../../src/geometry/mesh";
import { invert, transformPoint } from "../../src/geometry/pose";
import { type Category, categories } from "../../src/geometry/symmetry";
import { dot, norm } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

/** Extents x, y, z in metres of real_train scans of REAL275 (their norm.txt files; laptop and camera: mean sizes in use). */
const scans: readonly (readonly [Category, readonly [number, number, number]])[] = [
  ["bottle", [0.0877, 0.2205, 0.0899]],
  ["bowl", [0.1651, 0.0805, 0.1653]],
  ["bowl", [0.1648, 0.0749, 0.1635]],
  ["can", [0.0689, 0.1466, 0.0721]],
  ["mug", [0.1464, 0.0837, 0.1146]],
  ["camera", [0.088, 0.128, 0.156]],
  ["laptop", [0.346, 0.2, 0.335]],
];

describe("proceduralShape", () => {
  it.each(scans)("the %s shapes enclose the real extents %s", (category, extents) => {
    const sizes = Array.from({ length: 300 }, (_, i) => proceduralShape(category, new Rng(11).split(i)).size);
    for (let axis = 0; axis < 3; axis++) {
      const along = sizes.map((size) => size[axis]!).sort((a, b) => a - b);
      expect(extents[axis]!).toBeGreaterThan(along[3]!);
      expect(extents[axis]!).toBeLessThan(along[296]!);
    }
    // Proportions too: some shape has all three ratios of the scan to within 18 %.
    const near = sizes.some((size) =>
      [0, 1, 2].every((axis) => {
        const ratio = size[axis]! / norm(size) / (extents[axis]! / norm(extents));
        return ratio > 0.82 && ratio < 1.18;
      }),
    );
    expect(near).toBe(true);
  });

  it.each(categories)("a %s is centred on its box and differs from the next one", (category) => {
    const [a, b] = [1, 2].map((i) => proceduralShape(category, new Rng(5).split(i)));
    const { low, high } = boundsOf(a!.mesh);
    for (let axis = 0; axis < 3; axis++) expect(low[axis]! + high[axis]!).toBeCloseTo(0, 12);
    expect(a!.size).not.toEqual(b!.size);
  });

  it("puts the handle of a mug at +x, the lens of a camera at +x, the screen of a laptop at −x", () => {
    for (let i = 0; i < 20; i++) {
      const mug = proceduralShape("mug", new Rng(7).split(i)).mesh;
      const handle = [...mug.triangles].filter((_, k) => mug.parts![Math.floor(k / 3)] === 1);
      expect(Math.min(...handle.map((v) => mug.vertices[3 * v]!))).toBeGreaterThan(0);
      const laptop = proceduralShape("laptop", new Rng(7).split(i));
      const high = [...Array(laptop.mesh.vertices.length / 3).keys()].filter(
        (v) => laptop.mesh.vertices[3 * v + 1]! > laptop.size[1] * 0.4,
      );
      for (const v of high) expect(laptop.mesh.vertices[3 * v]!).toBeLessThan(0.05);
    }
  });
});

describe("proceduralSample", () => {
  it("gives the same numbers for the same index, others for another index or split", () => {
    const [a, b] = [proceduralSample("test", 17), proceduralSample("test", 17)];
    expect(a).toEqual(b);
    expect(proceduralSample("test", 23).pose).not.toEqual(a.pose);
    expect(proceduralSample("train", 17).pose).not.toEqual(a.pose);
  });

  it("shows the same scene with and without maps", () => {
    const [a, b] = [proceduralSample("test", 4), proceduralSample("test", 4, { maps: false })];
    expect(b.pose).toEqual(a.pose);
    expect(b.size).toEqual(a.size);
    expect(b.mask).toEqual(a.mask);
    expect(b.rgb).toBeUndefined();
  });

  it.each(categories.map((c, i) => [c, i] as const))(
    "%s: depth, NOCS map and normals agree with the pose",
    (category, i) => {
      const sample = proceduralSample("test", i);
      expect(sample.category).toBe(category);
      const { camera, pose, size, nocs, normals, depth, mask } = sample;
      const inverse = invert(pose!);
      let [inside, total, wrongNormals] = [0, 0, 0];
      for (let pixel = 0; pixel < mask.length; pixel++) {
        const n = [normals![3 * pixel]!, normals![3 * pixel + 1]!, normals![3 * pixel + 2]!] as const;
        if (n[0] !== 0 || n[1] !== 0 || n[2] !== 0) {
          const ray = backProject(camera, pixel % camera.width, Math.floor(pixel / camera.width), 1);
          if (Math.abs(norm(n) - 1) > 1e-5 || dot(n, ray) > 1e-6) wrongNormals++;
        }
        if (nocs![3 * pixel] === 0 || mask[pixel] === 0 || depth[pixel] === 0) continue;
        const seen = transformPoint(
          inverse,
          backProject(camera, pixel % camera.width, Math.floor(pixel / camera.width), depth[pixel]!),
        );
        total++;
        const off = [0, 1, 2].map((k) => seen[k]! - (nocs![3 * pixel + k]! - 0.5) * norm(size!));
        if (Math.hypot(...off) < 0.03) inside++;
      }
      expect(wrongNormals).toBe(0);
      expect(total).toBeGreaterThan(30);
      // Sensor noise moves points by millimetres, flying pixels by centimetres: nearly all are close.
      expect(inside / total).toBeGreaterThan(0.85);
    },
  );

  it("has depth in whole millimetres and the object in front of the camera, upright or leaning a little", () => {
    for (let i = 0; i < 30; i++) {
      const sample = proceduralSample("validation", i, { maps: false });
      expect(sample.depth.every((z) => Math.abs(z * 1000 - Math.round(z * 1000)) < 1e-3)).toBe(true);
      expect(sample.pose!.translation[2]).toBeGreaterThan(0.3);
      // y of the object points up in the image.
      expect(sample.pose!.rotation[4]).toBeLessThan(0.5);
    }
  });

  it("says what is wrong with an index or a resolution", () => {
    expect(() => proceduralSample("train", -1)).toThrow(/index is -1; it must be a whole number/);
    expect(() => proceduralSample("train", 0, { resolution: 3 })).toThrow(/resolution is 3; give at least 24/);
  });
});
