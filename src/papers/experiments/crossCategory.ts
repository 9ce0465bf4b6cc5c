/**
 * @file Accuracy on a category that training never saw (paper A, Table S3).
 */
import { proceduralSample } from "../../datasets/procedural/proceduralSample";
import type { PosedSample } from "../../datasets/sample";
import type { Category } from "../../geometry/symmetry";
import { scoreScalings } from "../../samplers/scoreScaling";
import { errorsOf, type Method, regressionHead, type SampleErrors, singleHypothesis, summarize } from "../evaluation";
import { presets } from "../jointLearning";
import { defaultMixture } from "../poseBatch";
import { loadPoseEstimator } from "../poseEstimator";
import { defaultJointRun, type JointRun } from "../trainJoint";
import { trainJointModel } from "../trainJointModel";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { seededPart } from "./seededPart";
import { pause, rounded } from "./testObjects";

/** The categories of Table S3. */
export const leftOutCategories = ["bowl", "bottle"] as const;

export type LeftOutCategory = (typeof leftOutCategories)[number];

/** Which categories training saw. */
export const crossCategoryArms = ["all", "without bowl", "without bottle"] as const;

/** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm, and medians, of one way to estimate. */
export type CategoryScore = { accuracy: number[]; medianDeg: number; medianCm: number };

/** What one arm measured with one seed: the categories that it left out, or both where it left out none. */
export type CrossCategoryResult = {
  steps: number;
  objects: number;
  scores: Partial<Record<LeftOutCategory, { guided: CategoryScore; regression: CategoryScore }>>;
};

/** How much is trained and measured. */
interface Amount {
  run: Omit<JointRun, "seed" | "mixture">;
  /** Test objects of a category. */
  objects: number;
}

const methods: readonly Method[] = [singleHypothesis("guided", scoreScalings.exponential), regressionHead];

/** The first `count` objects of a category of the test split, whose shapes no training ever shows. */
function* testSamples(category: Category, count: number): Generator<PosedSample> {
  for (let i = 0; i < count; i++) yield proceduralSample("test", i, { maps: false, category });
}

async function measureArm(
  arm: (typeof crossCategoryArms)[number],
  seed: number,
  { run: trained, objects }: Amount,
  context: PartContext,
): Promise<CrossCategoryResult> {
  const leftOut = leftOutCategories.filter((category) => arm === `without ${category}`);
  const run: JointRun = {
    ...trained,
    seed,
    mixture: defaultMixture.filter((category) => !leftOut.some((other) => other === category)),
  };
  const { folder, signal } = context;
  const { path } = await trainJointModel({
    folder,
    signal,
    config: presets.ablation,
    run,
    progress: (share, note) => context.progress(0.9 * share, note),
  });
  const estimator = loadPoseEstimator(path);
  const scores: CrossCategoryResult["scores"] = {};
  try {
    const measured = leftOut.length > 0 ? leftOut : leftOutCategories;
    for (const category of measured) {
      const rows: SampleErrors[] = [];
      for (const row of errorsOf(estimator, testSamples(category, objects), methods)) {
        rows.push(row);
        await pause(context);
        context.progress(0.9 + (0.1 * rows.length) / objects / measured.length, category);
      }
      const [guided, regression] = summarize(rows, methods).map(
        ({ all }): CategoryScore => ({
          accuracy: all.accuracy.map(rounded),
          medianDeg: rounded(all.medianDeg),
          medianCm: rounded(all.medianCm),
        }),
      );
      scores[category] = { guided, regression };
    }
  } finally {
    estimator.dispose();
  }
  return { steps: run.pretrainSteps + run.jointSteps, objects, scores };
}

/** One part per arm and seed; smaller amounts for a quick look. */
export const crossCategoryParts = (amount: Amount, seeds: readonly number[]): ExperimentPart[] =>
  seeds.flatMap((seed) =>
    crossCategoryArms.map((arm) => ({
      name: seededPart(arm, seed),
      measure: async (context) => ({ ...(await measureArm(arm, seed, amount, context)) }),
    })),
  );

/** A third of the budget that the `ablation` preset would like: six networks are trained. */
const run: Amount["run"] = { ...defaultJointRun, pretrainSteps: 1500, jointSteps: 3000, poolSize: 6000 };

export const crossCategory: Experiment = {
  name: "crossCategory",
  title: "Bowls and bottles that training never saw (A13; Table S3)",
  question:
    "A13: does a network that never saw a bowl (or a bottle) still estimate its pose, from the shapes that resemble it? It holds if, for bowl and for bottle alike, the 10°5cm accuracy of one guided hypothesis on 120 objects is without the category at least 60 % of what it is with it (the paper: 99 % and 100 %; at 5°2cm 75 % and 77 %), in the mean over 2 seeds, and at least 20 points are left.",
  parts: () => crossCategoryParts({ run, objects: 120 }, [0, 1]),
};
