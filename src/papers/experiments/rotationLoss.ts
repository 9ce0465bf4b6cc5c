/**
 * @file Geodesic against L2 rotation loss of the regression head (paper A, eq. 3 and Fig. S1; claim A9).
 */
import { type JointLearningConfig, presets } from "../jointLearning";
import type { Experiment, ExperimentPart } from "./experiment";
import { type CurveSettings, curveParts, defaultCurve } from "./learningCurve";

/** Regression alone, once by the angle and once by ‖R − R_gt‖². */
export function rotationLossParts(
  config: JointLearningConfig,
  steps: number,
  settings: CurveSettings,
  seeds?: readonly number[],
): ExperimentPart[] {
  const phases = [{ phase: "regression", heads: { regression: true }, steps, finalFraction: 0.02 }];
  const arms = {
    geodesic: { config: { ...config, rotationForm: "geodesic" as const }, phases },
    L2: { config: { ...config, rotationForm: "l2" as const }, phases },
  };
  return curveParts(arms, settings, seeds);
}

export const rotationLoss: Experiment = {
  name: "rotationLoss",
  title: "Geodesic against L2 rotation loss of the regression head",
  question:
    "A9: the geodesic loss beats the L2 loss. " +
    "Measured: percent of unseen objects within the thresholds by the regression head after regression training. " +
    "Holds if geodesic's mean over three seeds at the end is above L2's at 5°2cm and at 10°5cm.",
  parts: () => rotationLossParts(presets.ablation, 1_500, { ...defaultCurve, noises: 1 }),
};
