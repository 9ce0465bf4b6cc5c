import { describe, expect, test } from "vitest";
import { detectionMap } from "../../src/metrics/detectionMap";
import { pairDetections } from "../../src/metrics/detections";
import { greedyMatch, preferencesOf, stretchesOf } from "../../src/metrics/greedyMatch";
import { nocsMap } from "../../src/metrics/nocsMap";
import { Rng } from "../../src/random";

describe("greedyMatch", () => {
  test("each in turn takes the cheapest free truth that is accepted", () => {
    const cost = [3, 1, 2, 1, 9, 9];
    const preferences = preferencesOf(cost, 2, 3);
    expect([...preferences.order]).toEqual([1, 2, 0, 3, 4, 5]);
    expect([...greedyMatch(preferences, () => true)]).toEqual([1, 0]);
    expect([...greedyMatch(preferences, (pair) => pair !== 3)]).toEqual([1, 2]);
    expect([...greedyMatch(preferences, () => false)]).toEqual([-1, -1]);
    expect(greedyMatch(preferencesOf([], 0, 0), () => true)).toHaveLength(0);
  });

  test("stretches begin where a pair begins to be accepted", () => {
    const { first, starts } = stretchesOf(
      [0.5, 7, 2, Number.NaN],
      [1, 2, 3, 4],
      (value, threshold) => value <= threshold,
    );
    expect([...first]).toEqual([0, 4, 1, 4]);
    expect(starts).toEqual([0, 1]);
    expect(stretchesOf([], [1], () => true).starts).toEqual([0]);
    expect(stretchesOf([1], [], () => true).starts).toEqual([]);
  });
});

/** Crowded images, so that predictions compete: ties in error and overlap included. */
function crowdedImages(seed: number) {
  const rng = new Rng(seed);
  const coarse = (n: number): number => Math.floor(rng.uniform() * n);
  return Array.from({ length: 30 }, () => ({
    truths: Array.from({ length: coarse(5) }, (_, id) => ({ category: "x", id })),
    predictions: Array.from({ length: coarse(6) }, () => ({
      category: "x",
      score: rng.uniform(),
      draws: Array.from({ length: 5 }, () => [coarse(10), coarse(10), coarse(10)]),
    })),
  }));
}

describe("detectionMap", () => {
  test("gives for many thresholds at once, in any order, what each gives alone", () => {
    const images = crowdedImages(3);
    type Prediction = (typeof images)[0]["predictions"][0];
    const detections = pairDetections(images, {
      categories: ["x"],
      overlap: (p: Prediction, t: { id: number }) => p.draws[t.id][0] / 10,
      errors: (p: Prediction, truths: readonly { id: number }[]) =>
        truths.map(({ id }) => ({ errorDeg: p.draws[id][1], errorCm: p.draws[id][2] })),
    });
    const [withinDeg, withinCm, iouThresholds] = [
      [5, 0, 9, 2, 5, 100],
      [3, 7, 1],
      [0.5, 0.1, 0, 0.9, 1, 0.5],
    ];
    for (const poseIou of [undefined, 0.3]) {
      const all = detectionMap(detections, { withinDeg, withinCm, iouThresholds, poseIou }).perCategory.x;
      withinDeg.forEach((deg, i) => {
        withinCm.forEach((cm, j) => {
          const thresholds = { withinDeg: [deg], withinCm: [cm], iouThresholds: [], poseIou };
          const one = detectionMap(detections, thresholds).perCategory.x;
          expect(all.poseAp[i][j]).toBe(one.poseAp[0][0]);
          expect(all.poseAccuracy[i][j]).toBe(one.poseAccuracy[0][0]);
        });
      });
      iouThresholds.forEach((iou, i) => {
        const thresholds = { withinDeg: [], withinCm: [], iouThresholds: [iou], poseIou };
        const one = detectionMap(detections, thresholds).perCategory.x;
        expect(all.iouAp[i]).toBe(one.iouAp[0]);
        expect(all.iouAccuracy[i]).toBe(one.iouAccuracy[0]);
      });
      expect(new Set(all.poseAp.flat()).size).toBeGreaterThan(8);
    }
  });

  test("no image, no threshold: nothing", () => {
    const map = nocsMap([], { iouThresholds: [], withinDeg: [], withinCm: [] });
    expect(map.mean.iouAp).toEqual([]);
    expect(map.mean.poseAp).toEqual([[0]]);
  });
});
