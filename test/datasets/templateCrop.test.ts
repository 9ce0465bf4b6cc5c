import { describe, expect, test } from "vitest";
import { maskGrid } from "../../src/datasets/maskGrid";
import { boxPixels, metricSquare, squareBox, warpSquare } from "../../src/datasets/templateCrop";
import { applyHomography, homography } from "../../src/geometry/homography";
import { lookAtPose } from "../../src/geometry/viewpoint";

const camera = { fx: 500, fy: 500, cx: 32, cy: 32, width: 64, height: 64 };

describe("crops of templates", () => {
  test("a square before the camera is as large as the camera says", () => {
    const pose = lookAtPose([1, 0, 0], 2);
    // 0.2 m at 2 m and f = 500: 50 pixels around (32, 32)
    expect(metricSquare(pose, camera).flat().map(Math.round)).toEqual([7, 7, 7, 57, 57, 7, 57, 57]);
    expect(() => metricSquare(lookAtPose([0, 0, 1], 2), camera)).toThrow('use up: "image"');
    expect(() => metricSquare(pose, camera, { side: 0 })).toThrow("give a positive length");
  });

  test("a turned object stands upright in its crop, whatever the roll", () => {
    const upright = lookAtPose([1, 0.2, 0.3], 1);
    const [c, s] = [Math.cos(1), Math.sin(1)];
    const r = upright.rotation;
    const turned = {
      ...upright,
      rotation: [0, 1, 2]
        .map((j) => c * r[j] - s * r[3 + j])
        .concat(
          [0, 1, 2].map((j) => s * r[j] + c * r[3 + j]),
          [r[6], r[7], r[8]],
        ) as unknown as typeof r,
    };
    const [a, b] = [metricSquare(upright, camera), metricSquare(turned, camera)];
    b.forEach(([u, v], i) => {
      const [x, y] = [a[i][0] - 32, a[i][1] - 32];
      expect(u).toBeCloseTo(32 + c * x - s * y, 9);
      expect(v).toBeCloseTo(32 + s * x + c * y, 9);
    });
  });

  test("warping copies pixels where the square lies on them, and is 0 outside", () => {
    const image = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i * 7) % 251);
    const corners = [
      [10, 20],
      [10, 28],
      [18, 20],
      [18, 28],
    ] as const;
    const crop = warpSquare(image, 1, camera, corners, 8);
    expect([...crop.subarray(0, 8)]).toEqual([...image.subarray(20 * 64 + 10, 20 * 64 + 18)]);
    const outside = corners.map(([u, v]) => [u + 100, v] as const) as unknown as typeof corners;
    expect(warpSquare(image, 1, camera, outside, 8).every((value) => value === 0)).toBe(true);
    expect(() => warpSquare(image, 3, camera, corners, 8)).toThrow("64 × 64 × 3");
  });

  test("boxes become squares, filled with 0 beyond the image", () => {
    const { box, inside, size } = squareBox({ x1: -1, y1: 0, x2: 3, y2: 2 }, camera);
    expect([box, inside, size]).toEqual([{ x1: -1, y1: -1, x2: 3, y2: 3 }, false, [4, 4]]);
    const crop = boxPixels(new Uint8Array(64 * 64).fill(9), 1, camera, box);
    expect([...crop]).toEqual([0, 0, 0, 0, ...[0, 9, 9, 9], ...[0, 9, 9, 9], ...[0, 9, 9, 9]]);
  });

  test("a mask's cells", () => {
    expect([...maskGrid(new Uint8Array(64).fill(1), 8, 2)]).toEqual([1, 1, 1, 1]);
    expect([...maskGrid(new Uint8Array(64), 8, 2)]).toEqual([0, 0, 0, 0]);
    expect(() => maskGrid(new Uint8Array(63), 8, 2)).toThrow("8 × 8");
  });
});

describe("homography", () => {
  test("takes four points to four others", () => {
    const [from, to] = [
      [
        [0, 0],
        [1, 0.1],
        [0.2, 1],
        [1.3, 1.2],
      ] as const,
      [
        [5, 5],
        [9, 4],
        [4, 9],
        [8, 9],
      ] as const,
    ];
    const h = homography(from, to);
    from.forEach((p, i) => {
      const [u, v] = applyHomography(h, p);
      expect(u).toBeCloseTo(to[i][0], 9);
      expect(v).toBeCloseTo(to[i][1], 9);
    });
    expect(() =>
      homography(
        [
          [0, 0],
          [1, 1],
          [2, 2],
          [3, 3],
        ],
        to,
      ),
    ).toThrow("lie on a line");
  });
});
