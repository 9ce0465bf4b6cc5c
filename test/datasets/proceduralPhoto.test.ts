import { describe, expect, it } from "vitest";
import { boxOfMask } from "../../src/datasets/crop";
import { predictGeometry } from "../../src/datasets/procedural/predictedGeometry";
import { photoWindow, proceduralPhoto, thumbnailSize } from "../../src/datasets/procedural/proceduralPhoto";
import { tableMaterial } from "../../src/datasets/procedural/tableMaterial";
import { project } from "../../src/geometry/camera";
import { transformPoint } from "../../src/geometry/pose";
import { categories } from "../../src/geometry/symmetry";
import { Rng } from "../../src/random";

const photo = proceduralPhoto("test", 5);

describe("proceduralPhoto", () => {
  it("is the same whenever it is asked for, and another for another index, split or seed", () => {
    const again = proceduralPhoto("test", 5);
    expect(again.rgb).toEqual(photo.rgb);
    expect(again.predicted.depth).toEqual(photo.predicted.depth);
    expect(proceduralPhoto("train", 5).pose).not.toEqual(photo.pose);
    expect(proceduralPhoto("test", 5, { seed: 1 }).pose).not.toEqual(photo.pose);
    expect(photo.category).toBe(categories[5]);
  });

  it("shows its object where the pose says, with the true depth and NOCS coordinates", () => {
    const { mask, nocs, depth, camera, pose, size, rgb } = photo;
    expect(rgb.length).toBe(3 * 640 * 480);
    const diagonal = Math.hypot(...size);
    let checked = 0;
    for (let i = 0; i < mask.length; i += 7) {
      if (mask[i] === 0) continue;
      const local = [0, 1, 2].map((k) => (nocs[3 * i + k] - 0.5) * diagonal) as [number, number, number];
      for (let k = 0; k < 3; k++) expect(Math.abs(local[k])).toBeLessThan(size[k] / 2 + 1e-3);
      const seen = transformPoint(pose, local);
      const [u, v] = project(camera, seen);
      expect(seen[2]).toBeCloseTo(depth[i], 4);
      expect(u).toBeCloseTo(i % camera.width, 2);
      expect(v).toBeCloseTo(Math.floor(i / camera.width), 2);
      checked++;
    }
    expect(checked).toBeGreaterThan(50);
  });

  it("has a box that is off the visible pixels by a detector's error, not more", () => {
    const truth = boxOfMask(photo.mask, photo.camera);
    const [w, h] = [truth.x2 - truth.x1, truth.y2 - truth.y1];
    const off = [photo.box.x1 - truth.x1, photo.box.x2 - truth.x2].map((d) => Math.abs(d) / w);
    off.push(...[photo.box.y1 - truth.y1, photo.box.y2 - truth.y2].map((d) => Math.abs(d) / h));
    expect(Math.max(...off)).toBeGreaterThan(0.001);
    expect(Math.max(...off)).toBeLessThan(0.15);
  });

  it("gives no metres away: the predicted depth has another scale and shift in every photo", () => {
    const fits = [5, 6, 7].map((index) => {
      const { depth, predicted, mask } = index === 5 ? photo : proceduralPhoto("test", index);
      const pairs = Array.from(depth, (z, i) => [z, predicted.depth[i]] as const).filter(([z], i) => z > 0 && !mask[i]);
      const mean = (f: (pair: readonly [number, number]) => number): number =>
        pairs.reduce((sum, pair) => sum + f(pair), 0) / pairs.length;
      const [z, d] = [mean(([a]) => a), mean(([, b]) => b)];
      const slope = mean(([a, b]) => (a - z) * (b - d)) / mean(([a]) => (a - z) ** 2);
      return { slope, shift: d - slope * z };
    });
    for (const { slope } of fits) expect(slope).toBeGreaterThan(0);
    expect(Math.abs(Math.log(fits[0].slope / fits[1].slope))).toBeGreaterThan(0.05);
    expect(Math.abs(fits[1].shift - fits[2].shift)).toBeGreaterThan(0.02);
  });

  it("refuses an index that is no whole number", () => {
    expect(() => proceduralPhoto("test", -1)).toThrow(/whole number/);
    expect(() => photoWindow("test", 0.5)).toThrow(/whole number/);
  });
});

describe("photoWindow", () => {
  it("is the part of the photo around the object, and the photo small", () => {
    const window = photoWindow("test", 5);
    expect(window.pose).toEqual(photo.pose);
    expect(window.thumbnail.length).toBe(3 * thumbnailSize.width * thumbnailSize.height);
    const side = Math.max(photo.box.x2 - photo.box.x1, photo.box.y2 - photo.box.y1);
    for (const edge of ["x1", "x2", "y1", "y2"] as const)
      expect(Math.abs(window.box[edge] - photo.box[edge])).toBeLessThan(Math.max(3, 0.04 * side));
    // Colours at the same direction: the median over the window, since edges differ by half a pixel.
    const { camera, rgb } = window;
    const differences: number[] = [];
    for (let i = 0; i < camera.width * camera.height; i++) {
      const x = ((i % camera.width) - camera.cx) / camera.fx;
      const y = (Math.floor(i / camera.width) - camera.cy) / camera.fy;
      const [u, v] = [x * photo.camera.fx + photo.camera.cx, y * photo.camera.fy + photo.camera.cy].map(Math.round);
      if (u < 1 || v < 1 || u > 638 || v > 478) continue;
      differences.push(Math.abs(rgb[3 * i] - photo.rgb[3 * (v * 640 + u)]));
    }
    differences.sort((a, b) => a - b);
    expect(differences[differences.length >> 1]).toBeLessThan(8);
  });

  it("stands on surfaces whose pattern is seen as its mean from afar", () => {
    for (let seed = 0; seed < 12; seed++) {
      const material = tableMaterial(new Rng(seed));
      const near = Array.from({ length: 4_000 }, (_, i) => material([0.0137 * i, 0, 0.00731 * i], [0, 1, 0], 0));
      const far = Array.from({ length: 400 }, (_, i) => material([0.137 * i, 0, 0.0731 * i], [0, 1, 0], 0.4));
      const mean = (colors: readonly (readonly number[])[], k: number): number =>
        colors.reduce((sum, color) => sum + color[k], 0) / colors.length;
      for (let k = 0; k < 3; k++) expect(mean(far, k)).toBeCloseTo(mean(near, k), 1);
    }
  });
});

describe("predictGeometry", () => {
  const exact = { blur: 0, normalError: 0, depthError: 0, wave: 10, relief: 1, scale: 2, shift: -0.3 };
  const image = { width: 8, height: 6 };
  const depth = Float32Array.from({ length: 48 }, (_, i) => 0.5 + 0.01 * i);
  const normals = Float32Array.from({ length: 144 }, (_, i) => (i % 3 === 2 ? -1 : 0));

  it("without errors is the truth up to scale and shift", () => {
    const found = predictGeometry({ depth, normals }, new Uint8Array(48), image, exact, new Rng(1));
    found.depth.forEach((d, i) => {
      expect(d).toBeCloseTo(2 * depth[i] - 0.3, 5);
    });
    expect(found.normals).toEqual(normals);
  });

  it("flattens the object's relief about its middle and bends normals, which stay of unit length", () => {
    const object = new Uint8Array(48).fill(1);
    const flat = predictGeometry({ depth, normals }, object, image, { ...exact, relief: 0 }, new Rng(1));
    for (const d of flat.depth) expect(d).toBeCloseTo(flat.depth[0], 5);
    const bent = predictGeometry({ depth, normals }, object, image, { ...exact, normalError: 0.3 }, new Rng(1)).normals;
    let angle = 0;
    for (let i = 0; i < 144; i += 3) {
      expect(Math.hypot(bent[i], bent[i + 1], bent[i + 2])).toBeCloseTo(1, 5);
      angle += Math.acos(-bent[i + 2]) / 48;
    }
    expect(angle).toBeGreaterThan(0.1);
    expect(angle).toBeLessThan(0.8);
    expect(() => predictGeometry({ depth, normals }, object, { width: 3, height: 3 }, exact, new Rng(1))).toThrow(/9/);
  });
});
