import { describe, expect, test } from "vitest";
import type { CropWindow } from "../../src/datasets/crop";
import {
  type ColorImage,
  cloudWindow,
  imageCrop,
  mapCrop,
  pointCells,
  projectedBox,
} from "../../src/datasets/imageCrop";
import { backProject, type Camera } from "../../src/geometry/camera";
import { rotationX, rotationY, rotationZ } from "../../src/geometry/rotation";
import { apply, multiply, type Vector3 } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

const camera: Camera = { fx: 120, fy: 118, cx: 31.3, cy: 23.9, width: 64, height: 48 };

/** Smooth in both directions, another slope in each channel. */
const picture: ColorImage = {
  camera,
  rgb: Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => {
    const [u, v] = [Math.floor(i / 3) % 64, Math.floor(i / 3 / 64)];
    return [3 * u + 20, 4 * v + 30, 2 * u + 2 * v][i % 3];
  }),
};

/** Points of random pixels of the middle at random depths, and their pixels. */
function seen(count: number): { points: Float32Array; pixels: [number, number][] } {
  const rng = new Rng(5);
  const pixels = Array.from({ length: count }, (): [number, number] => [16 + rng.integer(32), 12 + rng.integer(24)]);
  return {
    pixels,
    points: Float32Array.from(pixels.flatMap(([u, v]) => backProject(camera, u, v, rng.uniform(0.5, 2)))),
  };
}

const colorAt = ({ rgb }: ColorImage, [u, v]: [number, number]): number[] => [
  ...rgb.slice(3 * (64 * v + u), 3 * (64 * v + u) + 3),
];

describe("imageCrop", () => {
  test("a window of whole pixels is a copy", () => {
    const crop = imageCrop(picture, { center: [30, 20], scale: 20 }, 20);
    for (const [x, y] of [
      [0, 0],
      [19, 0],
      [7, 13],
      [19, 19],
    ])
      expect([...crop.slice(3 * (20 * y + x), 3 * (20 * y + x) + 3)]).toEqual(colorAt(picture, [20 + x, 10 + y]));
  });

  test("halving averages, doubling interpolates, outside is black", () => {
    const half = imageCrop(picture, { center: [30, 20], scale: 20 }, 10);
    const four = [
      [20, 10],
      [21, 10],
      [20, 11],
      [21, 11],
    ].map((pixel) => colorAt(picture, pixel as [number, number])[1]);
    expect(half[1]).toBeCloseTo(four.reduce((a, b) => a + b) / 4, 0);
    const twice = imageCrop(picture, { center: [30, 20], scale: 20 }, 40);
    // Crop pixel 1 lies a quarter of a pixel right of pixel 20.
    expect(twice[3]).toBe(Math.round(0.75 * (3 * 20 + 20) + 0.25 * (3 * 21 + 20)));
    expect([...imageCrop(picture, { center: [-40, 20], scale: 20 }, 4)]).toEqual(new Array(48).fill(0));
  });

  test("a point finds its own colour, turned about the camera or not", () => {
    const { points, pixels } = seen(60);
    const turns = [
      multiply(rotationZ(0), rotationX(0)),
      rotationZ(0.25),
      multiply(rotationZ(-0.2), multiply(rotationY(0.12), rotationX(-0.1))),
    ];
    for (const turn of turns) {
      const turned = Float32Array.from(
        pixels.flatMap((_, i) => apply(turn, [...points.slice(3 * i, 3 * i + 3)] as unknown as Vector3)),
      );
      const window = cloudWindow(turned, camera, { padScale: 1.1 });
      const size = 96;
      const crop = imageCrop(picture, window, size, { turn });
      const cells = pointCells(turned, camera, window, size);
      pixels.forEach((pixel, i) => {
        const truth = colorAt(picture, pixel);
        for (let c = 0; c < 3; c++) expect(Math.abs(crop[3 * cells[i] + c] - truth[c])).toBeLessThan(3.5);
      });
    }
  });

  test("cells count row by row, and what lies outside takes the nearest", () => {
    const { points } = seen(1);
    const [u, v] = [projectedBox(points, camera).x1, projectedBox(points, camera).y1];
    const at = (dx: number, dy: number): number =>
      pointCells(points, camera, { center: [u + 0.5 - dx, v + 0.5 - dy], scale: 8 }, 4)[0];
    expect(at(-3, -3)).toBe(0);
    expect(at(3, -3)).toBe(3);
    expect(at(-3, 3)).toBe(12);
    expect(at(40, 40)).toBe(15);
  });

  test("says what is wrong", () => {
    expect(() => imageCrop({ rgb: new Uint8Array(5), camera }, { center: [0, 0], scale: 1 }, 4)).toThrow(/imageCrop/);
    expect(() => imageCrop(picture, { center: [0, 0], scale: 1 }, 0)).toThrow(/size is 0/);
    expect(() => cloudWindow(new Float32Array(), camera)).toThrow(/no points/);
    expect(() => pointCells(Float32Array.of(0, 0, -1), camera, { center: [0, 0], scale: 1 }, 4)).toThrow(/depth -1/);
  });
});

test("cuts a crop that is not turned line by line, to the same values as one that is turned by nothing", () => {
  const camera = { fx: 90, fy: 80, cx: 11, cy: 9, width: 23, height: 17 };
  const values = Float32Array.from(new Rng(5).normals(23 * 17 * 2));
  for (const window of [
    { center: [12, 8], scale: 9 },
    { center: [3.3, 15.2], scale: 31.7 },
    { center: [20.5, 4], scale: 5.5 },
  ] as CropWindow[]) {
    const map = { values, channels: 2, camera };
    const byLines = mapCrop(map, window, 7);
    const byPixels = mapCrop(map, window, 7, { turn: [1, 0, 0, 0, 1, 0, 0, 0, 1] });
    byLines.forEach((value, i) => {
      expect(value).toBeCloseTo(byPixels[i], 5);
    });
  }
});
