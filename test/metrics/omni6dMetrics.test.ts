import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { exp, geodesicDistance, randomRotation } from "../../src/geometry/so3";
import { type ObjectSymmetry, symmetryGroup } from "../../src/geometry/symmetryGroup";
import { determinant, identity3, type Matrix3, multiply, transpose } from "../../src/geometry/vector";
import { averagePrecision, stepwiseAveragePrecision } from "../../src/metrics/averagePrecision";
import { calibrateRotation } from "../../src/metrics/calibrateRotation";
import { omni6dError, omni6dMetrics } from "../../src/metrics/omni6dMetrics";
import { aucBelow, aucIou, vus } from "../../src/metrics/vus";
import { Rng } from "../../src/random";

const rng = new Rng(5);
const labels: ObjectSymmetry[] = [
  "none",
  "box",
  "cube",
  ...(["x", "y", "z"] as const).flatMap((axis) =>
    (["flip", "square-pyramid", "square-tube", "cone", "cylinder"] as const).map((kind) => `${axis}-${kind}` as const),
  ),
];
const indexIn = (group: readonly Matrix3[], r: Matrix3): number =>
  group.findIndex((g) => geodesicDistance(g, r) < 1e-9);

describe("symmetry groups", () => {
  it.each(labels)("%s is a group of distinct rotations", (label) => {
    const group = symmetryGroup(label, 6);
    expect(group[0]).toEqual(identity3);
    for (const [i, a] of group.entries()) {
      expect(determinant(a)).toBeCloseTo(1, 12);
      expect(indexIn(group, a)).toBe(i);
      expect(indexIn(group, transpose(a))).toBeGreaterThanOrEqual(0);
      for (const b of group) expect(indexIn(group, multiply(a, b))).toBeGreaterThanOrEqual(0);
    }
  });

  it("have their sizes", () => {
    const sizes = labels.slice(0, 8).map((label) => symmetryGroup(label).length);
    expect(sizes).toEqual([1, 4, 24, 2, 4, 8, 100, 200]);
    expect(() => symmetryGroup("any")).toThrow(/all of SO\(3\)/);
    expect(() => symmetryGroup("w-flip" as ObjectSymmetry)).toThrow(/w-flip is no symmetry/);
    expect(() => symmetryGroup("x-cone", 0)).toThrow(/steps is 0/);
  });
});

describe("calibration", () => {
  it("undoes any element of the group and is no worse than it was", () => {
    for (const label of labels) {
      const truth = randomRotation(rng);
      const near = multiply(truth, exp([0.02, -0.03, 0.01]));
      const group = symmetryGroup(label, 20);
      const turned = multiply(near, group[rng.integer(group.length)]);
      for (const steps of [20, "exact"] as const) {
        const angle = geodesicDistance(calibrateRotation(turned, truth, label, { steps }), truth);
        expect(angle).toBeLessThanOrEqual(geodesicDistance(near, truth) + 1e-12);
      }
    }
  });

  it("exact is at least as good as any number of steps, and 0 for a pure turn", () => {
    for (const label of ["y-cone", "x-cylinder"] as const) {
      const [truth, predicted] = [randomRotation(rng), randomRotation(rng)];
      const exact = geodesicDistance(calibrateRotation(predicted, truth, label, { steps: "exact" }), truth);
      const fine = geodesicDistance(calibrateRotation(predicted, truth, label, { steps: 3000 }), truth);
      expect(exact).toBeLessThanOrEqual(fine + 1e-12);
      expect(fine - exact).toBeLessThan(1e-5);
    }
    const turned = multiply(rotationX(0.4), rotationY(1.234));
    expect(
      geodesicDistance(calibrateRotation(turned, rotationX(0.4), "y-cone", { steps: "exact" }), rotationX(0.4)),
    ).toBeLessThan(1e-12);
    expect(calibrateRotation(turned, identity3, "any")).toEqual(identity3);
  });
});

describe("volume under the surface", () => {
  const positive = (limit: number): fc.Arbitrary<number> => fc.double({ min: 0, max: limit, noNaN: true });

  it("approaches the mean of (1 − θ/n)₊ (1 − d/m)₊", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(positive(15), positive(8)), { minLength: 1, maxLength: 20 }), (pairs) => {
        const errors = pairs.map(([errorDeg, errorCm]) => ({ errorDeg, errorCm }));
        const limit = pairs.reduce((sum, [d, c]) => sum + Math.max(0, 1 - d / 10) * Math.max(0, 1 - c / 5), 0);
        expect(Math.abs(vus(errors, 10, 5) - limit / pairs.length)).toBeLessThan(0.0101); // half a cell on each side
      }),
    );
  });

  it("is 1 without error, 0 beyond, strict at a threshold", () => {
    expect(vus([{ errorDeg: 0, errorCm: 0 }], 5, 2)).toBe(1);
    expect(vus([{ errorDeg: 5, errorCm: 0 }], 5, 2)).toBe(0);
    expect(vus([{ errorDeg: 1, errorCm: 0 }], 2, 2, 1)).toBe(0); // the one threshold is 1 itself
    expect(() => vus([], 5, 2)).toThrow(/no errors/);
    expect(() => vus([{ errorDeg: Number.NaN, errorCm: 0 }], 5, 2)).toThrow(/finite/);
    expect(() => vus([{ errorDeg: 0, errorCm: 0 }], 0, 2)).toThrow(/thresholds/);
  });

  it("areas: exact at middles", () => {
    expect(aucIou([1], 0.25)).toBe(1);
    expect(aucIou([0.75, 0.5], 0.5)).toBe(0.25);
    expect(aucBelow([2.5, 0], 5, 500)).toBe(0.75);
    expect(() => aucIou([0.5], 1)).toThrow(/thresholds/);
    expect(() => aucIou([], 0.5)).toThrow(/no IoU/);
    expect(() => aucBelow([], 1)).toThrow(/no errors/);
  });
});

describe("figures of Omni6DPose", () => {
  const box = { rotation: identity3, translation: [0, 0, 1], size: [0.1, 0.3, 0.1] } as const;

  it("do not count a symmetric turn as an error, in degrees or in IoU", () => {
    const turned = { ...box, rotation: rotationY(Math.PI / 2) };
    expect(omni6dError(turned, box, "y-square-tube")).toMatchObject({
      errorDeg: expect.closeTo(0, 12),
      errorCm: 0,
      iou: expect.closeTo(1, 12),
    });
    expect(omni6dError(turned, box, "none").errorDeg).toBeCloseTo(90, 9);
  });

  it("weigh classes alike, and give an AP only with scores", () => {
    const good = { category: "a", iou: 0.9, errorDeg: 1, errorCm: 0.5 };
    const bad = { category: "b", iou: 0, errorDeg: 90, errorCm: 50 };
    const { mean, perCategory } = omni6dMetrics([good, good, good, bad]);
    expect(mean.iouMean).toBeCloseTo(0.45, 12);
    expect(mean.poseAccuracy).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(perCategory.a.poseVus[3]).toBeCloseTo(0.9 * 0.9, 2);
    expect(mean.iouAp).toBeUndefined();
    const scored = omni6dMetrics(
      [
        { ...good, score: 0.9 },
        { ...bad, score: 0.1 },
      ],
      { truths: { a: 2, b: 1 } },
    );
    expect(scored.mean.poseAp).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it("refuse what can't be counted", () => {
    const one = { category: "a", iou: 1, errorDeg: 0, errorCm: 0 };
    expect(() => omni6dMetrics([])).toThrow(/no errors/);
    expect(() => omni6dMetrics([one, { ...one, score: 1 }])).toThrow(/1 of 2 objects have a score/);
    expect(() => omni6dMetrics([{ ...one, score: 1 }], { truths: {} })).toThrow(/no number for a/);
    expect(() => omni6dMetrics([{ ...one, iou: Number.NaN }])).toThrow(/finite/);
  });

  it("AP by steps is never above the one with the envelope", () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 20, max: 40 }),
        (hits, truths) => {
          const scores = hits.map((_, i) => 1 - i / 100);
          const steps = stepwiseAveragePrecision(hits, scores, truths);
          expect(steps).toBeLessThanOrEqual(averagePrecision(hits, scores, truths).ap + 1e-12);
          expect(steps).toBeGreaterThanOrEqual(0);
        },
      ),
    );
    expect(() => stepwiseAveragePrecision([true], [1], 0)).toThrow(/no number of ground truths/);
  });
});
