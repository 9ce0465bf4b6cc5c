/**
 * @file What joint learning gains (paper A, eqs. 3–7, Fig. 4b and 4c, Table 1; claims A2 and A3).
 */
import { type JointLearningConfig, presets } from "../jointLearning";
import type { TrainingPhase } from "../trainJoint";
import type { Experiment } from "./experiment";
import { armsOf, type CurveArm, curveParts, defaultCurve } from "./learningCurve";

/** Steps of pre-training and of all phases together. */
export interface JointLearningSteps {
  pretraining: number;
  total: number;
}

/**
 * Arms of one budget: diffusion alone; both heads from the start; regression first, then both (the paper's); and
 * regression alone to the end, without which nobody could tell what the joint phase gives the regression head.
 */
export function jointLearningArms(
  config: JointLearningConfig,
  { pretraining, total }: JointLearningSteps,
): Record<string, Omit<CurveArm, "seed">> {
  const phase = (name: string, heads: TrainingPhase["heads"], steps: number): TrainingPhase => ({
    phase: name,
    heads,
    steps,
    finalFraction: 0.02,
  });
  const [regression, both] = [{ regression: true }, { regression: true, diffusion: true }];
  const first = { ...phase("pretraining", regression, pretraining), finalFraction: 0.2 };
  return armsOf(config, {
    "from scratch": [phase("diffusion", { diffusion: true }, total)],
    "joint without pre-training": [phase("joint", both, total)],
    "pre-trained, then joint": [first, phase("joint", both, total - pretraining)],
    "regression alone": [first, phase("regression", regression, total - pretraining)],
  });
}

/** Of these the two arms that A2 compares. */
export function comparedArms(
  config: JointLearningConfig,
  steps: JointLearningSteps,
): Record<string, Omit<CurveArm, "seed">> {
  const { "from scratch": scratch, "pre-trained, then joint": joint } = jointLearningArms(config, steps);
  return { "from scratch": scratch, "pre-trained, then joint": joint };
}

export const jointLearningSteps: JointLearningSteps = { pretraining: 600, total: 1_800 };

export const jointLearning: Experiment = {
  name: "jointLearning",
  title: "Diffusion from scratch, joint learning without and with pre-training, regression alone",
  question:
    "A2: pre-trained joint learning reaches the best score of training from scratch in a small part of its steps. " +
    "Measured: percent of unseen objects within 10°5cm by one guided hypothesis, mean curve over three seeds. " +
    "Holds if the joint phase reaches the scratch run's best in at most half of the steps that the scratch run took to it, and joint learning ends above it with the pre-training counted. " +
    "A3: the regression head gets better in the joint phase. " +
    "Holds if in each of the seeds its 10°5cm at the end of the joint phase is above that at the end of pre-training. " +
    "Told beside it, for it decides what the gain is due to: regression alone for as many steps.",
  parts: () => curveParts(jointLearningArms(presets.ablation, jointLearningSteps), defaultCurve),
};
