import { expect, test } from "vitest";
import { boxCorners, boxIntersectionVolume, boxIou, type OrientedBox } from "../../src/geometry/box";
import { rotationX, rotationZ } from "../../src/geometry/rotation";
import { identity3 } from "../../src/geometry/vector";

const cube: OrientedBox = { rotation: identity3, translation: [0, 0, 0], size: [1, 1, 1] };

test("corners run from (+, +, +)/2 to (−, −, −)/2, z fastest", () => {
  const corners = boxCorners({ ...cube, size: [2, 4, 6] });
  expect(corners[0]).toEqual([1, 2, 3]);
  expect(corners[1]).toEqual([1, 2, -3]);
  expect(corners[2]).toEqual([1, -2, 3]);
  expect(corners[7]).toEqual([-1, -2, -3]);
});

test("a cube and the same turned by 45° about z meet in an octagon prism: 2(√2 − 1)", () => {
  expect(boxIntersectionVolume(cube, { ...cube, rotation: rotationZ(Math.PI / 4) })).toBeCloseTo(
    2 * Math.SQRT2 - 2,
    14,
  );
});

test("two square bars that cross at right angles share the cube in the middle", () => {
  const bar: OrientedBox = { ...cube, size: [1, 1, 5] };
  expect(boxIntersectionVolume(bar, { ...bar, rotation: rotationX(Math.PI / 2) })).toBeCloseTo(1, 14);
});

test("apart: 0; touching: 0", () => {
  expect(boxIou(cube, { ...cube, translation: [3, 0, 0] })).toBe(0);
  expect(boxIou(cube, { ...cube, translation: [1, 0, 0] })).toBe(0);
  expect(boxIou(cube, { ...cube, translation: [0.9, 0.9, 0.9], rotation: rotationX(0.1) })).toBeGreaterThan(0);
});

test("a box without extent or with NaN is refused", () => {
  expect(() => boxIou(cube, { ...cube, size: [1, 0, 1] })).toThrow("every extent must be positive");
  expect(() => boxIou(cube, { ...cube, translation: [Number.NaN, 0, 0] })).toThrow("finite");
});
