import { describe, expect, test } from "vitest";
import type { OrientedBox } from "../../src/geometry/box";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { identity3 } from "../../src/geometry/vector";
import { orientedIou3d } from "../../src/metrics/iou3d";
import type { EvaluatedImage } from "../../src/metrics/nocsMap";
import { nocsMap } from "../../src/metrics/nocsMap";

const box = (x: number, changes: Partial<OrientedBox> = {}): OrientedBox => ({
  rotation: identity3,
  translation: [x, 0, 1],
  size: [0.1, 0.1, 0.1],
  ...changes,
});
const thresholds = { withinDeg: [5, 10], withinCm: [2], iouThresholds: [0.5], categories: ["mug", "can"] };

test("one found, one missed: the published mode does not see the missed one", () => {
  const images: EvaluatedImage[] = [
    {
      truths: [
        { category: "mug", box: box(0) },
        { category: "mug", box: box(0.5) },
      ],
      predictions: [{ category: "mug", box: box(0.001), score: 0.9 }],
    },
  ];
  const published = nocsMap(images, thresholds);
  expect(published.perCategory.mug.iouAp).toEqual([0.5]);
  expect(published.perCategory.mug.poseAp[0][0]).toBe(1);
  const all = nocsMap(images, { ...thresholds, poseIou: undefined });
  expect(all.perCategory.mug.poseAp[0][0]).toBe(0.5);
});

test("thresholds: 7° counts at 10° only; 360° and 100 cm are appended", () => {
  const turned = box(0, { rotation: rotationX((7 * Math.PI) / 180) });
  const result = nocsMap(
    [{ truths: [{ category: "mug", box: box(0) }], predictions: [{ category: "mug", box: turned, score: 1 }] }],
    thresholds,
  );
  expect(result.withinDeg).toEqual([5, 10, 360]);
  expect(result.withinCm).toEqual([2, 100]);
  expect(result.perCategory.mug.poseAp).toEqual([
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
});

describe("symmetry", () => {
  const turned = box(0, { rotation: rotationY(0.8) });
  const poseAp = (category: string, handleVisible: boolean): number =>
    nocsMap(
      [
        {
          truths: [{ category, box: box(0), handleVisible }],
          predictions: [{ category, box: turned, score: 1 }],
        },
      ],
      { ...thresholds, poseIou: undefined },
    ).perCategory[category].poseAp[0][0];

  test("a can turned about y is right, a mug only if its handle is hidden", () => {
    expect(poseAp("can", true)).toBe(1);
    expect(poseAp("mug", true)).toBe(0);
    expect(poseAp("mug", false)).toBe(1);
  });
});

test("each truth is found once: a second prediction of it is a false alarm", () => {
  const result = nocsMap(
    [
      {
        truths: [{ category: "mug", box: box(0) }],
        predictions: [
          { category: "mug", box: box(0.001), score: 0.5 },
          { category: "mug", box: box(0), score: 0.4 },
        ],
      },
    ],
    { ...thresholds, iou3d: orientedIou3d },
  );
  expect(result.perCategory.mug.iouAp).toEqual([1]);
  expect(result.perCategory.mug.iouAccuracy).toEqual([0.5]);
});

test("classes without truth count as published, or are left out", () => {
  const images: EvaluatedImage[] = [
    { truths: [{ category: "mug", box: box(0) }], predictions: [{ category: "mug", box: box(0), score: 1 }] },
  ];
  expect(nocsMap(images, thresholds).mean.iouAp).toEqual([0.5]);
  expect(nocsMap(images, { ...thresholds, skipAbsent: true }).mean.iouAp).toEqual([1]);
});

test("bad input is refused with a sentence", () => {
  const prediction = { category: "mug", box: box(0), score: 1 };
  const map = (changes: object) => () => nocsMap([{ truths: [], predictions: [{ ...prediction, ...changes }] }]);
  expect(map({ category: "spoon" })).toThrow("image 0 has the category spoon");
  expect(map({ score: Number.NaN })).toThrow("scores of image 0");
  expect(map({ box: box(Number.NaN) })).toThrow("a box of image 0");
});
