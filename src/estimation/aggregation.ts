/**
 * @file Ways from K hypotheses to one answer, as values: change the aggregation by changing one word.
 */
import type { Pose } from "../geometry/pose";
import type { Rng } from "../random";
import { clusterPose } from "./clusterPose";
import { bestOf, randomOf } from "./energyRanking";
import { meanPose } from "./meanPose";
import { type PoseModeOptions, poseMode } from "./poseMode";

/** From hypotheses, the best first where they were ranked, to one pose. */
export type Aggregation = (poses: readonly Pose[], rng: Rng) => Pose;

/** The mean of all: average quaternion and mean translation. */
export const meanOfAll: Aggregation = (poses) => meanPose(poses);

/** The mean of the first share δ; with a ranker, of the best (GenPose: 60 %). */
export const meanOfBest =
  (share: number = 0.6): Aggregation =>
  (poses) =>
    meanPose(bestOf(poses, share));

/** The mean of a share δ drawn at random: paper A's «without ranker» (Table 2). */
export const meanOfRandom =
  (share: number = 0.6): Aggregation =>
  (poses, rng) =>
    meanPose(randomOf(poses, rng, share));

/** The largest cluster of the first share (GenPose++: the best 40 %). */
export const largestCluster =
  (share: number = 0.4): Aggregation =>
  (poses) =>
    clusterPose(bestOf(poses, share));

/** The most populated modes of rotations and of translations by Mean Shift++ (paper B); no ranker is asked. */
export const largestMode =
  (options: PoseModeOptions = {}): Aggregation =>
  (poses) =>
    poseMode(poses, options);
