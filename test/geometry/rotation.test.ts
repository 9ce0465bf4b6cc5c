import { describe, expect, test } from "vitest";
import { InputError } from "../../src/check";
import {
  eulerOf,
  quaternionWxyzOf,
  rotation6dOf,
  rotationFrom6d,
  rotationFromAxisAngle,
  rotationFromEuler,
  rotationFromQuaternionWxyz,
  rotationX,
  rotationY,
  rotationZ,
} from "../../src/geometry/rotation";
import { rotationFrom6dFloat32 } from "../../src/geometry/rotationFloat32";
import { geodesicDistance, relativeAnglePytorch3d } from "../../src/geometry/so3";
import { apply, identity3, multiply, transpose } from "../../src/geometry/vector";

const rounded = (values: readonly number[]): number[] => values.map((x) => Math.round(x * 1e12) / 1e12 + 0);

test("the axes turn right-handed", () => {
  expect(rounded(apply(rotationX(Math.PI / 2), [0, 1, 0]))).toEqual([0, 0, 1]);
  expect(rounded(apply(rotationY(Math.PI / 2), [0, 0, 1]))).toEqual([1, 0, 0]);
  expect(rounded(apply(rotationZ(Math.PI / 2), [1, 0, 0]))).toEqual([0, 1, 0]);
});

test("6D is the first two columns", () => {
  expect(rotation6dOf(rotationZ(0.3))).toEqual([Math.cos(0.3), Math.sin(0.3), 0, -Math.sin(0.3), Math.cos(0.3), 0]);
});

test("half turns have quaternions without w", () => {
  expect(rounded(quaternionWxyzOf(rotationX(Math.PI)))).toEqual([0, 1, 0, 0]);
  expect(rounded(quaternionWxyzOf(rotationY(Math.PI)))).toEqual([0, 0, 1, 0]);
  expect(rounded(quaternionWxyzOf(rotationZ(Math.PI)))).toEqual([0, 0, 0, 1]);
});

test("axis–angle is Rodrigues' formula", () => {
  const r = rotationFromAxisAngle([0, 0.3, 0]);
  expect(geodesicDistance(r, rotationY(0.3))).toBeLessThan(1e-15);
});

test("the letters of Euler angles stand in the order of the factors", () => {
  const zyx = multiply(rotationZ(0.1), multiply(rotationY(0.2), rotationX(0.3)));
  expect(geodesicDistance(rotationFromEuler("ZYX", [0.1, 0.2, 0.3]), zyx)).toBeLessThan(1e-15);
  expect(geodesicDistance(rotationFromEuler("XYZ", [-0.3, -0.2, -0.1]), transpose(zyx))).toBeLessThan(1e-15);
});

test("gimbal lock leaves the rotation right and the first angle 0", () => {
  for (const middle of [Math.PI / 2, -Math.PI / 2])
    for (const order of ["ZYX", "XYZ"] as const) {
      const r = rotationFromEuler(order, [0.4, middle, 0.9]);
      const angles = eulerOf(order, r);
      expect(angles[0]).toBe(0);
      expect(geodesicDistance(rotationFromEuler(order, angles), r)).toBeLessThan(1e-14);
    }
});

describe("what is no rotation is refused with a sentence", () => {
  test.each([
    ["a zero column", [0, 0, 0, 1, 0, 0], "has no direction"],
    ["NaN", [Number.NaN, 0, 0, 1, 0, 0], "has no direction"],
    ["infinity", [1, 0, 0, Number.POSITIVE_INFINITY, 0, 0], "has no direction"],
    ["parallel columns", [1, 2, 3, -2, -4, -6], "are parallel"],
  ] as const)("%s", (_, d6, message) => {
    expect(() => rotationFrom6d([...d6])).toThrow(InputError);
    expect(() => rotationFrom6d([...d6])).toThrow(message);
  });

  test("a zero quaternion", () => {
    expect(() => rotationFromQuaternionWxyz([0, 0, 0, 0])).toThrow(InputError);
  });
});

test("in float32 nearly parallel columns lose orthogonality; in float64 they do not", () => {
  const d6 = [1, 0, 0, 1000, 1, 0.3] as [number, number, number, number, number, number];
  const columnDot = (r: ReturnType<typeof rotationFrom6d>): number => Math.abs(r[0] * r[1] + r[3] * r[4] + r[6] * r[7]);
  const tilted = rotationFromEuler("ZYX", [0.3, 0.2, 0.1]);
  const [a, b] = [apply(tilted, [d6[0], d6[1], d6[2]]), apply(tilted, [d6[3], d6[4], d6[5]])];
  expect(columnDot(rotationFrom6dFloat32([...a, ...b]))).toBeGreaterThan(1e-6);
  expect(columnDot(rotationFrom6d([...a, ...b]))).toBeLessThan(1e-15);
});

test("pytorch3d's linearised angle puts equal rotations 0.405° apart", () => {
  expect((relativeAnglePytorch3d(identity3, identity3) * 180) / Math.PI).toBeCloseTo(0.4051, 4);
  expect(relativeAnglePytorch3d(identity3, rotationX(1))).toBeCloseTo(1, 14);
  expect(geodesicDistance(identity3, identity3)).toBe(0);
});
