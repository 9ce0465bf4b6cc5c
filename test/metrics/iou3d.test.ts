import { describe, expect, test } from "vitest";
import type { OrientedBox } from "../../src/geometry/box";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { identity3, multiply } from "../../src/geometry/vector";
import { catreIou3d, orientedIou3d, publishedNocsIou3d } from "../../src/metrics/iou3d";

const box: OrientedBox = { rotation: rotationX(0.4), translation: [0.1, -0.2, 1], size: [0.1, 0.2, 0.15] };

test("all three give 1 for equal boxes", () => {
  for (const iou of [orientedIou3d, catreIou3d, publishedNocsIou3d]) expect(iou(box, box, false)).toBeCloseTo(1, 12);
});

test("the published one depends on where the camera stands; the right one does not", () => {
  const shifted = (by: number): OrientedBox => ({ ...box, translation: [box.translation[0] + by, -0.2, 1] });
  const near = [box, { ...box, translation: [0.13, -0.2, 1] as const }] as const;
  const far = [shifted(1), { ...box, translation: [1.13, -0.2, 1] as const }] as const;
  expect(Math.abs(publishedNocsIou3d(...near, false) - publishedNocsIou3d(...far, false))).toBeGreaterThan(0.01);
  expect(orientedIou3d(...near, false)).toBeCloseTo(orientedIou3d(...far, false), 12);
  expect(orientedIou3d(...near, false)).toBeCloseTo(0.07 / 0.13, 12);
});

test("CATRE's is right for axis-aligned boxes only", () => {
  const aligned: OrientedBox = { ...box, rotation: identity3 };
  const moved: OrientedBox = { ...aligned, translation: [0.13, -0.25, 1.02] };
  expect(catreIou3d(aligned, moved, false)).toBeCloseTo(orientedIou3d(aligned, moved), 12);
  expect(
    Math.abs(catreIou3d(box, { ...moved, rotation: box.rotation }, false) - orientedIou3d(box, moved)),
  ).toBeGreaterThan(0.01);
});

describe("symmetric objects", () => {
  test.each([0.05, 0.4, 1, 2.5])("the right one finds the turn by %f", (angle) => {
    const turned: OrientedBox = { ...box, rotation: multiply(box.rotation, rotationY(angle)) };
    expect(orientedIou3d(turned, box, true)).toBeGreaterThan(0.9999);
    expect(orientedIou3d(turned, box, false)).toBeLessThan(0.97);
  });

  test("the published ones try every 18°", () => {
    const turned: OrientedBox = { ...box, rotation: multiply(box.rotation, rotationY(Math.PI / 5)) };
    expect(publishedNocsIou3d(turned, box, true)).toBeCloseTo(1, 12);
    expect(catreIou3d(turned, box, true)).toBeCloseTo(1, 12);
  });

  test("boxes too far apart to meet have 0, however turned", () => {
    expect(orientedIou3d(box, { ...box, translation: [2, 0, 1] }, true)).toBe(0);
  });
});
