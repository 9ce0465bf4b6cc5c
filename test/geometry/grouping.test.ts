import { describe, expect, it } from "vitest";
import { buffersOf, type GroupingConfig, group, groupCoordinates, groupIndices } from "../../src/geometry/grouping";
import { ballQuery, centroid, farthestPointSample } from "../../src/geometry/pointcloud";
import { Rng } from "../../src/random";

const config: GroupingConfig = {
  points: 64,
  centred: false,
  relativeToRadius: false,
  coordinateScale: 1,
  levels: [
    {
      centroids: 32,
      scales: [
        { radius: 0.1, samples: 4 },
        { radius: 0.2, samples: 8 },
      ],
    },
    { centroids: 8, scales: [{ radius: 0.3, samples: 4 }] },
  ],
};

const clouds = (batch: number, repeat: number = 1): Float32Array => {
  const rng = new Rng(2);
  const distinct = Array.from({ length: (batch * 192) / repeat }, () => rng.normal(0.4, 0.1));
  return Float32Array.from({ length: batch * 192 }, (_, i) => distinct[i % distinct.length]);
};

const rowsOf = (points: Float32Array, rows: Int32Array): Float32Array =>
  Float32Array.from([...rows].flatMap((i) => [...points.subarray(3 * i, 3 * i + 3)]));

describe.each([
  ["distinct points", 1],
  ["repeated points", 4],
])("group of %s", (_, repeat) => {
  it("is farthest point sampling and ball query on every level", () => {
    const points = clouds(1, repeat);
    const { levels } = group(config, points, 1);
    const first = farthestPointSample(points, 32);
    expect(levels[0].centres).toEqual(first);
    expect(levels[0].scales[1].neighbours).toEqual(ballQuery(points, rowsOf(points, first), 0.2, 8));
    const inner = rowsOf(points, first);
    const second = farthestPointSample(inner, 8);
    expect(levels[1].centres).toEqual(second);
    expect(levels[1].scales[0].neighbours).toEqual(ballQuery(inner, rowsOf(inner, second), 0.3, 4));
  });
});

describe("group", () => {
  it("treats the clouds of a batch one by one, with rows of the flattened batch", () => {
    const both = clouds(2);
    const batch = group(config, both, 2);
    const second = group(config, both.slice(192), 1);
    expect([...batch.levels[0].centres.subarray(32)]).toEqual([...second.levels[0].centres].map((i) => i + 64));
    expect([...batch.levels[1].scales[0].neighbours.subarray(32)]).toEqual(
      [...second.levels[1].scales[0].neighbours].map((i) => i + 32),
    );
    expect(batch.levels[0].scales[0].relative.subarray(32 * 4 * 3)).toEqual(second.levels[0].scales[0].relative);
    expect(batch.coordinates.subarray(24)).toEqual(second.coordinates);
  });

  it("scales as told", () => {
    const points = clouds(1);
    const plain = group(config, points, 1);
    const scaled = group({ ...config, centred: true, relativeToRadius: true, coordinateScale: 10 }, points, 1);
    const [x] = centroid(points);
    expect(scaled.coordinates[0]).toBeCloseTo(10 * (plain.coordinates[0] - x), 4);
    plain.levels[0].scales[1].relative.forEach((value, i) => {
      expect(scaled.levels[0].scales[1].relative[i]).toBeCloseTo(value / 0.2, 4);
    });
    for (const value of scaled.levels[0].scales[1].relative) expect(Math.abs(value)).toBeLessThanOrEqual(1);
  });

  it("keeps the indices under rigid motion", () => {
    const points = clouds(1);
    const indices = groupIndices(config, points, 1);
    // a quarter turn about z, which float32 represents exactly
    const turned = points.map((_, i) => [-points[i + 1], points[i - 1], points[i]][i % 3]);
    expect(groupIndices(config, turned, 1)).toEqual(indices);
    expect(groupCoordinates(config, indices, turned)).toEqual(group(config, turned, 1));
  });

  it("lists every buffer once for a transfer", () => {
    const buffers = buffersOf(group(config, clouds(1), 1));
    expect(new Set(buffers).size).toBe(buffers.length);
    expect(buffers.length).toBe(1 + 2 * 2 + 3 * 2);
  });

  it("says which size it wants", () => {
    expect(() => group(config, new Float32Array(10), 1)).toThrow(/expected 1 × 64 × 3 = 192 numbers, got 10/);
    expect(() => group({ ...config, levels: [{ centroids: 65, scales: [] }] }, clouds(1), 1)).toThrow(
      /65 centres of 64/,
    );
  });
});
