import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import { real275Camera } from "../../src/geometry/camera";
import {
  backProjectMask,
  ballQuery,
  centroid,
  farthestPointOrder,
  farthestPointSample,
  samplePoints,
} from "../../src/geometry/pointcloud";
import { Rng } from "../../src/random";

const cloud = (n: number, seed: number = 1): Float32Array => {
  const rng = new Rng(seed);
  return Float32Array.from({ length: 3 * n }, () => rng.normal(0, 0.1));
};

const distanceSquared = (points: Float32Array, i: number, j: number): number =>
  [0, 1, 2].reduce((sum, d) => sum + (points[3 * i + d] - points[3 * j + d]) ** 2, 0);

describe("farthestPointSample", () => {
  it("starts at point 0 and always takes a point farthest from those taken", () => {
    const points = cloud(200);
    const chosen = farthestPointSample(points, 40);
    expect(chosen[0]).toBe(0);
    for (let j = 1; j < 40; j++) {
      const toTaken = (k: number): number =>
        Math.min(...[...chosen.subarray(0, j)].map((i) => distanceSquared(points, i, k)));
      const farthest = Math.max(...Array.from({ length: 200 }, (_, k) => toTaken(k)));
      expect(toTaken(chosen[j])).toBeCloseTo(farthest, 6);
    }
  });

  it("resolves ties by the reversed bits of the thread, as the CUDA reduction does", () => {
    // Points 1 … 7 are equally far from point 0: bits 001, 010, …, 111 reversed are 4, 2, 6, 1, …: thread 4 wins.
    const points = Float32Array.from([0, 0, 0, ...new Array(7).fill([1, 0, 0]).flat()]);
    expect([...farthestPointSample(points, 2)]).toEqual([0, 4]);
    expect(farthestPointOrder(points, 2).tied).toBe(true);
    expect(farthestPointOrder(cloud(50), 20).tied).toBe(false);
  });

  it("of its own order is the beginning of that order", () => {
    const points = cloud(300);
    const order = farthestPointSample(points, 100);
    const ordered = Float32Array.from([...order].flatMap((i) => [...points.subarray(3 * i, 3 * i + 3)]));
    expect([...farthestPointSample(ordered, 30)]).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  it("refuses more points than there are", () => {
    expect(() => farthestPointSample(cloud(37), 1024)).toThrow(/farthestPointSample: asked for 1024 of 37 points/);
    expect(() => farthestPointSample(new Float32Array(4), 1)).toThrow(InputError);
  });
});

describe("ballQuery", () => {
  it("gives the first hits in index order, repeats the first, and zeros without a hit", () => {
    const points = Float32Array.from([0, 0, 0, 0.1, 0, 0, 0.2, 0, 0, 0.3, 0, 0]);
    const centres = Float32Array.from([0, 0, 0, 5, 5, 5, 0.15, 0, 0]);
    // ‖p − c‖ = 0.1 is outside: strict <.
    expect([...ballQuery(points, centres, 0.1, 3)]).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 1]);
  });

  it("finds neighbours within the radius only", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: 0.02, max: 0.3, noNaN: true }),
        (seed, radius) => {
          const points = cloud(60, seed);
          const found = ballQuery(points, points, radius, 8);
          for (let c = 0; c < 60; c++)
            for (let k = 0; k < 8; k++)
              expect(distanceSquared(points, c, found[8 * c + k])).toBeLessThan(radius ** 2 * (1 + 1e-5));
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("samplePoints", () => {
  it("takes a subset without replacement of a larger cloud", () => {
    const sample = samplePoints(cloud(100), 30, new Rng(3));
    const rows = new Set(Array.from({ length: 30 }, (_, k) => sample.subarray(3 * k, 3 * k + 3).join()));
    expect(rows.size).toBe(30);
    expect(samplePoints(cloud(100), 30, new Rng(3))).toEqual(sample);
  });

  it("repeats a smaller cloud as a whole, then its first points", () => {
    const points = cloud(3);
    const sample = samplePoints(points, 8, new Rng(3));
    expect([...sample]).toEqual([...points, ...points, ...points.subarray(0, 6)]);
  });

  it("draws again from what is left, and begins anew when all were taken", () => {
    const rows = (sample: Float32Array): string[] =>
      Array.from({ length: sample.length / 3 }, (_, k) => sample.subarray(3 * k, 3 * k + 3).join());
    const three = rows(samplePoints(cloud(100), 30, new Rng(3), 3));
    expect(three.slice(0, 30)).toEqual(rows(samplePoints(cloud(100), 30, new Rng(3))));
    expect(new Set(three).size).toBe(90);
    const four = rows(samplePoints(cloud(100), 30, new Rng(3), 4));
    expect(four.slice(100)).toEqual(four.slice(0, 20));
    const small = rows(samplePoints(cloud(3), 8, new Rng(3), 2));
    expect(small.slice(8)).toEqual(small.slice(0, 8));
    expect(() => samplePoints(cloud(3), 8, new Rng(3), 0)).toThrow(/asked for 0 draws; ask for at least 1/);
  });

  it("says what is wrong with an empty cloud", () => {
    expect(() => samplePoints(new Float32Array(0), 1024, new Rng(1))).toThrow(/asked for 1024 of 0 points/);
  });
});

describe("backProjectMask", () => {
  const camera = { ...real275Camera, width: 4, height: 3 };

  it("skips what is off the mask, zero, NaN or infinite", () => {
    const depth = Float32Array.from([1, 0, Number.NaN, 2, 1, 1, Number.POSITIVE_INFINITY, -1, 1, 1, 1, 1]);
    const mask = Uint8Array.from([1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1]);
    const points = backProjectMask(depth, mask, camera);
    expect(points.length).toBe(9);
    expect(points[3]).toBeCloseTo(((3 - camera.cx) * 2) / camera.fx, 6);
    expect([points[2], points[5], points[8]]).toEqual([1, 2, 1]);
  });

  it("wants maps of the camera's size", () => {
    expect(() => backProjectMask(new Float32Array(5), new Uint8Array(12), camera)).toThrow(/backProjectMask depth/);
  });
});

describe("centroid", () => {
  it("is the mean", () => expect(centroid(Float32Array.from([0, 0, 0, 2, 4, 6]))).toEqual([1, 2, 3]));
  it("refuses an empty cloud", () => expect(() => centroid(new Float32Array(0))).toThrow(InputError));
});
