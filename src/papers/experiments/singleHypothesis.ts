/**
 * @file One guided hypothesis against the GenPose baseline: accuracy, speed and size (paper A, Table 2).
 */
import type { Aggregation } from "../../estimation/aggregation";
import { largestCluster, meanOfAll, meanOfBest, meanOfRandom } from "../../estimation/aggregation";
import { type RankedPoses, rankPoses } from "../../estimation/energyRanking";
import type { Pose } from "../../geometry/pose";
import { poseDimension } from "../../geometry/pose";
import type { Category } from "../../geometry/symmetry";
import { meanOfNumbers, medianOfNumbers } from "../../metrics/averages";
import { type PoseError, poseError } from "../../metrics/poseError";
import { pointNet2Parameters } from "../../models/pointNet2";
import { scoreNetworkParameters } from "../../models/scoreNetwork";
import { Rng } from "../../random";
import { priorNoise } from "../../samplers/priorNoise";
import { probabilityFlowOde } from "../../samplers/probabilityFlowOde";
import { scoreScalings } from "../../samplers/scoreScaling";
import { type Method, singleHypothesis as oneHypothesis, randomShare, rankedCluster, rankedShare } from "../evaluation";
import type { JointLearningConfig } from "../jointLearning";
import { pause } from "../pause";
import { embeddedCheckpoint, independentOde, loadPoseEstimator } from "../poseEstimator";
import { embeddedRanker, loadRanker, type Ranker } from "../ranker";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import {
  accuracyBySeed,
  errorsOfState,
  posesOf,
  rounded,
  startingNoise,
  type TestObject,
  testObjects,
} from "./testObjects";

/** What one way to an answer gave. */
export interface HypothesisArm {
  /** K, and whether a second network ranks the K. */
  hypotheses: number;
  ranker: boolean;
  /** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm; one row per noise seed. */
  accuracy: number[][];
  /** Over objects and seeds. */
  medianDeg: number;
  medianCm: number;
}

/** How well energies know the errors: of single hypotheses, over all pairs of an object's K. */
export interface RankQuality {
  /** Kendall's τ of energy and −error, mean over objects with K spread wider than the last digits. */
  rotationTau: number;
  translationTau: number;
  byCategory: Partial<Record<Category, { rotationTau: number; translationTau: number }>>;
}

/** Objects a second, from cloud to pose; parameters in use. */
export interface SpeedRow {
  hypotheses: number;
  ranker: boolean;
  framesPerSecond: number;
  parameters: number;
}

/** How much is measured. */
export interface SingleHypothesisSettings {
  objects: number;
  seeds: number;
  /** Model file of the ranker. */
  rankerPath: string;
  /** Objects that are timed. */
  timed: number;
  /** See `testObjects`. */
  detectorError?: number;
}

const gathered = (errors: PoseError[][], hypotheses: number, ranker: boolean): HypothesisArm => ({
  hypotheses,
  ranker,
  accuracy: accuracyBySeed(errors),
  medianDeg: rounded(medianOfNumbers(errors.flat().map((e) => e.errorDeg))),
  medianCm: rounded(medianOfNumbers(errors.flat().map((e) => e.errorCm))),
});

const scalings = {
  unscaled: scoreScalings.none,
  exponential: scoreScalings.exponential,
  linear: scoreScalings.linear,
  constant: scoreScalings.constant,
} as const;

/** K = 1 by the PF-ODE with one kind of score scaling. */
async function measureOne(
  scaling: keyof typeof scalings,
  { objects: count, seeds, detectorError }: SingleHypothesisSettings,
  context: PartContext,
): Promise<HypothesisArm> {
  const objects = await testObjects(count, context, { detectorError });
  const errors: PoseError[][] = [];
  for (const object of objects) {
    await pause(context);
    const { x } = independentOde(object.score, startingNoise(object, seeds), { scaling: scalings[scaling] });
    errors.push(errorsOfState(object, x));
    context.progress(errors.length / count, scaling);
  }
  return gathered(errors, 1, false);
}

/** Ways from K ranked hypotheses to one pose; `truth` stands in for the ranker in the bound. */
const ways: Readonly<Record<string, { by: "nothing" | "energy" | "truth"; aggregate: Aggregation }>> = {
  "mean of all": { by: "nothing", aggregate: meanOfAll },
  "random 60 %": { by: "nothing", aggregate: meanOfRandom() },
  "ranked, best 60 %": { by: "energy", aggregate: meanOfBest() },
  "ranked, the first": { by: "energy", aggregate: ([first]) => first },
  "ranked, largest cluster of 40 %": { by: "energy", aggregate: largestCluster() },
  "largest cluster of all": { by: "nothing", aggregate: largestCluster(1) },
  "ranked by the truth, best 60 %": { by: "truth", aggregate: meanOfBest() },
};

/** K unscaled hypotheses of one object, by one ODE for all as published. */
export function sampleMany(object: TestObject, count: number, seed: number): Pose[] {
  const z = priorNoise(new Rng(seed).split("many hypotheses").split(object.index), count, poseDimension);
  return posesOf(object, probabilityFlowOde(object.score, z, { scaling: scoreScalings.none }).x);
}

/** Kendall's τ of a and b: the share of pairs in the same order less that in the opposite one. */
export function kendallTau(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++)
    for (let j = i + 1; j < a.length; j++) sum += Math.sign((a[i] - a[j]) * (b[i] - b[j]));
  return (2 * sum) / (a.length * (a.length - 1));
}

/** All ways from the same K hypotheses, so that they differ by nothing else. */
async function measureMany(
  hypotheses: number,
  { objects: count, seeds, rankerPath, detectorError }: SingleHypothesisSettings,
  context: PartContext,
): Promise<{ arms: Record<string, HypothesisArm>; rankQuality: RankQuality }> {
  const objects = await testObjects(count, context, { detectorError });
  const ranker = loadRanker(rankerPath);
  try {
    const errors = new Map(Object.keys(ways).map((name): [string, PoseError[][]] => [name, []]));
    const taus: { category: Category; rotation: number; translation: number }[] = [];
    for (const [done, object] of objects.entries()) {
      await pause(context);
      const rows = new Map(Object.keys(ways).map((name): [string, PoseError[]] => [name, []]));
      for (let seed = 0; seed < seeds; seed++) {
        const { byEnergy, byTruth, poses, tau } = rankBoth(object, sampleMany(object, hypotheses, seed), ranker);
        taus.push({ category: object.category, ...tau });
        for (const [name, { by, aggregate }] of Object.entries(ways)) {
          const ranked = by === "energy" ? byEnergy.poses : by === "truth" ? byTruth.poses : poses;
          const answer = aggregate(ranked, new Rng(seed).split("aggregation").split(object.index));
          rows.get(name)?.push(poseError(answer, object.truth, object.symmetry));
        }
      }
      for (const [name, own] of rows) errors.get(name)?.push(own);
      context.progress((done + 1) / count, `K = ${hypotheses}`);
    }
    const mean = (of: typeof taus): { rotationTau: number; translationTau: number } => ({
      rotationTau: rounded(meanOfNumbers(of.map(({ rotation }) => rotation))),
      translationTau: rounded(meanOfNumbers(of.map(({ translation }) => translation))),
    });
    const byCategory: RankQuality["byCategory"] = {};
    for (const category of new Set(taus.map((t) => t.category)))
      byCategory[category] = mean(taus.filter((t) => t.category === category));
    const arms = [...errors].map(([name, rows]): [string, HypothesisArm] => [
      name,
      gathered(rows, hypotheses, ways[name].by === "energy"),
    ]);
    return { arms: Object.fromEntries(arms), rankQuality: { ...mean(taus), byCategory } };
  } finally {
    ranker.dispose();
  }
}

/** The hypotheses ranked by energy and by the truth, and how far the two agree. */
function rankBoth(
  object: TestObject,
  poses: Pose[],
  ranker: Ranker,
): { poses: Pose[]; byEnergy: RankedPoses; byTruth: RankedPoses; tau: { rotation: number; translation: number } } {
  const energies = ranker.energies(object.cloud, poses);
  const errors = poses.map((pose) => poseError(pose, object.truth, object.symmetry));
  const nearness = {
    rotation: errors.map(({ errorDeg }) => -errorDeg),
    translation: errors.map(({ errorCm }) => -errorCm),
  };
  return {
    poses,
    byEnergy: rankPoses(poses, energies),
    byTruth: rankPoses(poses, nearness),
    tau: {
      rotation: kendallTau(energies.rotation, nearness.rotation),
      translation: kendallTau(energies.translation, nearness.translation),
    },
  };
}

/** Numbers that gradient descent changes, in the networks that inference runs: without the regression head. */
function inferenceParameters({ encoder, score }: JointLearningConfig): number {
  const specs = [...pointNet2Parameters(encoder), ...scoreNetworkParameters(score)];
  return specs
    .filter(({ trainable }) => trainable !== false)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Every method on the same objects in turn, so that another process's load falls on all alike. */
async function measureSpeed(
  { objects: count, timed, rankerPath }: SingleHypothesisSettings,
  context: PartContext,
): Promise<Record<string, SpeedRow>> {
  const objects = (await testObjects(Math.min(count, timed), context)).slice(0, timed);
  const estimator = loadPoseEstimator();
  const ranker = loadRanker(rankerPath);
  const rows: { method: Method; hypotheses: number; ranker: boolean; ms: number[] }[] = [
    { method: oneHypothesis("K = 1, unscaled", scoreScalings.none), hypotheses: 1, ranker: false, ms: [] },
    { method: oneHypothesis("K = 1, exponential", scoreScalings.exponential), hypotheses: 1, ranker: false, ms: [] },
    { method: randomShare(50), hypotheses: 50, ranker: false, ms: [] },
    { method: rankedShare(ranker, 50), hypotheses: 50, ranker: true, ms: [] },
    { method: rankedCluster(ranker, 50), hypotheses: 50, ranker: true, ms: [] },
  ];
  try {
    for (const [done, { cloud, index }] of objects.entries()) {
      await pause(context);
      for (const { method, ms } of rows) {
        const began = performance.now();
        method.estimate(estimator, cloud, index);
        ms.push(performance.now() - began);
      }
      context.progress((done + 1) / objects.length, "speed");
    }
    const own = inferenceParameters(estimator.config);
    const entries = rows.map(({ method, ms, ...row }): [string, SpeedRow] => [
      method.name,
      {
        ...row,
        framesPerSecond: rounded(1000 / medianOfNumbers(ms)),
        parameters: own + (row.ranker ? ranker.parameterCount : 0),
      },
    ]);
    return Object.fromEntries(entries);
  } finally {
    estimator.dispose();
    ranker.dispose();
  }
}

/** The parts; fewer objects and seeds for a quick look. */
export const singleHypothesisParts = (settings: SingleHypothesisSettings): ExperimentPart[] => [
  ...(Object.keys(scalings) as (keyof typeof scalings)[]).map((scaling) =>
    experimentPart(`K = 1, ${scaling}`, (context) => measureOne(scaling, settings, context)),
  ),
  experimentPart("K = 20", (context) => measureMany(20, settings, context)),
  experimentPart("K = 50", (context) => measureMany(50, settings, context)),
  experimentPart("speed", (context) => measureSpeed(settings, context)),
];

export const singleHypothesis: Experiment = {
  name: "singleHypothesis",
  title: "One guided hypothesis against 20 and 50 unguided ones, ranked or not (A5, A6, A12; Table 2)",
  question:
    "A5: is one guided hypothesis at least as good as 50 unguided ones with a ranker? It holds if, in the mean over 3 noise seeds, K = 1 with exponential scaling is at most 1 point below «K = 50: ranked, best 60 %» at 5°2cm and at 10°2cm. A6: is one unguided hypothesis far below both? It holds if it is at least 10 points below each at 5°2cm. A12: does going without the ranker halve the parameters? It holds if those of inference (encoder and score network) are at most 55 % of those with the ranker.",
  reads: [embeddedCheckpoint, embeddedRanker],
  parts: () => singleHypothesisParts({ objects: 300, seeds: 3, rankerPath: embeddedRanker, timed: 40 }),
};
