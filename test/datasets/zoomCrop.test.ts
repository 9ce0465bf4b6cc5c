import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imageCrop, mapCrop } from "../../src/datasets/imageCrop";
import { standardizeDepth, turnNormals } from "../../src/datasets/monocularGeometry";
import { siteFrame, zoomMaps, zoomWindow } from "../../src/datasets/zoomCrop";
import { pixelRay, rayRotation } from "../../src/geometry/allocentric";
import { type Camera, project } from "../../src/geometry/camera";
import { rotationX } from "../../src/geometry/rotation";
import { siteOfTranslation } from "../../src/geometry/siteTranslation";
import { apply, transpose, type Vector3 } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

const camera: Camera = { fx: 60, fy: 60, cx: 31.5, cy: 23.5, width: 64, height: 48 };
const pixels = camera.width * camera.height;
const noisy = (seed: number, n: number) => {
  const rng = new Rng(seed);
  return Float32Array.from({ length: n }, () => rng.uniform(1, 2));
};

describe("mapCrop", () => {
  it("cuts colours and depths by the same rule", () => {
    const rng = new Rng(1);
    const rgb = Uint8Array.from({ length: pixels * 3 }, () => rng.integer(256));
    const window = { center: [30, 21] as [number, number], scale: 37 };
    const bytes = imageCrop({ rgb, camera }, window, 12);
    const floats = mapCrop({ values: Float32Array.from(rgb), channels: 3, camera }, window, 12);
    bytes.forEach((value, i) => {
      expect(Math.abs(value - floats[i])).toBeLessThanOrEqual(0.5001);
    });
  });

  it("is exact on a ramp, away from the border (property)", () => {
    const ramp = Float32Array.from({ length: pixels }, (_, i) => (i % 64) + 100 * Math.floor(i / 64));
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 44 }), fc.integer({ min: 16, max: 32 }), (x, y) => {
        const crop = mapCrop({ values: ramp, channels: 1, camera }, { center: [x, y], scale: 24 }, 8);
        // Pixel (0, 0) of the crop covers three pixels from x − 12: their centres' mean is x − 11.
        expect(crop[0]).toBeCloseTo(x - 11 + 100 * (y - 11), 3);
      }),
    );
  });

  it("says what is wrong", () => {
    const map = { values: new Float32Array(pixels), channels: 1, camera };
    const window = { center: [5, 5] as [number, number], scale: 4 };
    expect(() => mapCrop({ ...map, channels: 2 }, window, 4)).toThrow(/mapCrop: expected 48 × 64 × 2/);
    expect(() => mapCrop(map, { ...window, scale: 0 }, 4)).toThrow(/window's side is 0/);
    expect(() => mapCrop(map, window, 2.5)).toThrow(/whole number/);
  });
});

describe("relative depth", () => {
  it("has neither unit nor zero (property)", () => {
    fc.assert(
      fc.property(
        fc.nat(99),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        (seed, factor, shift) => {
          const depth = noisy(seed, 50);
          const a = standardizeDepth(depth);
          const b = standardizeDepth(depth.map((d) => factor * d + shift));
          a.forEach((value, i) => {
            expect(b[i]).toBeCloseTo(value, 3);
          });
          expect(a.reduce((sum, d) => sum + Math.abs(d), 0) / 50).toBeCloseTo(1, 4);
        },
      ),
    );
  });

  it("is 0 on a wall, and refuses what is not a number", () => {
    expect([...standardizeDepth(Float32Array.of(0.3, 0.3, 0.3))].map(Math.abs)).toEqual([0, 0, 0]);
    expect(() => standardizeDepth(new Float32Array())).toThrow(/no depth is known/);
    expect(() => standardizeDepth(Float32Array.of(1, Number.NaN))).toThrow(/finite/);
  });
});

describe("zoomMaps", () => {
  const box = { x1: 40, y1: 10, x2: 52, y2: 20 };
  const window = zoomWindow(box, camera);

  it("shows normals as a camera that looks at the crop would see them", () => {
    // A wall across the ray of the crop's centre: seen along that ray its normal is (0, 0, −1).
    const ray = pixelRay(camera, [window.center[0] - 0.5, window.center[1] - 0.5]);
    const wall = apply(rayRotation(ray), [0, 0, -1]);
    const normals = Float32Array.from({ length: pixels * 3 }, (_, i) => wall[i % 3]);
    const maps = zoomMaps({ rgb: new Uint8Array(pixels * 3), camera }, { depth: noisy(1, pixels), normals }, window, 8);
    for (let i = 0; i < maps.normals.length; i += 3) {
      expect(maps.normals[i]).toBeCloseTo(0, 6);
      expect(maps.normals[i + 1]).toBeCloseTo(0, 6);
      expect(maps.normals[i + 2]).toBeCloseTo(-1, 6);
    }
    expect(maps.depth.length).toBe(64);
  });

  it("keeps normals unit vectors where it mixes them", () => {
    const normals = Float32Array.from({ length: pixels * 3 }, (_, i) => [0.6, 0, -0.8, -0.6, 0, -0.8][i % 6]);
    const maps = zoomMaps({ rgb: new Uint8Array(pixels * 3), camera }, { depth: noisy(1, pixels), normals }, window, 7);
    for (let i = 0; i < maps.normals.length; i += 3)
      expect(Math.hypot(...maps.normals.subarray(i, i + 3))).toBeCloseTo(1, 5);
  });

  it("leaves out what lies beyond the picture", () => {
    // A wall at the depth 7 in a corner: nothing of the zeros beyond the border may look like a nearer thing.
    const corner = { center: [0, 0] as [number, number], scale: 30 };
    const depth = new Float32Array(pixels).fill(7);
    const normals = new Float32Array(pixels * 3);
    const maps = zoomMaps({ rgb: new Uint8Array(pixels * 3), camera }, { depth, normals }, corner, 8);
    expect(maps.depth.every((d) => d === 0)).toBe(true);
    const far = { center: [-100, 0] as [number, number], scale: 30 };
    expect(() => zoomMaps({ rgb: new Uint8Array(pixels * 3), camera }, { depth, normals }, far, 8)).toThrow(
      /outside of the picture/,
    );
  });

  it("turns each normal alike", () => {
    const turned = turnNormals(Float32Array.of(0, 1, 0, 0, 0, 1), rotationX(Math.PI / 2));
    expect([...turned].map((v) => Math.round(1e6 * v) / 1e6 + 0)).toEqual([0, 0, 1, 0, -1, 0]);
    expect(turnNormals(turned, transpose(rotationX(Math.PI / 2)))[1]).toBeCloseTo(1, 6);
  });

  it("puts what lies in the middle of the window at SITE 0, 0", () => {
    const frame = siteFrame(camera, box, window, 8);
    const t: Vector3 = [0.2, -0.13, 0.8];
    const [u, v] = project(camera, t);
    const centred = { ...window, center: [u + 0.5, v + 0.5] as [number, number] };
    const [dx, dy] = siteOfTranslation(t, siteFrame(camera, box, centred, 8));
    expect(dx).toBeCloseTo(0, 12);
    expect(dy).toBeCloseTo(0, 12);
    expect(frame.cropSide).toBe(18);
    expect(() =>
      zoomMaps({ rgb: new Uint8Array(3), camera }, { depth: noisy(1, pixels), normals: noisy(1, 3) }, window, 8),
    ).toThrow(/expected 48 × 64/);
  });
});
