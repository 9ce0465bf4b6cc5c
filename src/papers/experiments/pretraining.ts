/**
 * @file How an encoder may be prepared for diffusion (paper A, Fig. 4a and S.2.2; claim A1).
 */
import { type JointLearningConfig, type Phase, presets, withPretextHeads } from "../jointLearning";
import type { TrainingPhase } from "../trainJoint";
import type { Experiment, ExperimentPart } from "./experiment";
import { type CurveSettings, curveParts, defaultCurve } from "./learningCurve";

/** Steps of the two phases. */
export interface PretrainingSteps {
  pretraining: number;
  diffusion: number;
}

const tasks: Readonly<Record<string, Phase | undefined>> = {
  regression: { regression: true },
  classification: { classification: true },
  reconstruction: { reconstruction: true },
  none: undefined,
};

/** One arm a task: pre-training by it with its own head, then the same diffusion training of encoder and score head. */
export function pretrainingParts(
  config: JointLearningConfig,
  steps: PretrainingSteps,
  settings: CurveSettings,
  seeds?: readonly number[],
): ExperimentPart[] {
  const diffusion = { phase: "diffusion", heads: { diffusion: true }, steps: steps.diffusion, finalFraction: 0.02 };
  const arms = Object.entries(tasks).map(([name, heads]) => {
    const before: TrainingPhase[] = heads
      ? [{ phase: "pretraining", heads, steps: steps.pretraining, finalFraction: 0.2 }]
      : [];
    return [name, { config: withPretextHeads(config), phases: [...before, diffusion] }] as const;
  });
  return curveParts(Object.fromEntries(arms), settings, seeds);
}

/** Of the experiment: 22 to 44 seconds an arm on a quiet core. */
export const pretrainingSteps: PretrainingSteps = { pretraining: 600, diffusion: 1_200 };

export const pretraining: Experiment = {
  name: "pretraining",
  title: "Diffusion after pre-training by regression, classification, reconstruction, or nothing",
  question:
    "A1: after pre-training by pose regression the diffusion converges faster than after classification, reconstruction or no pre-training. " +
    "Measured: percent of unseen objects within 10°5cm by one guided hypothesis, averaged over the measurements of the diffusion phase (the same steps for all arms). " +
    "Holds if the lowest of regression's three seeds is above the mean over the seeds of each other arm.",
  parts: () => pretrainingParts(presets.ablation, pretrainingSteps, defaultCurve),
};
