/**
 * @file Joint learning against training from scratch with the score network in the paper's form (Fig. 4b).
 */
import { paperScoreNetwork } from "../../models/scoreNetwork";
import { type JointLearningConfig, presets } from "../jointLearning";
import type { Experiment, ExperimentPart } from "./experiment";
import { comparedArms, type JointLearningSteps, jointLearningSteps } from "./jointLearning";
import { type CurveSettings, curveParts, defaultCurve } from "./learningCurve";

/** The same sizes with the paper's form: output divided by σ, Fourier scale 30, and times drawn evenly (eq. 6). */
export const inPaperForm = ({
  score: { preconditioning: _, ...score },
  ...config
}: JointLearningConfig): JointLearningConfig => ({
  ...config,
  score: { ...score, time: { ...score.time, fourierScale: paperScoreNetwork.time.fourierScale } },
  timeFocus: 0,
});

/** From scratch, and pre-trained then joint, both in the paper's form. */
export function paperFormParts(
  config: JointLearningConfig,
  steps: JointLearningSteps,
  settings: CurveSettings,
  seeds?: readonly number[],
): ExperimentPart[] {
  return curveParts(comparedArms(inPaperForm(config), steps), settings, seeds);
}

export const paperFormLearning: Experiment = {
  name: "paperFormLearning",
  title: "Diffusion from scratch, and pre-trained joint learning, with the score network in the paper's form",
  question:
    "In `jointLearning` A2 does not hold, and there the score network is preconditioned, which lets training from scratch begin where the paper's has to come to first. " +
    "Is that why? " +
    "The same steps, views and sizes with the paper's form: output divided by σ, Fourier scale 30, times drawn evenly. " +
    "It is if here joint learning ends above the best of the scratch run, mean curve over three seeds; if it reaches it in at most half of the steps that the scratch run took, pre-training not counted, A2 holds in this form. " +
    "Stopped after the first of the three seeds, in which joint learning ended well below.",
  parts: () => paperFormParts(presets.ablation, jointLearningSteps, defaultCurve, [0]),
};
