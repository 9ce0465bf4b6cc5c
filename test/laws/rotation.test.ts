import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  axisAngleOf,
  type EulerOrder,
  eulerOf,
  orthonormalize6d,
  quaternionWxyzOf,
  rotation6dOf,
  rotation6dRowsOf,
  rotationFrom6d,
  rotationFrom6dRows,
  rotationFromAxisAngle,
  rotationFromEuler,
  rotationFromQuaternionWxyz,
} from "../../src/geometry/rotation";
import { geodesicDistance } from "../../src/geometry/so3";
import { apply, column, cross, determinant, identity3, multiply, norm, transpose } from "../../src/geometry/vector";
import { difference, direction, rotation, vector } from "./arbitraries";

describe("Gram–Schmidt", () => {
  const twoColumns = fc
    .tuple(vector(50), vector(50))
    .filter(([a, b]) => norm(cross(a, b)) > 1e-7 * norm(a) * norm(b) && norm(a) > 1e-6 && norm(b) > 1e-6);

  test("gives a right-handed orthonormal matrix, nearly parallel columns too", () => {
    fc.assert(
      fc.property(twoColumns, ([a, b]) => {
        const r = rotationFrom6d([...a, ...b]);
        expect(difference(multiply(transpose(r), r), identity3)).toBeLessThan(1e-14);
        expect(determinant(r)).toBeCloseTo(1, 13);
      }),
    );
  });

  test("keeps the first direction and the half-plane of the second", () => {
    fc.assert(
      fc.property(twoColumns, ([a, b]) => {
        const r = rotationFrom6d([...a, ...b]);
        const [x, y, z] = apply(transpose(r), b);
        expect(difference(apply(transpose(r), a), [norm(a), 0, 0])).toBeLessThan(1e-12 * norm(a));
        expect(y).toBeGreaterThan(0);
        expect(Math.abs(z)).toBeLessThan(1e-12 * Math.hypot(x, y) + 1e-13);
      }),
    );
  });

  test("is idempotent and ignores positive scales", () => {
    const positive = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(rotation, positive, positive, (r, s, t) => {
        const d6 = rotation6dOf(r);
        expect(difference(orthonormalize6d(d6), d6)).toBeLessThan(1e-14);
        const scaled = d6.map((x, i) => (i < 3 ? s * x : t * x)) as typeof d6;
        expect(difference(rotationFrom6d(scaled), r)).toBeLessThan(1e-14);
      }),
    );
  });
});

describe("round trips", () => {
  test("6D by columns and by rows", () => {
    fc.assert(
      fc.property(rotation, (r) => {
        expect(difference(rotationFrom6d(rotation6dOf(r)), r)).toBeLessThan(1e-14);
        expect(difference(rotationFrom6dRows(rotation6dRowsOf(r)), r)).toBeLessThan(1e-14);
        expect(rotation6dRowsOf(transpose(r))).toEqual(rotation6dOf(r));
      }),
    );
  });

  test("quaternion: unit, w ≥ 0, and q and −q are one rotation", () => {
    fc.assert(
      fc.property(rotation, (r) => {
        const q = quaternionWxyzOf(r);
        expect(Math.hypot(...q)).toBeCloseTo(1, 14);
        expect(q[0]).toBeGreaterThanOrEqual(0);
        expect(difference(rotationFromQuaternionWxyz(q), r)).toBeLessThan(1e-14);
        expect(difference(rotationFromQuaternionWxyz([-q[0], -q[1], -q[2], -q[3]]), r)).toBeLessThan(1e-14);
      }),
    );
  });

  test("axis–angle: it turns nothing on its own axis", () => {
    fc.assert(
      fc.property(rotation, (r) => {
        const v = axisAngleOf(r);
        expect(norm(v)).toBeLessThanOrEqual(Math.PI + 1e-15);
        expect(difference(rotationFromAxisAngle(v), r)).toBeLessThan(1e-14);
        expect(difference(apply(r, v), v)).toBeLessThan(1e-14);
      }),
    );
  });

  test.each<EulerOrder>(["ZYX", "XYZ"])("Euler %s", (order) => {
    fc.assert(
      fc.property(rotation, (r) => {
        const angles = eulerOf(order, r);
        expect(Math.abs(angles[1])).toBeLessThanOrEqual(Math.PI / 2);
        // Close to gimbal lock the other two lose digits, but not the rotation.
        expect(geodesicDistance(rotationFromEuler(order, angles), r)).toBeLessThan(1e-8);
      }),
    );
    fc.assert(
      fc.property(vector(Math.PI), (v) => {
        fc.pre(Math.abs(v[1]) < Math.PI / 2 - 0.01 && Math.abs(v[0]) < 3.1 && Math.abs(v[2]) < 3.1);
        expect(difference(eulerOf(order, rotationFromEuler(order, v)), v)).toBeLessThan(1e-12);
      }),
    );
  });
});

test("the columns of a rotation are the images of the axes", () => {
  fc.assert(
    fc.property(rotation, direction, (r, v) => {
      expect(difference(apply(r, [1, 0, 0]), column(r, 0))).toBe(0);
      expect(norm(apply(r, v))).toBeCloseTo(1, 14);
    }),
  );
});
