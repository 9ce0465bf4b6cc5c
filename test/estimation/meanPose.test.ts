import { expect, test } from "vitest";
import { averageQuaternionWxyz, meanPose } from "../../src/estimation/meanPose";
import type { Pose } from "../../src/geometry/pose";
import { type QuaternionWxyz, quaternionWxyzOf, rotationFromAxisAngle, rotationY } from "../../src/geometry/rotation";
import { geodesicDistance, randomRotation } from "../../src/geometry/so3";
import { multiply, type Vector3 } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

test("two rotations average to the middle of their path", () => {
  const poses = [0.2, 0.8].map((a): Pose => ({ rotation: rotationY(a), translation: [a, 0, 1] }));
  const mean = meanPose(poses);
  expect(geodesicDistance(mean.rotation, rotationY(0.5))).toBeLessThan(1e-14);
  expect(mean.translation[0]).toBeCloseTo(0.5, 14);
});

test("the signs of the quaternions do not matter, and w > 0", () => {
  const rng = new Rng(3);
  const quaternions = Array.from({ length: 9 }, () =>
    quaternionWxyzOf(rotationFromAxisAngle([2, rng.normal(0, 0.2), 0])),
  );
  const flipped = quaternions.map((q, i) => (i % 2 ? (q.map((x) => -x) as QuaternionWxyz) : q));
  const [a, b] = [averageQuaternionWxyz(quaternions), averageQuaternionWxyz(flipped)];
  a.forEach((x, i) => {
    expect(b[i]).toBeCloseTo(x, 14);
  });
  expect(a[0]).toBeGreaterThan(0);
});

test("the mean turns with the hypotheses: mean(g·Rᵢ) = g·mean(Rᵢ)", () => {
  const rng = new Rng(4);
  const [centre, g] = [randomRotation(rng), randomRotation(rng)];
  const poses = Array.from({ length: 20 }, (): Pose => {
    const noise: Vector3 = [rng.normal(0, 0.3), rng.normal(0, 0.3), rng.normal(0, 0.3)];
    return { rotation: multiply(centre, rotationFromAxisAngle(noise)), translation: noise };
  });
  const mean = meanPose(poses).rotation;
  const turned = meanPose(poses.map((p) => ({ ...p, rotation: multiply(g, p.rotation) }))).rotation;
  expect(geodesicDistance(turned, multiply(g, mean))).toBeLessThan(1e-13);
  expect(geodesicDistance(mean, centre)).toBeLessThan(0.3);
});

test("a weight of 0 removes a hypothesis", () => {
  const poses: Pose[] = [
    { rotation: rotationY(0.1), translation: [1, 2, 3] },
    { rotation: rotationY(3), translation: [9, 9, 9] },
  ];
  const mean = meanPose(poses, [2, 0]);
  expect(geodesicDistance(mean.rotation, poses[0].rotation)).toBeLessThan(1e-14);
  expect(mean.translation).toEqual([1, 2, 3]);
});

test("no hypothesis, bad weights and NaN are refused with a sentence", () => {
  const pose: Pose = { rotation: rotationY(0), translation: [0, 0, 0] };
  expect(() => meanPose([])).toThrow("no hypothesis");
  expect(() => meanPose([pose], [0])).toThrow("not be negative nor all 0");
  expect(() => meanPose([pose], [1, 1])).toThrow("2 weights for 1 hypotheses");
  expect(() => meanPose([{ ...pose, translation: [0, Number.NaN, 0] }])).toThrow("finite");
});
