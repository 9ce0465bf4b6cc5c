import { describe, expect, it } from "vitest";
import type { PhotoSample } from "../../src/datasets/procedural/proceduralPhoto";
import { rotationY } from "../../src/geometry/rotation";
import { multiply } from "../../src/geometry/vector";
import type { RgbEstimate, RgbEstimator } from "../../src/papers/rgbEstimator";
import { photoErrors, rgbMethods, summarizeRgb } from "../../src/papers/rgbEvaluation";

/** Photos of which only pose, size and category are looked at. */
const photo = (category: "mug" | "bowl", z: number): PhotoSample =>
  ({
    id: `made/${category}`,
    category,
    pose: { rotation: [1, 0, 0, 0, -1, 0, 0, 0, -1], translation: [0.05, 0.02, z] },
    size: [0.12, 0.1, 0.09],
    handleVisible: true,
  }) as unknown as PhotoSample;

const photos = [photo("mug", 0.7), photo("bowl", 0.9)];

/** Hypotheses around the truth: turned by 90° about y, 20 cm too far, right; with score scaling all are right. */
function estimatorOf(k: number): Pick<RgbEstimator, "estimate"> {
  return {
    estimate: ({ category }, { options } = {}) => {
      const { pose, size } = photos.find((photo) => photo.category === category) as PhotoSample;
      const { rotation, translation } = pose;
      const right = { rotation, translation, size };
      const turned = { ...right, rotation: multiply(rotation, rotationY(Math.PI / 2)) };
      const far = { ...right, translation: [translation[0], translation[1], translation[2] + 0.2] as const };
      const hypotheses = options?.scaling ? [right, right, right] : [turned, far, right];
      return { hypotheses: hypotheses.slice(0, k), ms: 10, nfe: 7 } as unknown as RgbEstimate;
    },
  };
}

describe("photoErrors", () => {
  const methods = rgbMethods();
  const rows = [...photoErrors(estimatorOf(3), photos, methods, { seeds: [0] })];
  const scores = summarizeRgb(rows, methods);
  const of = (name: string) => scores.find(({ method }) => method === name);

  it("scores each way from hypotheses to an answer", () => {
    expect(rows.map(({ category, ms, nfe }) => [category, ms, nfe])).toEqual([
      ["mug", 10, 7],
      ["bowl", 10, 7],
    ]);
    expect(of("best of K (oracle)")?.all).toMatchObject({ at10deg5cm: 100, iou75: 100, medianCm: 0, answers: 2 });
    // A quarter turn is an error of the mug and none of the bowl.
    expect(of("K = 1")?.byCategory.mug).toMatchObject({ at10deg: 0, at10cm: 100 });
    expect(of("K = 1")?.byCategory.bowl).toMatchObject({ at10deg: 100 });
    expect(of("mean of K")?.all.medianCm).toBeCloseTo(20 / 3, 5);
    expect(of("score scaling, K = 1")?.all).toMatchObject({ at10deg5cm: 100, answers: 2 });
    expect(of("score scaling, Mean Shift++ of K")?.all).toMatchObject({ at10deg5cm: 100, answers: 2 });
  });

  it("leaves a head out that the network does not have, and tells what is lost with the scale alone", () => {
    expect(of("regression head")).toBeUndefined();
    const ceiling = of("ceiling without scale")?.all;
    expect(ceiling?.medianDeg).toBeCloseTo(0, 5);
    expect(ceiling?.medianBearingCm).toBeCloseTo(0, 5);
    expect(ceiling?.medianDistanceCm).toBeGreaterThan(0.1);
  });

  it("tells how far seeds differ", () => {
    const two = [
      ...photoErrors(estimatorOf(1), photos, methods, { seeds: [0] }),
      ...photoErrors(estimatorOf(3), photos, methods, { seeds: [1] }),
    ];
    const oracle = summarizeRgb(two, methods).find(({ method }) => method === "best of K (oracle)");
    expect(oracle?.spread.at10deg).toBe(50);
    expect(() => summarizeRgb([], methods)).toThrow(/at least one photo/);
  });
});
