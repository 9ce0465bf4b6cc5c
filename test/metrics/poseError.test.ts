import { describe, expect, test } from "vitest";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { randomRotation } from "../../src/geometry/so3";
import { identity3, type Matrix3, multiply } from "../../src/geometry/vector";
import { accuracyAt, poseError, publishedRotationErrorDeg, rotationErrorDeg } from "../../src/metrics/poseError";
import { Rng } from "../../src/random";

const truth = randomRotation(new Rng(1));
const turnedBy = (r: Matrix3): Matrix3 => multiply(truth, r);

describe("rotation error", () => {
  test("is the angle of the turn", () => {
    expect(rotationErrorDeg(turnedBy(rotationX(0.1)), truth)).toBeCloseTo(18 / Math.PI, 12);
    expect(rotationErrorDeg(turnedBy(rotationY(2)), truth)).toBeCloseTo(360 / Math.PI, 12);
  });

  test("forgets turns about y where symmetric, but not tilts", () => {
    expect(rotationErrorDeg(turnedBy(rotationY(2)), truth, "aboutY")).toBeLessThan(1e-13);
    const tilted = multiply(turnedBy(rotationX(0.2)), rotationY(1));
    expect(rotationErrorDeg(tilted, truth, "aboutY")).toBeCloseTo(36 / Math.PI, 12);
    expect(rotationErrorDeg(turnedBy(rotationX(Math.PI)), truth, "aboutY")).toBeCloseTo(180, 12);
  });

  test("forgets half a turn about y where the object does", () => {
    expect(rotationErrorDeg(turnedBy(rotationY(Math.PI + 0.1)), truth, "halfTurnAboutY")).toBeCloseTo(18 / Math.PI, 12);
    expect(rotationErrorDeg(turnedBy(rotationY(1.5)), truth, "halfTurnAboutY")).toBeCloseTo(270 / Math.PI, 12);
  });

  test("resolves what the published arccos rounds away", () => {
    const nearly = turnedBy(rotationX(1e-10));
    expect(rotationErrorDeg(nearly, truth)).toBeCloseTo((180 / Math.PI) * 1e-10, 13);
    expect(publishedRotationErrorDeg(nearly, truth)).not.toBeCloseTo((180 / Math.PI) * 1e-10, 9);
  });

  test("the published form agrees elsewhere", () => {
    const rng = new Rng(2);
    for (let i = 0; i < 50; i++) {
      const other = randomRotation(rng);
      for (const symmetry of ["none", "aboutY", "halfTurnAboutY"] as const)
        expect(publishedRotationErrorDeg(other, truth, symmetry)).toBeCloseTo(
          rotationErrorDeg(other, truth, symmetry),
          6,
        );
    }
  });

  test("without the clip rounding makes NaN of some equal rotations", () => {
    const rng = new Rng(3);
    const rotations = Array.from({ length: 100 }, () => randomRotation(rng));
    const errors = (clipped: boolean): number[] =>
      rotations.map((r) => publishedRotationErrorDeg(r, r, "none", { clipped }));
    expect(errors(false).some(Number.isNaN)).toBe(true);
    expect(errors(true).every((e) => e < 1e-5)).toBe(true);
  });

  test("a scaled matrix is refused", () => {
    const scaled = truth.map((x) => 2 * x) as unknown as Matrix3;
    expect(() => rotationErrorDeg(scaled, truth)).toThrow("inner product");
  });
});

test("translation error is in centimetres", () => {
  const error = poseError(
    { rotation: identity3, translation: [0.03, 0.04, 1] },
    { rotation: identity3, translation: [0, 0, 1] },
  );
  expect(error.errorCm).toBeCloseTo(5, 13);
  expect(error.errorDeg).toBe(0);
});

test("accuracyAt counts poses within both thresholds, the thresholds included", () => {
  const errors = [
    { errorDeg: 5, errorCm: 2 },
    { errorDeg: 5.1, errorCm: 1 },
    { errorDeg: 1, errorCm: 2.1 },
    { errorDeg: 0, errorCm: 0 },
  ];
  expect(accuracyAt(errors, 5, 2)).toBe(0.5);
  expect(accuracyAt(errors, 10, 5)).toBe(1);
  expect(() => accuracyAt([], 5, 2)).toThrow("no errors");
  expect(() => accuracyAt([{ errorDeg: Number.NaN, errorCm: 0 }], 5, 2)).toThrow("finite");
});
