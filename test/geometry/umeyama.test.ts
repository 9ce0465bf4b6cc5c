import { describe, expect, test } from "vitest";
import { InputError } from "../../src/check";
import { similarityFromMatrix4 } from "../../src/geometry/similarity";
import { umeyama, umeyamaRansac } from "../../src/geometry/umeyama";

const square = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0];

test("a square doubled, turned a quarter about z and moved", () => {
  const { scale, rotation, translation } = umeyama(square, [5, 0, 1, 5, 2, 1, 3, 2, 1, 3, 0, 1]);
  expect(scale).toBeCloseTo(2, 14);
  [0, -1, 0, 1, 0, 0, 0, 0, 1].forEach((x, i) => {
    expect(rotation[i]).toBeCloseTo(x, 14);
  });
  [5, 0, 1].forEach((x, i) => {
    expect(translation[i]).toBeCloseTo(x, 14);
  });
});

test("a mirrored tetrahedron gets the best rotation, not the reflection", () => {
  const source = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
  const mirrored = [0, 0, 0, -1, 0, 0, 0, 2, 0, 0, 0, 3];
  const { rotation: r } = umeyama(source, mirrored);
  const det =
    r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) + r[2] * (r[3] * r[7] - r[4] * r[6]);
  expect(det).toBeCloseTo(1, 12);
});

describe("refuses with a sentence", () => {
  test.each([
    ["different lengths", square, square.slice(3), "pair the points"],
    ["two points", square.slice(0, 6), square.slice(0, 6), "needs 3 or more"],
    ["a line", [0, 0, 0, 1, 1, 1, 2, 2, 2], square.slice(0, 9), "on a line"],
    ["one place", [1, 1, 1, 1, 1, 1, 1, 1, 1], square.slice(0, 9), "on a line or in one place"],
    ["NaN", [...square.slice(0, 11), Number.NaN], square, "finite"],
  ])("%s", (_, source, target, message) => {
    expect(() => umeyama(source, target)).toThrow(InputError);
    expect(() => umeyama(source, target)).toThrow(message);
  });

  test("a sample with an index that is no point", () => {
    expect(() => umeyamaRansac(square, square, [[0, 1, 4]])).toThrow("outside 0 … 3");
  });

  test("a matrix that is no similarity", () => {
    expect(() => similarityFromMatrix4([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1])).toThrow("determinant");
    expect(() => similarityFromMatrix4([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 2, 3, 1])).toThrow("last row");
    expect(() => similarityFromMatrix4([1, 2, 3])).toThrow("4 × 4");
  });
});

test("RANSAC stops as soon as a clean sample is certain, and passes over samples of one point", () => {
  const clean = umeyamaRansac(square, square, [
    [0, 1, 2],
    [1, 2, 3],
    [0, 2, 3],
  ]);
  expect(clean?.iterations).toBe(2);
  const late = umeyamaRansac(square, square, [
    [1, 1, 1],
    [0, 1, 2],
  ]);
  expect(late?.inliers).toEqual(Int32Array.of(0, 1, 2, 3));
  expect(umeyamaRansac(square, square, [[2, 2, 2]])).toBeUndefined();
});
