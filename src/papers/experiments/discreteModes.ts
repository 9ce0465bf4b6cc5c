/**
 * @file Two true poses of one object: do the hypotheses keep both (paper A, Fig. S6)?
 */
import { objectCloud } from "../../datasets/objectCloud";
import { proceduralSample } from "../../datasets/procedural/proceduralSample";
import { halfTurn } from "../../geometry/symmetry";
import { identity3 } from "../../geometry/vector";
import { meanOfNumbers } from "../../metrics/averages";
import { modeShares } from "../../metrics/modeShares";
import { scoreScalings } from "../../samplers/scoreScaling";
import { presets } from "../jointLearning";
import { pause } from "../pause";
import { loadPoseEstimator } from "../poseEstimator";
import { defaultJointRun, type JointRun } from "../trainJoint";
import { trainJointModel } from "../trainJointModel";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { rounded } from "./testObjects";

/** Schedules that are compared. */
export const discreteModesSchedules = ["none", "exponential", "constant"] as const;

/** A mode holds if it has this share of the hypotheses: uniform angles about y would put 11 % there. */
export const leastModeShare = 0.2;

/** A hypothesis within so many degrees of a true pose belongs to it. */
export const modeWithinDeg = 20;

/** What one schedule did with all boxes. */
export type ModesOfSchedule = {
  /** Share of an object's hypotheses at its two true poses, one row per object. */
  shares: number[][];
  /** Mean share of hypotheses at either true pose. */
  within: number;
  /** Share of the objects both of whose poses hold. */
  bothModes: number;
};

/** What one seed measured. */
export type DiscreteModesResult = {
  steps: number;
  objects: number;
  hypotheses: number;
  schedules: Record<(typeof discreteModesSchedules)[number], ModesOfSchedule>;
};

/** How much is trained and measured. */
interface Amount {
  run: Omit<JointRun, "seed" | "mixture">;
  objects: number;
  /** K */
  hypotheses: number;
}

async function measureSeed(
  seed: number,
  { run, objects, hypotheses }: Amount,
  context: PartContext,
): Promise<DiscreteModesResult> {
  const { folder, signal } = context;
  const { path } = await trainJointModel({
    folder,
    signal,
    config: presets.ablation,
    run: { ...run, seed, mixture: ["box"] },
    progress: (share, note) => context.progress(0.7 * share, note),
  });
  const estimator = loadPoseEstimator(path);
  const shares: Record<(typeof discreteModesSchedules)[number], number[][]> = {
    none: [],
    exponential: [],
    constant: [],
  };
  try {
    for (let i = 0; i < objects; i++) {
      const sample = proceduralSample("test", i, { maps: false, category: "box" });
      const cloud = objectCloud(sample);
      for (const schedule of discreteModesSchedules) {
        await pause(context);
        // The same starting noises for every schedule.
        const estimate = estimator.estimate(cloud, {
          hypotheses,
          seed: i,
          options: { scaling: scoreScalings[schedule] },
        });
        const modes = modeShares(estimate.hypotheses, sample.pose, [identity3, halfTurn], { withinDeg: modeWithinDeg });
        shares[schedule].push(modes.shares.map(rounded));
      }
      context.progress(0.7 + (0.3 * (i + 1)) / objects, `box ${i + 1} of ${objects}`);
    }
  } finally {
    estimator.dispose();
  }
  const ofSchedule = (rows: number[][]): ModesOfSchedule => ({
    shares: rows,
    within: rounded(meanOfNumbers(rows.map(([front, back]) => front + back))),
    bothModes: rounded(meanOfNumbers(rows.map((row) => (Math.min(...row) >= leastModeShare ? 1 : 0)))),
  });
  return {
    steps: run.pretrainSteps + run.jointSteps,
    objects,
    hypotheses,
    schedules: {
      none: ofSchedule(shares.none),
      exponential: ofSchedule(shares.exponential),
      constant: ofSchedule(shares.constant),
    },
  };
}

/** One part per seed; smaller amounts for a quick look. */
export const discreteModesParts = (amount: Amount, seeds: readonly number[]): ExperimentPart[] =>
  seeds.map((seed) => ({
    name: `seed ${seed}`,
    measure: async (context) => ({ ...(await measureSeed(seed, amount, context)) }),
  }));

const run: Amount["run"] = { ...defaultJointRun, pretrainSteps: 1000, jointSteps: 4000, poolSize: 4000 };

export const discreteModes: Experiment = {
  name: "discreteModes",
  title: "A box with a front and a back alike: both poses among 50 hypotheses (A14; Fig. S6)",
  question:
    "A14: do both true poses of a box that looks alike from front and back survive score scaling? A pose holds if at least 20 % of an object's K = 50 hypotheses (exponential schedule, PF-ODE from t = 0.55) lie within 20° of it; uniform angles about y would put 11 % there. It holds if on at least 80 % of 40 boxes both poses hold, in the mean over 2 seeds.",
  parts: () => discreteModesParts({ run, objects: 40, hypotheses: 50 }, [0, 1]),
};
