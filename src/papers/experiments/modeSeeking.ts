/**
 * @file Mean Shift in place of the ranking network in paper A's pipeline (paper B, section 4.4.3 and claim B8).
 */
import { type Aggregation, largestMode, meanOfAll, meanOfBest, meanOfRandom } from "../../estimation/aggregation";
import { rankPoses } from "../../estimation/energyRanking";
import type { PoseModeOptions } from "../../estimation/poseMode";
import { medianOfNumbers } from "../../metrics/averages";
import { accuracyAt, type PoseError, poseError } from "../../metrics/poseError";
import { Rng } from "../../random";
import { probabilityFlowOde } from "../../samplers/probabilityFlowOde";
import { scoreScalings } from "../../samplers/scoreScaling";
import { pause } from "../pause";
import { embeddedCheckpoint, loadPoseEstimator } from "../poseEstimator";
import { embeddedRanker, loadRanker, type Ranker } from "../ranker";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { experimentPart } from "./experimentPart";
import { sampleMany } from "./singleHypothesis";
import { accuracyBySeed, rounded, type TestObject, testObjects } from "./testObjects";

/** How much is measured. */
export interface ModeSeekingAmount {
  /** Objects that are scored; they come first in the test split. */
  objects: number;
  /** Objects behind them by which the bandwidths are chosen. */
  choosing: number;
  seeds: number;
  hypotheses: number;
  timed: number;
  /** Model file of the ranker. */
  rankerPath: string;
}

/** Bandwidths: in the space of two columns, and metres. */
export type Bandwidths = { rotation: number; translation: number };

/** What was measured on all arms. */
export type ModeSeekingResult = {
  /** Those with the most within 5°2cm and 10°2cm on the objects that are not scored. */
  chosen: Bandwidths;
  /** Every pair: percent within 5°2cm and 10°2cm there. */
  sweep: (Bandwidths & { at5deg2cm: number; at10deg2cm: number })[];
  /** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm; one row per noise seed. */
  accuracy: Record<string, number[][]>;
};

/** Objects a second, from cloud to pose, and the milliseconds from K hypotheses to one. */
export type ModeSeekingSpeed = Record<string, { framesPerSecond: number; toOneMs: number }>;

const rotations = [0.1, 0.2, 0.4, 0.8];
const translations = [0.005, 0.01, 0.02, 0.05];

const optionsOf = ({ rotation, translation }: Bandwidths): PoseModeOptions => ({
  rotationBandwidth: rotation,
  translationBandwidth: translation,
});

/** The error of every way from the same K hypotheses. */
function errorsOfWays(
  object: TestObject,
  { hypotheses }: ModeSeekingAmount,
  seed: number,
  ways: Readonly<Record<string, Aggregation>>,
): Record<string, PoseError> {
  const poses = sampleMany(object, hypotheses, seed);
  const rng = (): Rng => new Rng(seed).split("aggregation").split(object.index);
  return Object.fromEntries(
    Object.entries(ways).map(([name, way]) => [name, poseError(way(poses, rng()), object.truth, object.symmetry)]),
  );
}

/** The ranker's way, as an aggregation of one object. */
const ranked =
  (ranker: Ranker, { cloud }: TestObject): Aggregation =>
  (poses, rng) =>
    meanOfBest()(rankPoses(poses, ranker.energies(cloud, poses)).poses, rng);

async function measureAccuracy(amount: ModeSeekingAmount, context: PartContext): Promise<ModeSeekingResult> {
  const all = await testObjects(amount.objects + amount.choosing, context);
  const [scored, others] = [all.slice(0, amount.objects), all.slice(amount.objects)];
  const pairs = rotations.flatMap((rotation) => translations.map((translation) => ({ rotation, translation })));
  const byPair = Object.fromEntries(pairs.map((pair, i) => [String(i), largestMode(optionsOf(pair))]));
  const tried: Record<string, PoseError>[] = [];
  for (const object of others) {
    await pause(context);
    tried.push(errorsOfWays(object, amount, 0, byPair));
    context.progress((0.3 * tried.length) / others.length, "bandwidths");
  }
  const sweep = pairs.map((pair, i) => {
    const errors = tried.map((row) => row[String(i)]);
    const percent = (deg: number): number => rounded(100 * accuracyAt(errors, deg, 2));
    return { ...pair, at5deg2cm: percent(5), at10deg2cm: percent(10) };
  });
  const best = sweep.reduce((a, b) => (b.at5deg2cm + b.at10deg2cm > a.at5deg2cm + a.at10deg2cm ? b : a));
  const chosen = { rotation: best.rotation, translation: best.translation };

  const ranker = loadRanker(amount.rankerPath);
  const errors: Record<string, PoseError[][]> = {};
  try {
    for (const [done, object] of scored.entries()) {
      await pause(context);
      const ways = {
        "mean of all": meanOfAll,
        "random 60 %": meanOfRandom(),
        "ranked, best 60 %": ranked(ranker, object),
        "Mean Shift++": largestMode(optionsOf(chosen)),
      };
      const rows: Record<string, PoseError[]> = {};
      for (let seed = 0; seed < amount.seeds; seed++)
        for (const [name, error] of Object.entries(errorsOfWays(object, amount, seed, ways)))
          rows[name] = [...(rows[name] ?? []), error];
      for (const [name, row] of Object.entries(rows)) errors[name] = [...(errors[name] ?? []), row];
      context.progress(0.3 + (0.7 * (done + 1)) / scored.length, "ways to one answer");
    }
  } finally {
    ranker.dispose();
  }
  const accuracy = Object.fromEntries(Object.entries(errors).map(([name, rows]) => [name, accuracyBySeed(rows)]));
  return { chosen, sweep, accuracy };
}

/** Both ways on the same objects in turn, so that another process's load falls on both alike. */
async function measureSpeed(amount: ModeSeekingAmount, context: PartContext): Promise<ModeSeekingSpeed> {
  const objects = await testObjects(amount.timed, context);
  const estimator = loadPoseEstimator();
  const ranker = loadRanker(amount.rankerPath);
  const sampling = {
    hypotheses: amount.hypotheses,
    sampler: probabilityFlowOde,
    options: { scaling: scoreScalings.none },
  };
  const whole: Record<string, number[]> = { "ranked, best 60 %": [], "Mean Shift++": [] };
  const toOne: Record<string, number[]> = { "ranked, best 60 %": [], "Mean Shift++": [] };
  const time = (into: number[], once: () => unknown): void => {
    const began = performance.now();
    once();
    into.push(performance.now() - began);
  };
  try {
    for (const [done, object] of objects.entries()) {
      await pause(context);
      time(whole["ranked, best 60 %"], () => estimator.estimate(object.cloud, { ...sampling, ranker }));
      time(whole["Mean Shift++"], () => estimator.estimate(object.cloud, { ...sampling, aggregate: largestMode() }));
      const poses = sampleMany(object, amount.hypotheses, 0);
      const rng = new Rng(0);
      time(toOne["ranked, best 60 %"], () => ranked(ranker, object)(poses, rng));
      time(toOne["Mean Shift++"], () => largestMode()(poses, rng));
      context.progress((done + 1) / objects.length, "speed");
    }
  } finally {
    estimator.dispose();
    ranker.dispose();
  }
  return Object.fromEntries(
    Object.entries(whole).map(([name, ms]) => [
      name,
      { framesPerSecond: rounded(1000 / medianOfNumbers(ms)), toOneMs: rounded(medianOfNumbers(toOne[name])) },
    ]),
  );
}

/** The parts; smaller amounts for a quick look. */
export const modeSeekingParts = (amount: ModeSeekingAmount): ExperimentPart[] => [
  experimentPart("accuracy", (context) => measureAccuracy(amount, context)),
  experimentPart("speed", (context) => measureSpeed(amount, context)),
];

export const modeSeeking: Experiment = {
  name: "modeSeeking",
  title: "Mean Shift++ instead of the ranking network on 50 hypotheses of paper A's network (B8)",
  question:
    "B8: is Mean Shift in place of the EnergyNet faster in GenPose's pipeline, at most at a small loss? K = 50 unscaled hypotheses by one ODE, 300 test objects, 3 noise seeds; bandwidths chosen by 100 other objects. It holds if, from cloud to pose, it answers at least 1.1 times as many frames per second as the best 60 % by energy (the paper: about 1.15 times), and in the mean over seeds it is at most 2 points below at 5°2cm and at 10°2cm.",
  reads: [embeddedCheckpoint, embeddedRanker],
  parts: () =>
    modeSeekingParts({
      objects: 300,
      choosing: 100,
      seeds: 3,
      hypotheses: 50,
      timed: 40,
      rankerPath: embeddedRanker,
    }),
};
