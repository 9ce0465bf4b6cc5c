/**
 * @file Joint learning against training from scratch where there is time for both (paper A, Fig. 4b; claim A2).
 */
import { presets } from "../jointLearning";
import type { Experiment } from "./experiment";
import { comparedArms, type JointLearningSteps } from "./jointLearning";
import { curveParts, defaultCurve } from "./learningCurve";

/** Five times those of `jointLearning`, in the same proportion. */
const steps: JointLearningSteps = { pretraining: 3_000, total: 9_000 };

export const longJointLearning: Experiment = {
  name: "longJointLearning",
  title: "Diffusion from scratch, and pre-trained joint learning, five times as long",
  question:
    "In `jointLearning` the networks are far from trained when the budget ends, and there A2 does not hold. Is that a matter of length? " +
    "The same networks with five times the steps and four times the views. " +
    "It is if joint learning ends above the best of the scratch run, mean curve over the seeds; if it reaches it in at most half of the steps that the scratch run took, too, A2 holds at this length.",
  parts: () => curveParts(comparedArms(presets.ablation, steps), { ...defaultCurve, poolSize: 16_384, every: 500 }),
};
