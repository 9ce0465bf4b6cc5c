/**
 * @file Whether joint learning falls behind here because one loss pulls the encoder harder than the other (claim A2).
 */
import { type JointLearningConfig, presets } from "../jointLearning";
import type { Experiment, ExperimentPart } from "./experiment";
import { type JointLearningSteps, jointLearningSteps } from "./jointLearning";
import { type CurveSettings, curveParts, defaultCurve } from "./learningCurve";

/** The weight of L_θ beside L_φ: about as much as the encoder's slope of L_φ is longer (4 to 17 times). */
const weight = 10;

/** Pre-trained, then joint, as in `jointLearning`, with L_θ weighted up. */
export function jointWeightsParts(
  config: JointLearningConfig,
  { pretraining, total }: JointLearningSteps,
  settings: CurveSettings,
  seeds?: readonly number[],
): ExperimentPart[] {
  const phases = [
    { phase: "pretraining", heads: { regression: true }, steps: pretraining, finalFraction: 0.2 },
    { phase: "joint", heads: { regression: true, diffusion: weight }, steps: total - pretraining, finalFraction: 0.02 },
  ];
  return curveParts({ [`pre-trained, then joint, L_θ × ${weight}`]: { config, phases } }, settings, seeds);
}

export const jointWeights: Experiment = {
  name: "jointWeights",
  title: "Pre-trained joint learning with the diffusion loss weighted up",
  question:
    "Why does joint learning end below the scratch run in `jointLearning` (A2)? Eq. 7 adds the losses unweighted, and on the encoder the slope of L_φ is several times that of L_θ. " +
    "With L_θ ten times as heavy, all else the same: if one guided hypothesis ends at least 3 points higher within 10°5cm (mean over three seeds) than with equal weights, the weights were the reason.",
  parts: () => jointWeightsParts(presets.ablation, jointLearningSteps, defaultCurve),
};
