/**
 * @file The score network as the paper has it against the form in which input and output are scaled by the noise.
 */
import { paperScoreNetwork } from "../../models/scoreNetwork";
import { type JointLearningConfig, presets } from "../jointLearning";
import type { Experiment, ExperimentPart } from "./experiment";
import { type CurveSettings, curveParts, defaultCurve } from "./learningCurve";

/**
 * Joint learning with two forms of one score network, equal in size: the paper's (output divided by σ, Fourier scale 30),
 * and preconditioned (Karras et al. 2022, Table 1) with a gentler Fourier scale. Between them, each change alone.
 */
export function preconditioningParts(
  config: JointLearningConfig,
  steps: number,
  settings: CurveSettings,
  seeds?: readonly number[],
): ExperimentPart[] {
  const phases = [{ phase: "joint", heads: { regression: true, diffusion: true }, steps, finalFraction: 0.02 }];
  const { score } = config;
  const form = (fourierScale: number, preconditioning: typeof score.preconditioning) => ({
    config: { ...config, score: { ...score, time: { ...score.time, fourierScale }, preconditioning } },
    phases,
  });
  const steep = paperScoreNetwork.time.fourierScale;
  const gentle = score.time.fourierScale;
  const arms = {
    "the paper's form": form(steep, undefined),
    "gentler Fourier scale": form(gentle, undefined),
    "input and output scaled": form(steep, score.preconditioning),
    preconditioned: form(gentle, score.preconditioning),
  };
  return curveParts(arms, settings, seeds);
}

export const preconditioning: Experiment = {
  name: "preconditioning",
  title: "The paper's score network against the preconditioned one at equal budget",
  question:
    "Which form of the score network learns more in the same steps? " +
    "Measured: percent of unseen objects within 10°5cm by one guided hypothesis. " +
    "Decides what the small preset ships with: the form whose mean over the seeds at the end is higher.",
  parts: () => preconditioningParts(presets.ablation, 1_200, defaultCurve, [0, 1]),
};
