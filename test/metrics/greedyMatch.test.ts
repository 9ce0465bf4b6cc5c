import { describe, expect, test } from "vitest";
import { greedyMatch, preferencesOf, stretchesOf } from "../../src/metrics/greedyMatch";
import { nocsMap } from "../../src/metrics/nocsMap";
import { matchClass } from "../../src/metrics/nocsMatching";
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

describe("matchClass", () => {
  test("gives for many thresholds at once, in any order, what each gives alone", () => {
    const images = crowdedImages(3);
    const shared = {
      overlap: (p: (typeof images)[0]["predictions"][0], t: { id: number }) => p.draws[t.id][0] / 10,
      errors: (p: (typeof images)[0]["predictions"][0], truths: readonly { id: number }[]) =>
        truths.map(({ id }) => ({ errorDeg: p.draws[id][1], errorCm: p.draws[id][2] })),
    };
    const [withinDeg, withinCm, iouThresholds] = [
      [5, 0, 9, 2, 5, 100],
      [3, 7, 1],
      [0.5, 0.1, 0, 0.9, 1, 0.5],
    ];
    for (const poseIou of [undefined, 0.3]) {
      const all = matchClass(images, "x", { ...shared, withinDeg, withinCm, iouThresholds, poseIou });
      withinDeg.forEach((deg, i) => {
        withinCm.forEach((cm, j) => {
          const one = matchClass(images, "x", {
            ...shared,
            withinDeg: [deg],
            withinCm: [cm],
            iouThresholds: [],
            poseIou,
          });
          const used = all.byPose.scores.length;
          expect(all.byPose.matched[3 * i + j].subarray(0, used)).toEqual(one.byPose.matched[0].subarray(0, used));
        });
      });
      iouThresholds.forEach((iou, i) => {
        const one = matchClass(images, "x", { ...shared, withinDeg: [], withinCm: [], iouThresholds: [iou], poseIou });
        expect(all.byIou.matched[i]).toEqual(one.byIou.matched[0]);
      });
    }
  });

  test("no image, no threshold: nothing", () => {
    const map = nocsMap([], { iouThresholds: [], withinDeg: [], withinCm: [] });
    expect(map.mean.iouAp).toEqual([]);
    expect(map.mean.poseAp).toEqual([[0]]);
  });
});
