import { describe, expect, it } from "vitest";
import type { Pose } from "../../src/geometry/pose";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { identity3 } from "../../src/geometry/vector";
import { type DetectedHypotheses, type HypothesesImage, hypothesisMap } from "../../src/metrics/hypothesisMap";
import { pixelBoxIou } from "../../src/metrics/pixelBoxIou";

const degrees = Math.PI / 180;
const truth: Pose = { rotation: identity3, translation: [0, 0, 1] };
const pose = (deg: number, cm = 0): Pose => ({ rotation: rotationX(deg * degrees), translation: [cm / 100, 0, 1] });
const mug = (
  hypotheses: Pose[],
  rotation: number[],
  changes: Partial<DetectedHypotheses> = {},
): DetectedHypotheses => ({
  category: "mug",
  score: 0.9,
  pixelBox: [0, 0, 9, 9],
  hypotheses,
  energies: { rotation, translation: rotation },
  ...changes,
});
const image = (...predictions: DetectedHypotheses[]): HypothesesImage => ({
  predictions,
  truths: [{ category: "mug", pose: truth, pixelBox: [0, 0, 9, 9] }],
});
const options = { categories: ["mug"], withinDeg: [5], withinCm: [2] };
const apOf = (images: HypothesesImage[], more = {}): number =>
  hypothesisMap(images, { ...options, ...more }).perCategory.mug.poseAp[0][0];

describe("mAP of hypotheses", () => {
  it("judges the mean of the best share by energy", () => {
    const detection = image(mug([pose(40), pose(2), pose(-2), pose(-40), pose(50)], [0, 5, 4, 1, -1]));
    expect(apOf([detection], { share: 0.4 })).toBe(1); // the mean of +2° and −2°
    expect(apOf([detection], { share: 1 })).toBe(0);
  });

  it("the truth as ranker, and the nearest hypothesis, are upper bounds", () => {
    const detection = image(mug([pose(40), pose(1), pose(60)], [3, 0, 1]));
    expect(apOf([detection], { share: 0.34 })).toBe(0);
    expect(apOf([detection], { share: 0.34, ranker: "truth" })).toBe(1);
    expect(apOf([detection], { share: 1, pooling: "nearest" })).toBe(1);
  });

  it("ranks rotations and translations apart", () => {
    const both = mug([pose(1, 30), pose(70, 0)], [1, 0]);
    const apart = { ...both, energies: { rotation: [1, 0], translation: [0, 1] } };
    expect(apOf([image(both)], { share: 0.5 })).toBe(0);
    expect(apOf([image(apart)], { share: 0.5 })).toBe(1);
  });

  it("a mug without a visible handle may turn about y", () => {
    const turned = mug([{ ...truth, rotation: rotationY(2) }], [0]);
    const hidden: HypothesesImage = {
      predictions: [turned],
      truths: [{ category: "mug", pose: truth, pixelBox: [0, 0, 9, 9], handleVisible: false }],
    };
    expect(apOf([image(turned)])).toBe(0);
    expect(apOf([hidden])).toBe(1);
  });

  it("published: boxes stay where they are while scores are sorted, so that the wrong detection is matched", () => {
    const wrong = mug([pose(80)], [0], { score: 0.9, pixelBox: [50, 50, 59, 59] });
    const right = mug([pose(0)], [0], { score: 0.2 });
    expect(apOf([image(right, wrong)])).toBe(1);
    expect(apOf([image(right, wrong)], { boxOrder: "published" })).toBe(0);
    expect(apOf([image(wrong, right)], { boxOrder: "published" })).toBe(1);
  });

  it("refuses a detection without hypotheses and an unknown category", () => {
    expect(() => apOf([image(mug([], []))])).toThrow(/has no hypothesis/);
    expect(() => apOf([image(mug([pose(0)], [0], { category: "fork" }))])).toThrow(/category fork/);
  });
});

describe("IoU of boxes in the image", () => {
  it("counts the last pixel", () => {
    expect(pixelBoxIou([0, 0, 9, 9], [0, 0, 9, 9])).toBe(1);
    expect(pixelBoxIou([0, 0, 9, 9], [9, 9, 18, 18])).toBeCloseTo(1 / 199, 14);
    expect(pixelBoxIou([0, 0, 1, 1], [5, 5, 6, 6])).toBe(0);
    expect(() => pixelBoxIou([3, 0, 1, 1], [0, 0, 1, 1])).toThrow(/ends before it begins/);
  });
});
