import { describe, expect, it } from "vitest";
import type { OrientedBox } from "../../src/geometry/box";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import type { NocsCategory } from "../../src/geometry/symmetry";
import { multiply, scale } from "../../src/geometry/vector";
import { apCurves } from "../../src/metrics/apCurves";
import { boxAccuracy, boxError } from "../../src/metrics/boxError";
import { scalePriorAnswer, sizePriors } from "../../src/metrics/scalePrior";

const box: OrientedBox = { rotation: rotationX(0.5), translation: [0.1, -0.05, 0.8], size: [0.12, 0.1, 0.08] };
const turned = (angle: number): OrientedBox => ({ ...box, rotation: multiply(box.rotation, rotationY(angle)) });

describe("boxError", () => {
  it("is nothing for the truth, and splits a translation into bearing and distance", () => {
    const truth = { category: "laptop" as const, box };
    expect(boxError(box, truth)).toMatchObject({ errorDeg: 0, errorCm: 0, distanceCm: 0, bearingCm: 0 });
    expect(boxError(box, truth).iou).toBeCloseTo(1, 9);
    expect(boxError(box, truth).publishedIou).toBeCloseTo(1, 9);
    const far = boxError({ ...box, translation: scale(box.translation, 1.1) }, truth);
    expect(far.bearingCm).toBeCloseTo(0, 9);
    expect(far.distanceCm).toBeCloseTo(10 * Math.hypot(...box.translation), 9);
    expect(far.distanceCm).toBeCloseTo(far.errorCm, 9);
  });

  it("takes a mug for symmetric only when its handle is hidden", () => {
    const of = (category: NocsCategory, handleVisible?: boolean): number =>
      boxError(turned(1), { category, box, handleVisible }).errorDeg;
    expect(of("mug", true)).toBeCloseTo(180 / Math.PI, 6);
    expect(of("mug")).toBeCloseTo(180 / Math.PI, 6);
    expect(of("mug", false)).toBeCloseTo(0, 6);
    expect(of("bowl")).toBeCloseTo(0, 6);
    expect(of("camera", false)).toBeCloseTo(180 / Math.PI, 6);
    expect(boxError(turned(1), { category: "can", box }).iou).toBeGreaterThan(0.999);
    expect(boxError(turned(1), { category: "mug", box }).iou).toBeLessThan(0.8);
  });

  it("is counted by thresholds, IoU strictly", () => {
    const truth = { category: "laptop" as const, box };
    const errors = [
      boxError(box, truth),
      boxError(turned(0.1), truth),
      boxError({ ...turned(1), translation: [0.1, -0.05, 0.95] }, truth),
      { ...boxError(box, truth), iou: 0.5, publishedIou: 0.75 },
    ];
    const accuracy = boxAccuracy(errors);
    expect(accuracy.at10deg).toBe(75);
    expect(accuracy.at5deg5cm).toBe(50);
    expect(accuracy.at10deg10cm).toBe(75);
    expect(accuracy.at10cm).toBe(75);
    expect(accuracy.iou50).toBe(50);
    expect(accuracy.publishedIou50).toBe(75);
    expect(accuracy.publishedIou75).toBe(50);
    expect(() => boxAccuracy([])).toThrow(/no errors/);
    expect(() => boxError({ ...box, size: [0, 1, 1] }, truth)).toThrow(/extent/);
  });
});

describe("the ceiling without scale", () => {
  const objects = [1, 2, 4].map((k) => ({ category: "mug" as const, size: scale([0.1, 0.2, 0.2], k) }));

  it("knows everything but the size", () => {
    const priors = sizePriors(objects);
    expect(priors.mug?.diagonal).toBeCloseTo(0.6, 9); // 0.3, 0.6, 1.2
    expect(priors.mug?.size[1]).toBeCloseTo(0.2 * (7 / 3), 9);
    const truth = { category: "mug" as const, box: { ...box, size: [0.1, 0.2, 0.2] as const } };
    const answer = scalePriorAnswer(truth, priors);
    const error = boxError(answer, truth);
    expect(error.errorDeg).toBeCloseTo(0, 6);
    expect(error.bearingCm).toBeCloseTo(0, 6);
    expect(error.distanceCm).toBeCloseTo(100 * Math.hypot(...box.translation), 6);
    expect(answer.size[0]).toBeCloseTo(0.2, 9);
    expect(scalePriorAnswer(truth, priors, { proportions: "mean" }).size).toEqual(priors.mug?.size);
  });

  it("needs a prior", () => {
    expect(() => sizePriors([])).toThrow(/no objects/);
    expect(() => sizePriors([{ category: "mug", size: [0, 1, 1] }])).toThrow(/a mug has no extent/);
    expect(() => scalePriorAnswer({ category: "can", box }, sizePriors(objects))).toThrow(/no prior of can/);
  });
});

describe("AP curves", () => {
  const image = (category: NocsCategory, predicted: OrientedBox) => ({
    predictions: [{ category, box: predicted, score: 0.9 }],
    truths: [{ category, box }],
  });

  it("step from 0 to 100 % where the only error lies", () => {
    const images = [image("laptop", turned((20 * Math.PI) / 180)), image("camera", box)];
    const curves = apCurves(images, {
      categories: ["laptop", "camera"],
      withinDeg: [10, 19, 21, 30],
      withinCm: [1, 5],
    });
    expect(curves.rotation.perCategory.laptop).toEqual([0, 0, 100, 100]);
    expect(curves.rotation.mean).toEqual([50, 50, 100, 100]);
    expect(curves.translation.perCategory.laptop).toEqual([100, 100]);
    expect(curves.iou.perCategory.camera[0]).toBe(100);
    expect(curves.iou.thresholds).toHaveLength(51);
    // More is forgiven, never less.
    for (const values of Object.values(curves.rotation.perCategory))
      values.slice(1).forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(values[i]);
      });
  });

  it("wants thresholds", () => {
    expect(() => apCurves([image("camera", box)], { withinDeg: [] })).toThrow(/withinDeg is empty/);
  });
});
