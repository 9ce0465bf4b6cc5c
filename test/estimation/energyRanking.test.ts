import { describe, expect, test } from "vitest";
import { InputError } from "../../src/check";
import { largestCluster, meanOfBest, meanOfRandom } from "../../src/estimation/aggregation";
import { clusterPose } from "../../src/estimation/clusterPose";
import { dbscan } from "../../src/estimation/dbscan";
import { bestOf, keptCount, randomOf, rankPoses } from "../../src/estimation/energyRanking";
import { meanPose } from "../../src/estimation/meanPose";
import type { Pose } from "../../src/geometry/pose";
import { rotationY } from "../../src/geometry/rotation";
import { geodesicDistance } from "../../src/geometry/so3";
import { Rng } from "../../src/random";

const at = (angle: number, x: number): Pose => ({ rotation: rotationY(angle), translation: [x, 0, 1] });
const poses = [at(0.3, 3), at(0.1, 1), at(0.2, 2)];

describe("rankPoses", () => {
  test("ranks rotations and translations apart and pairs them anew", () => {
    const { poses: ranked, energies } = rankPoses(poses, { rotation: [1, 3, 2], translation: [9, 7, 8] });
    expect(ranked).toEqual([at(0.1, 3), at(0.2, 2), at(0.3, 1)]);
    expect(energies).toEqual({ rotation: [3, 2, 1], translation: [9, 8, 7] });
  });

  test("keeps the order of equal energies and says what is wrong with bad ones", () => {
    expect(rankPoses(poses, { rotation: [1, 1, 1], translation: [0, 0, 0] }).poses).toEqual(poses);
    expect(() => rankPoses(poses, { rotation: [1, 2], translation: [1, 2, 3] })).toThrow(InputError);
    expect(() => rankPoses(poses, { rotation: [1, 2, Number.NaN], translation: [1, 2, 3] })).toThrow(
      /rotation energies/,
    );
  });
});

test("a share keeps max(1, ⌊δK⌋), random shares without repetition", () => {
  expect([keptCount(50, 0.6), keptCount(5, 0.6), keptCount(1, 0.6), keptCount(3, 1)]).toEqual([30, 3, 1, 3]);
  expect(() => keptCount(5, 0)).toThrow(/in \(0, 1\]/);
  expect(bestOf([1, 2, 3, 4, 5])).toEqual([1, 2, 3]);
  const drawn = randomOf([...Array(50).keys()], new Rng(3));
  expect([drawn.length, new Set(drawn).size]).toEqual([30, 30]);
  expect(drawn).not.toEqual([...Array(30).keys()]);
  expect(randomOf([...Array(50).keys()], new Rng(3))).toEqual(drawn);
});

test("dbscan finds chains of dense points and leaves the rest as noise, at the border too", () => {
  const line = [0, 1, 2, 3, 10, 11, 12, 30, 4.2].map((x) => [x]);
  // 4.2 is out of reach of 3 at radius 1; 30 has no neighbour.
  expect([...dbscan(line, 1, 3)]).toEqual([0, 0, 0, 0, 1, 1, 1, -1, -1]);
  expect([...dbscan(line, 1.3, 3)]).toEqual([0, 0, 0, 0, 1, 1, 1, -1, 0]);
  expect([...dbscan([], 1, 1)]).toEqual([]);
});

test("between two modes the mean falls into neither, the largest cluster lies in one", () => {
  const two = [...Array(12).keys()].map((i) => at((i % 3 === 0 ? 2 : 0) + 0.01 * i, i));
  const truth = rotationY(0.06);
  expect(geodesicDistance(meanPose(two).rotation, truth)).toBeGreaterThan(0.3);
  const clustered = clusterPose(two);
  expect(geodesicDistance(clustered.rotation, truth)).toBeLessThan(0.02);
  expect(clustered.translation[0]).toBeCloseTo(5.5, 9);
  // Where all is noise, all are averaged.
  expect(clusterPose([at(0, 0), at(1, 0), at(2, 0)], { minShare: 1 }).rotation[0]).toBeCloseTo(Math.cos(1), 9);
});

test("aggregations are values", () => {
  const many = [...Array(10).keys()].map((i) => at(0.01 * i, i));
  expect(meanOfBest()(many, new Rng(0)).translation[0]).toBeCloseTo(2.5, 9);
  expect(meanOfBest(1)(many, new Rng(0))).toEqual(meanPose(many));
  expect(meanOfRandom(1)(many, new Rng(0)).translation[0]).toBeCloseTo(4.5, 9);
  expect(largestCluster()(many, new Rng(0)).translation[0]).toBeCloseTo(1.5, 9);
});
