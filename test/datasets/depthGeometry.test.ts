import { describe, expect, it } from "vitest";
import { depthGeometry, fixedGeometry, noGeometry } from "../../src/datasets/depthGeometry";
import type { Camera } from "../../src/geometry/camera";
import { dot, normalize, type Vector3 } from "../../src/geometry/vector";

const camera: Camera = { fx: 40, fy: 40, cx: 15.5, cy: 11.5, width: 32, height: 24 };

/** The depth of the plane n·p = d. */
const plane = (n: Vector3, d: number): Float32Array =>
  Float32Array.from({ length: 32 * 24 }, (_, i) => {
    const ray: Vector3 = [((i % 32) - 15.5) / 40, (Math.floor(i / 32) - 11.5) / 40, 1];
    return d / dot(n, ray);
  });

describe("depthGeometry", () => {
  it("finds the normal of a plane, turned to the camera", () => {
    const n = normalize([0.3, -0.5, -0.8]);
    const { normals, depth } = depthGeometry(plane(n, -0.7), camera);
    for (let i = 0; i < normals.length; i++) expect(normals[i]).toBeCloseTo(n[i % 3], 3);
    expect(Math.min(...depth)).toBe(0);
    expect(Math.max(...depth)).toBe(1);
  });

  it("does not tell metres: a scene twice as large looks the same", () => {
    const near = plane(normalize([0.3, -0.5, -0.8]), -0.7);
    const [a, b] = [near, near.map((z) => 2 * z)].map((z) => depthGeometry(z, camera));
    a.depth.forEach((d, i) => {
      expect(b.depth[i]).toBeCloseTo(d, 5);
    });
    a.normals.forEach((x, i) => {
      expect(b.normals[i]).toBeCloseTo(x, 5);
    });
  });

  it("fills holes, whole rows too, from what is near", () => {
    const depth = plane([0, 0, -1], -0.6).fill(0, 0, 64).fill(0, 100, 110).fill(0, 700);
    const { normals, depth: filled } = depthGeometry(depth, camera);
    expect(filled.every((d) => d === 0)).toBe(true); // all equal: no relative depth
    for (let i = 2; i < normals.length; i += 3) expect(normals[i]).toBeCloseTo(-1, 5);
  });

  it("says what is wrong", () => {
    expect(() => depthGeometry(new Float32Array(5), camera)).toThrow(/24 × 32/);
    expect(() => depthGeometry(new Float32Array(768), camera)).toThrow(/0 everywhere/);
    expect(() => depthGeometry(new Float32Array(768).fill(Number.NaN), camera)).toThrow(/finite/);
    expect(() => depthGeometry(new Float32Array(768).fill(1), camera, { reach: 0.5 })).toThrow(/reach is 0.5/);
  });

  it("is a provider, and so is nothing", async () => {
    const image = { rgb: new Uint8Array(768 * 3), camera };
    const geometry = depthGeometry(new Float32Array(768).fill(1), camera);
    expect(await fixedGeometry(geometry).geometryOf(image)).toBe(geometry);
    expect((await noGeometry.geometryOf(image)).normals).toHaveLength(768 * 3);
  });
});
