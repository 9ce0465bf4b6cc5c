import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanCloud } from "../../src/geometry/cleanCloud";
import { Rng } from "../../src/random";

const pixel = 1 / 590;

/** What a camera at the origin sees of a ball of radius `radius` at distance `z`: one point per pixel. */
function ballCloud(radius: number, z: number): number[] {
  const points: number[] = [];
  const reach = Math.ceil(radius / z / pixel);
  for (let v = -reach; v <= reach; v++)
    for (let u = -reach; u <= reach; u++) {
      const [x, y] = [u * pixel, v * pixel];
      const a = x * x + y * y + 1;
      const root = z * z - a * (z * z - radius * radius);
      if (root > 0) points.push(...[x, y, 1].map((d) => (d * (z - Math.sqrt(root))) / a));
    }
  return points;
}

/** A ring of background, `width` pixels wide, around the ball's silhouette at depth z(v). */
function ring(radius: number, z: number, width: number, depth: (v: number) => number): number[] {
  const inner = radius / z / pixel;
  const points: number[] = [];
  const reach = Math.ceil(inner + width);
  for (let v = -reach; v <= reach; v++)
    for (let u = -reach; u <= reach; u++) {
      const r = Math.hypot(u, v);
      if (r > inner && r <= inner + width) points.push(...[u * pixel, v * pixel, 1].map((d) => d * depth(v)));
    }
  return points;
}

describe("cleanCloud", () => {
  const object = ballCloud(0.06, 1);

  it("removes a ring of wall behind the object and keeps the object", () => {
    const border = ring(0.06, 1, 2, () => 1.5);
    const { indices } = cleanCloud(Float32Array.from([...object, ...border]));
    expect(indices.at(-1)).toBeLessThan(object.length / 3);
    expect(indices.length).toBeGreaterThan(0.99 * (object.length / 3));
  });

  it("removes a ring of table that touches the object below", () => {
    // the table recedes upwards from the object's lowest pixels: 1 m there, 1.6 m behind its top
    const border = ring(0.06, 1, 2, (v) => 1 + Math.max(0, (35 - v) / 70) * 0.6);
    const { indices } = cleanCloud(Float32Array.from([...object, ...border]));
    const left = [...indices].filter((i) => i >= object.length / 3);
    expect(left.length).toBeLessThan(0.25 * (border.length / 3));
    expect(indices.length - left.length).toBeGreaterThan(0.98 * (object.length / 3));
  });

  it("keeps both halves of an object that a thin occluder cuts in two", () => {
    const halves = object.filter((_, i) => Math.abs(object[3 * Math.floor(i / 3)]) > 0.02);
    expect(cleanCloud(Float32Array.from(halves)).indices.length).toBe(halves.length / 3);
  });

  it("does not depend on the order of the points and changes nothing the second time (property)", () => {
    const cloud = Float32Array.from([...object, ...ring(0.06, 1, 1, () => 1.4)]);
    const reference = cleanCloud(cloud);
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const order = new Rng(seed).permutation(cloud.length / 3);
        const mixed = new Float32Array(cloud.length);
        for (const [k, from] of order.entries()) mixed.set(cloud.subarray(3 * from, 3 * from + 3), 3 * k);
        const kept = [...cleanCloud(mixed).indices].map((k) => order[k]).sort((a, b) => a - b);
        expect(kept).toEqual([...reference.indices]);
      }),
      { numRuns: 5 },
    );
    expect(cleanCloud(reference.points).points).toEqual(reference.points);
  });

  it("leaves a cloud alone that is no object with a border", () => {
    const rng = new Rng(1);
    const scattered = Float32Array.from({ length: 300 }, () => rng.uniform(-5, 5));
    expect(cleanCloud(scattered).points).toEqual(scattered);
    expect(cleanCloud(new Float32Array(0)).points.length).toBe(0);
  });

  it("refuses NaN and broken clouds in one sentence", () => {
    expect(() => cleanCloud(Float32Array.from([0, 0, Number.NaN]))).toThrow("value 2 is NaN");
    expect(() => cleanCloud(new Float32Array(4))).toThrow("no N × 3 cloud");
    expect(() => cleanCloud(new Float32Array(3), { cell: 0 })).toThrow("the cell is 0");
  });
});
