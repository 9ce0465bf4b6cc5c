/**
 * @file Joint learning after a pre-training that has come to its end, against training from scratch (Fig. 4b).
 */
import { type JointLearningConfig, presets } from "../jointLearning";
import type { Experiment, ExperimentPart } from "./experiment";
import { jointLearningSteps } from "./jointLearning";
import { armsOf, type CurveSettings, curveParts, defaultCurve } from "./learningCurve";

/** Steps of pre-training, and of what is compared: the scratch run, and the joint phase. */
export interface LongPretrainingSteps {
  pretraining: number;
  compared: number;
}

/** Twice as long a pre-training as what follows, which is as long as the scratch runs of `jointLearning`. */
export const longPretrainingSteps: LongPretrainingSteps = {
  pretraining: 2 * jointLearningSteps.total,
  compared: jointLearningSteps.total,
};

/** The joint phase is a run of its own that starts from the pre-trained weights, as in the paper. */
export function longPretrainingParts(
  config: JointLearningConfig,
  { pretraining, compared }: LongPretrainingSteps,
  settings: CurveSettings,
  seeds?: readonly number[],
): ExperimentPart[] {
  const finalFraction = 0.02;
  const both = { regression: true, diffusion: true };
  const arms = armsOf(config, {
    "pre-trained, then joint": [
      { phase: "pretraining", heads: { regression: true }, steps: pretraining, finalFraction },
      { phase: "joint", heads: both, steps: compared, finalFraction, anew: true },
    ],
    "from scratch": [{ phase: "diffusion", heads: { diffusion: true }, steps: compared, finalFraction }],
  });
  return curveParts(arms, settings, seeds);
}

export const longPretraining: Experiment = {
  name: "longPretraining",
  title: "Joint learning after a long pre-training, against diffusion from scratch",
  question:
    "In `jointLearning` a third of the steps is pre-training, which has not come to its end, and the joint phase goes on with averages of a head that had not yet learned. " +
    "The paper starts the joint phase as a run of its own from a pre-trained network, and counts from there (Fig. 4b). " +
    "Here pre-training takes twice the steps of the scratch run, its weights start a run of their own, and A2 is judged by its rule as it was: the joint phase reaches the scratch run's best in at most half of the steps that the scratch run took to it, and ends above it (10°5cm of one guided hypothesis, mean curve over three seeds). " +
    "The steps of pre-training are not counted there; the walkthrough tells what comes out if they are. " +
    "Stopped after the first of the three seeds, in which joint learning ended above but took nearly all of the steps.",
  parts: () => longPretrainingParts(presets.ablation, longPretrainingSteps, defaultCurve, [0]),
};
