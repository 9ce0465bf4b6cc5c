import { expect, it } from "vitest";
import { assertRotation } from "../../src/check";
import { nearestRotation } from "../../src/geometry/nearestRotation";
import { rotationFromAxisAngle } from "../../src/geometry/rotation";
import type { Matrix3 } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

const distance = (a: Matrix3, b: Matrix3): number => Math.hypot(...a.map((x, i) => x - b[i]));

it("is the rotation nearest to the matrix: every turn of it is farther", () => {
  const rng = new Rng(3);
  for (let trial = 0; trial < 50; trial++) {
    const rotation = rotationFromAxisAngle([rng.normal(), rng.normal(), rng.normal()]);
    const matrix = rotation.map((x) => x + 0.02 * rng.normal()) as unknown as Matrix3;
    const nearest = nearestRotation(matrix);
    assertRotation("test", nearest, 1e-12);
    const best = distance(nearest, matrix);
    for (let i = 0; i < 10; i++) {
      const turn = rotationFromAxisAngle([0.01 * rng.normal(), 0.01 * rng.normal(), 0.01 * rng.normal()]);
      const turned = [0, 3, 6].flatMap((row) =>
        [0, 1, 2].map((c) => nearest[row] * turn[c] + nearest[row + 1] * turn[3 + c] + nearest[row + 2] * turn[6 + c]),
      ) as unknown as Matrix3;
      expect(distance(turned, matrix)).toBeGreaterThanOrEqual(best - 1e-12);
    }
  }
});

it("leaves a rotation alone and refuses what is none", () => {
  const rotation = rotationFromAxisAngle([1, 2, 3]);
  expect(distance(nearestRotation(rotation), rotation)).toBeLessThan(1e-14);
  expect(() => nearestRotation(rotation.map((x) => 2 * x) as unknown as Matrix3)).toThrow(/the determinant is 8/);
  expect(() => nearestRotation([1, 0, 0, 0, Number.NaN, 0, 0, 0, 1])).toThrow(/finite/);
});
