import { describe, expect, test } from "vitest";
import { compose, type Pose } from "../../src/geometry/pose";
import { rotationY, rotationZ } from "../../src/geometry/rotation";
import { symmetryMotions } from "../../src/geometry/symmetryMotions";
import { identity3, type Vector3 } from "../../src/geometry/vector";
import { averageDistance, averageNearestDistance, mspd, mssd, projectionError } from "../../src/metrics/surfaceErrors";
import { type VsdOptions, vsd } from "../../src/metrics/vsd";

const identity: Pose = { rotation: identity3, translation: [0, 0, 0] };
const camera = { fx: 500, fy: 520, cx: 320, cy: 240, width: 640, height: 480 };
const at = (...translation: Vector3): Pose => ({ rotation: identity3, translation });
/** A ring about z and a tip. */
const points = Float64Array.from(
  [
    ...Array.from({ length: 36 }, (_, k) => [
      0.05 * Math.cos((k * Math.PI) / 18),
      0.05 * Math.sin((k * Math.PI) / 18),
      0,
    ]),
    [0, 0, 0.08],
  ].flat(),
);

describe("symmetryMotions", () => {
  test("each discrete motion with each of ⌈π/step⌉ turns, the identity first", () => {
    const flip: Pose = { rotation: [1, 0, 0, 0, -1, 0, 0, 0, -1], translation: [0, 0, 0.01] };
    const axis = { axis: [0, 0, 1] as Vector3, offset: [0.1, 0, 0] as Vector3 };
    const motions = symmetryMotions({ discrete: [flip], continuous: [axis] });
    expect(motions).toHaveLength(2 * 315);
    expect(motions[0]).toEqual(identity);
    // a point of the axis stays where it is
    for (const { rotation: r, translation: t } of motions.slice(0, 315)) expect(r[0] * 0.1 + t[0]).toBeCloseTo(0.1, 12);
    expect(symmetryMotions({ discrete: [], continuous: [] })).toEqual([identity]);
  });

  test("a step that is no share is refused", () => {
    for (const step of [0, -1, 2, Number.NaN])
      expect(() => symmetryMotions({ discrete: [], continuous: [] }, step)).toThrow(/symmetryMotions: step is/);
  });
});

describe("surface errors", () => {
  test("a shift moves every point by its length", () => {
    for (const error of [
      mssd(at(0.003, 0.004, 1), at(0, 0, 1), points, [identity]),
      averageDistance(at(0.003, 0.004, 1), at(0, 0, 1), points),
    ])
      expect(error).toBeCloseTo(0.005, 15);
  });

  test("MSSD takes the farthest point, ADD the mean", () => {
    const turned: Pose = { rotation: rotationZ(Math.PI), translation: [0, 0, 1] };
    expect(mssd(turned, at(0, 0, 1), points, [identity])).toBeCloseTo(0.1, 15);
    expect(averageDistance(turned, at(0, 0, 1), points)).toBeCloseTo((36 * 0.1) / 37, 15);
    expect(averageNearestDistance(turned, at(0, 0, 1), points)).toBeCloseTo(0, 15);
  });

  test("a symmetry of the object costs nothing, and in whatever order the motions stand", () => {
    const motions = symmetryMotions({ discrete: [], continuous: [{ axis: [0, 0, 1], offset: [0, 0, 0] }] });
    const truth: Pose = { rotation: rotationY(0.3), translation: [0.1, -0.05, 0.7] };
    const symmetric = compose(truth, motions[100]);
    expect(mssd(symmetric, truth, points, motions)).toBeLessThan(1e-12);
    expect(mspd(symmetric, truth, camera, points, motions)).toBeLessThan(1e-9);
    const off: Pose = { rotation: rotationY(0.7), translation: [0.11, -0.02, 0.75] };
    const exhaustive = Math.min(...motions.map((motion) => mssd(off, compose(truth, motion), points, [identity])));
    expect(mssd(off, truth, points, motions)).toBeCloseTo(exhaustive, 14);
    expect(mssd(off, truth, points, [...motions].reverse())).toBeCloseTo(exhaustive, 14);
  });

  test("pixels: a shift of 1 cm at 1 m is fx/100; behind the camera there is none", () => {
    const one = Float64Array.from([0, 0, 0]);
    expect(mspd(at(0.01, 0, 1), at(0, 0, 1), camera, one, [identity])).toBeCloseTo(5, 12);
    expect(projectionError(at(0, 0.01, 1), at(0, 0, 1), camera, one)).toBeCloseTo(5.2, 12);
    expect(mspd(at(0, 0, -1), at(0, 0, 1), camera, one, [identity])).toBe(Number.POSITIVE_INFINITY);
  });

  test("bad input is told", () => {
    expect(() => mssd(at(0, 0, Number.NaN), at(0, 0, 1), points, [identity])).toThrow(/mssd: value 11 is NaN/);
    expect(() => mssd(at(0, 0, 1), at(0, 0, 1), [], [identity])).toThrow(/mssd: got 0 numbers of points/);
    expect(() => mspd(at(0, 0, 1), at(0, 0, 1), camera, points, [])).toThrow(/mspd: got no motion/);
  });
});

describe("vsd", () => {
  const small = { fx: 100, fy: 100, cx: 2, cy: 1, width: 4, height: 2 };
  const options: VsdOptions = { delta: 0.015, taus: [0.02] };
  const depth = (...values: number[]): Float32Array => Float32Array.from(values);
  const scene = depth(1, 1, 1, 1, 1, 1, 1, 1);

  test("the same surface costs nothing, a distant one everything", () => {
    const model = depth(1, 1, 0, 0, 1, 1, 0, 0);
    expect(vsd({ scene, truth: model, predicted: model }, small, options).errors).toEqual([0]);
    const far = depth(0, 0, 1, 1, 0, 0, 1, 1);
    expect(vsd({ scene, truth: model, predicted: far }, small, options).errors).toEqual([1]);
  });

  test("pixels of one surface only cost 1 each, shared ones by their distance", () => {
    const truth = depth(1, 1, 1, 0, 0, 0, 0, 0);
    const predicted = depth(0, 0.99, 0.95, 0.99, 0, 0, 0, 0);
    // union 4: one only in each, two shared, of which one is 5 cm off
    expect(vsd({ scene, truth, predicted }, small, options).errors).toEqual([3 / 4]);
    expect(vsd({ scene, truth, predicted }, small, { ...options, cost: "linear" }).errors[0]).toBeCloseTo(
      (2 + 1 + 0.5) / 4,
      3,
    );
    expect(vsd({ scene, truth, predicted }, small, { ...options, taus: [0.2], diameter: 0.1 }).errors).toEqual([3 / 4]);
  });

  test("what hides the object is not counted; missing depth is, unless it is to be hidden", () => {
    const hidden = depth(0.5, 1, 0, 1, 1, 1, 1, 1);
    const model = depth(1, 1, 1, 0, 0, 0, 0, 0);
    expect(vsd({ scene: hidden, truth: model, predicted: model }, small, options).visibleTruth).toBe(2);
    const strict: VsdOptions = { ...options, missing: "hidden" };
    expect(vsd({ scene: hidden, truth: model, predicted: model }, small, strict).visibleTruth).toBe(1);
  });

  test("nothing visible is wrong", () => {
    const nothing = depth(0, 0, 0, 0, 0, 0, 0, 0);
    expect(vsd({ scene, truth: nothing, predicted: nothing }, small, options).errors).toEqual([1]);
  });

  test("bad input is told", () => {
    expect(() => vsd({ scene, truth: scene, predicted: depth(1) }, small, options)).toThrow(
      /predicted depth: expected 2 × 4/,
    );
    for (const taus of [[], [0], [-1]])
      expect(() => vsd({ scene, truth: scene, predicted: scene }, small, { ...options, taus })).toThrow(
        /must be positive/,
      );
  });
});
