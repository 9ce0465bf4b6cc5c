import { describe, expect, it } from "vitest";
import { largestMode, meanOfAll } from "../../src/estimation/aggregation";
import { bestOfK, meanBox, meanOfBestBoxes, modeOfBoxes } from "../../src/estimation/boxAggregation";
import { meanShift } from "../../src/estimation/meanShift";
import { boxMode, boxModes, poseMode } from "../../src/estimation/poseMode";
import type { OrientedBox } from "../../src/geometry/box";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { exp, geodesicDistance, randomRotation } from "../../src/geometry/so3";
import { type Matrix3, multiply, type Vector3 } from "../../src/geometry/vector";
import { Rng } from "../../src/random";

const around = (rng: Rng, center: OrientedBox, angle: number, distance: number): OrientedBox => {
  const noisy = (v: Vector3): Vector3 => [
    v[0] + rng.normal(0, distance),
    v[1] + rng.normal(0, distance),
    v[2] + rng.normal(0, distance),
  ];
  return {
    rotation: multiply(exp([rng.normal(0, angle), rng.normal(0, angle), rng.normal(0, angle)]), center.rotation),
    translation: noisy(center.translation),
    size: noisy(center.size),
  };
};

/** A mug that points its handle to the left in 30 hypotheses and to the right in 20, a little nearer. */
const left: OrientedBox = { rotation: rotationX(0.4), translation: [0, 0, 0.8], size: [0.12, 0.1, 0.08] };
const right: OrientedBox = {
  rotation: multiply(rotationX(0.4), rotationY(Math.PI)),
  translation: [0, 0, 0.6],
  size: [0.09, 0.07, 0.06],
};
const hypotheses = (seed: number): OrientedBox[] => {
  const rng = new Rng(seed);
  return Array.from({ length: 50 }, (_, i) => around(rng, i < 30 ? left : right, 0.03, 0.005));
};

describe("the mode of hypotheses", () => {
  it("is the larger of two modes, where the mean is neither", () => {
    const boxes = hypotheses(1);
    const mode = boxMode(boxes, { sizeBandwidth: 0.012 });
    expect(geodesicDistance(mode.rotation, left.rotation)).toBeLessThan(0.03);
    expect(Math.abs(mode.translation[2] - 0.8)).toBeLessThan(0.004);
    mode.size.forEach((s, i) => {
      expect(Math.abs(s - left.size[i])).toBeLessThan(0.006);
    });
    expect(Math.abs(meanBox(boxes).translation[2] - 0.72)).toBeLessThan(0.004);
    const { rotation, translation, size } = boxModes(boxes, { sizeBandwidth: 0.012 });
    expect([rotation.counts, translation.counts].map((counts) => [...counts])).toEqual([
      [30, 20],
      [30, 20],
    ]);
    expect(size.counts[0]).toBeGreaterThanOrEqual(25);
  });

  it("decides each part on its own", () => {
    // 30 good rotations, and 40 good translations of which only 20 have a good rotation.
    const rng = new Rng(2);
    const boxes = Array.from({ length: 50 }, (_, i) => ({
      ...around(rng, i < 30 ? left : right, 0.03, 0.005),
      translation: around(rng, i < 10 ? right : left, 0.03, 0.005).translation,
    }));
    const mode = boxMode(boxes, { sizeBandwidth: 0.012 });
    expect(geodesicDistance(mode.rotation, left.rotation)).toBeLessThan(0.03);
    expect(Math.abs(mode.translation[2] - 0.8)).toBeLessThan(0.004);
  });

  it("turns with its hypotheses where one mode holds all", () => {
    const turn = randomRotation(new Rng(5));
    const tight = Array.from({ length: 30 }, (_, i) => around(new Rng(i), left, 0.01, 0.002));
    const options = { rotationBandwidth: 2 };
    const turned = tight.map((box) => ({ ...box, rotation: multiply(turn, box.rotation) }));
    const [a, b] = [boxMode(tight, options), boxMode(turned, options)];
    expect(geodesicDistance(multiply(turn, a.rotation), b.rotation)).toBeLessThan(1e-6);
  });

  it("gives a rotation even where all columns cancel", () => {
    const poses = [0, 1, 2, 3].map((k) => ({
      rotation: [
        [1, 1],
        [-1, 1],
        [-1, -1],
        [1, -1],
      ].map(([a, b]) => [a, 0, 0, 0, b, 0, 0, 0, a * b] as unknown as Matrix3)[k],
      translation: [0, 0, 1] as const,
    }));
    const mode = poseMode(poses, { rotationBandwidth: 10 });
    expect(poses.some(({ rotation }) => geodesicDistance(rotation, mode.rotation) < 1e-9)).toBe(true);
  });

  it("is an aggregation like the others, with any search", () => {
    const boxes = hypotheses(3);
    const rng = new Rng(0);
    const [plusPlus, flat] = [largestMode(), largestMode({ search: meanShift })].map((mode) => mode(boxes, rng));
    expect(geodesicDistance(plusPlus.rotation, flat.rotation)).toBeLessThan(0.01);
    expect(geodesicDistance(plusPlus.rotation, meanOfAll(boxes, rng).rotation)).toBeGreaterThan(0.0001);
    expect(modeOfBoxes()(boxes)).toEqual(boxMode(boxes));
    expect(() => poseMode([])).toThrow(/no hypothesis/);
    expect(() => boxMode([{ ...left, size: [Number.NaN, 1, 1] }])).toThrow(/finite/);
  });
});

describe("other ways to one box", () => {
  it("averages the best by energy, each part by its own", () => {
    const boxes = hypotheses(4);
    const goodFirst = boxes.map((_, i) => (i < 30 ? 1 : 0));
    const goodLast = goodFirst.map((good) => 1 - good);
    const box = meanOfBestBoxes(boxes, { rotation: goodFirst, translation: goodFirst, size: goodLast }, 0.4);
    expect(geodesicDistance(box.rotation, left.rotation)).toBeLessThan(0.03);
    expect(Math.abs(box.translation[2] - 0.8)).toBeLessThan(0.005);
    expect(Math.abs(box.size[0] - right.size[0])).toBeLessThan(0.005);
    expect(() => meanOfBestBoxes(boxes, { rotation: [1], translation: goodFirst, size: goodLast })).toThrow(
      /1 rotation energies for 50/,
    );
  });

  it("the oracle takes the nearest, and wants numbers", () => {
    const boxes = hypotheses(5);
    const error = (box: OrientedBox): number => geodesicDistance(box.rotation, right.rotation);
    expect(error(bestOfK(boxes, error))).toBe(Math.min(...boxes.map(error)));
    expect(() => bestOfK([], error)).toThrow(/no hypothesis/);
    expect(() => bestOfK(boxes, () => Number.NaN)).toThrow(/not a number/);
    expect(() => meanBox([])).toThrow(/no hypothesis/);
    expect(() => meanBox([{ ...left, size: [Number.NaN, 1, 1] }])).toThrow(/finite/);
  });
});
