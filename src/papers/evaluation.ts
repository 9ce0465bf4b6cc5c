/**
 * @file Scores of an estimator on samples whose pose is known.
 */
import { objectCloud } from "../datasets/objectCloud";
import type { Sample } from "../datasets/sample";
import { largestCluster, meanOfBest, meanOfRandom } from "../estimation/aggregation";
import type { Pose } from "../geometry/pose";
import { type Category, categories, symmetryOf } from "../geometry/symmetry";
import { medianOfNumbers } from "../metrics/averages";
import { accuracyAt, type PoseError, poseError } from "../metrics/poseError";
import { Rng } from "../random";
import { probabilityFlowOde } from "../samplers/probabilityFlowOde";
import { type ScoreScaling, scoreScalings } from "../samplers/scoreScaling";
import type { PoseEstimator } from "./poseEstimator";
import type { Ranker } from "./ranker";

/** n° m cm: the thresholds of the NOCS benchmarks. */
export const thresholds: readonly (readonly [number, number])[] = [
  [5, 2],
  [5, 5],
  [10, 2],
  [10, 5],
];

/** A way to get one pose of a cloud; `seed` decides what is drawn, points and noise. */
export interface Method {
  name: string;
  estimate: (estimator: PoseEstimator, cloud: Float32Array, seed: number) => Pose;
}

export const regressionHead: Method = {
  name: "regression head",
  estimate: (estimator, cloud, seed) => estimator.encode(cloud, { seed }).regression,
};

/** One hypothesis by the PF-ODE from t₀ = 0.55, its score scaled by w(t). */
export const singleHypothesis = (name: string, scaling: ScoreScaling): Method => ({
  name,
  estimate: (estimator, cloud, seed) => estimator.estimate(cloud, { seed, options: { scaling } }).pose,
});

/** Unscaled hypotheses by one ODE for all, as GenPose samples them. */
const sampledAsPublished = { sampler: probabilityFlowOde, options: { scaling: scoreScalings.none } };

/** The mean of K hypotheses, unscaled (GenPose without its ranker, δ = 100 %); one ODE for all, as published. */
export const meanOf = (hypotheses: number): Method => ({
  name: `mean of K = ${hypotheses}, unscaled`,
  estimate: (estimator, cloud, seed) => estimator.estimate(cloud, { seed, hypotheses, ...sampledAsPublished }).pose,
});

/** GenPose without its ranker: the mean of a share δ of K unscaled hypotheses, drawn at random (Table 2, «Ranker ×»). */
export const randomShare = (hypotheses: number = 50, share: number = 0.6): Method => ({
  name: `K = ${hypotheses}, random ${100 * share} %`,
  estimate: (estimator, cloud, seed) =>
    estimator.estimate(cloud, { seed, hypotheses, ...sampledAsPublished, aggregate: meanOfRandom(share) }).pose,
});

/** GenPose: K unscaled hypotheses, ranked by energies, the mean of the best share δ (Table 2, «Ranker ✓»). */
export const rankedShare = (ranker: Ranker, hypotheses: number = 50, share: number = 0.6): Method => ({
  name: `K = ${hypotheses}, ranked, best ${100 * share} %`,
  estimate: (estimator, cloud, seed) =>
    estimator.estimate(cloud, { seed, hypotheses, ...sampledAsPublished, ranker, aggregate: meanOfBest(share) }).pose,
});

/** GenPose++: K unscaled hypotheses, ranked, the largest cluster of the best share. */
export const rankedCluster = (ranker: Ranker, hypotheses: number = 50, share: number = 0.4): Method => ({
  name: `K = ${hypotheses}, ranked, largest cluster of ${100 * share} %`,
  estimate: (estimator, cloud, seed) =>
    estimator.estimate(cloud, { seed, hypotheses, ...sampledAsPublished, ranker, aggregate: largestCluster(share) })
      .pose,
});

/** The GenPose baseline with a ranker, without one, and GenPose++'s aggregation. */
export const baselineMethods = (ranker: Ranker, hypotheses: number = 50): Method[] => [
  randomShare(hypotheses),
  rankedShare(ranker, hypotheses),
  rankedCluster(ranker, hypotheses),
];

/** What the card of a checkpoint states: regression head, and K = 1 without and with score scaling. */
export const cardMethods: readonly Method[] = [
  regressionHead,
  singleHypothesis("K = 1, unscaled", scoreScalings.none),
  singleHypothesis("K = 1, exponential", scoreScalings.exponential),
];

/** Percent of objects within each threshold, and medians. */
export interface Score {
  objects: number;
  /** In the order of `thresholds`. */
  accuracy: number[];
  medianDeg: number;
  medianCm: number;
}

/** Scores of one method: all objects, and by category. */
export interface MethodScores {
  method: string;
  all: Score;
  byCategory: Partial<Record<Category, Score>>;
}

/** Of any errors. */
export function scoreOfErrors(errors: readonly PoseError[]): Score {
  return {
    objects: errors.length,
    accuracy: thresholds.map(([deg, cm]) => 100 * accuracyAt(errors, deg, cm)),
    medianDeg: medianOfNumbers(errors.map((e) => e.errorDeg)),
    medianCm: medianOfNumbers(errors.map((e) => e.errorCm)),
  };
}

/** Errors of one sample by every method, in their order. */
export interface SampleErrors {
  sample: Sample;
  errors: PoseError[];
}

/**
 * Estimate every sample by every method, yielding as it goes. Samples without ground truth are passed over.
 *
 * Every sample has a seed of its own, made of `seed` and its place: with one starting noise for all, a lucky one lifts
 * the scores of K = 1 by ten points.
 */
export function* errorsOf(
  estimator: PoseEstimator,
  samples: Iterable<Sample>,
  methods: readonly Method[],
  seed = 0,
): Generator<SampleErrors> {
  let place = 0;
  for (const sample of samples) {
    const own = new Rng(seed).split(place++).seed;
    if (!sample.pose) continue;
    const truth = sample.pose;
    const cloud = objectCloud(sample);
    const symmetry = symmetryOf(sample.category, sample.handleVisible);
    const errors = methods.map((method) => poseError(method.estimate(estimator, cloud, own), truth, symmetry));
    yield { sample, errors };
  }
}

/** Gather the errors into scores. */
export function summarize(rows: readonly SampleErrors[], methods: readonly Method[]): MethodScores[] {
  return methods.map(({ name }, m) => {
    const byCategory: MethodScores["byCategory"] = {};
    for (const category of categories) {
      const own = rows.filter(({ sample }) => sample.category === category);
      if (own.length > 0) byCategory[category] = scoreOfErrors(own.map(({ errors }) => errors[m] as PoseError));
    }
    return { method: name, all: scoreOfErrors(rows.map(({ errors }) => errors[m] as PoseError)), byCategory };
  });
}
