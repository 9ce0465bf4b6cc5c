/**
 * @file Accuracy against the largest weight of score scaling (paper A, Fig. S2).
 */

import { exponentialScaling, type ScoreScaling } from "../../samplers/scoreScaling";
import { embeddedCheckpoint } from "../poseEstimator";
import type { Experiment, ExperimentPart, PartContext } from "./experiment";
import { measureOde, type OdeAccuracy } from "./odeAccuracy";

/** What one w_max measured. */
export type ScalingWeightResult = OdeAccuracy & { wMax: number };

const weights = [1, 1.5, 2, 3, 4, 5, 6, 8];

async function measureWeight(
  wMax: number,
  count: number,
  seeds: number,
  context: PartContext,
  detectorError?: number,
): Promise<ScalingWeightResult> {
  const scaling: ScoreScaling = exponentialScaling({ wMax });
  return { wMax, ...(await measureOde({ scaling, t0: 0.55, detectorError }, count, seeds, context)) };
}

/** One part per w_max; fewer objects and seeds for a quick look. */
export const scalingWeightParts = (count: number, seeds: number, detectorError?: number): ExperimentPart[] =>
  weights.map((wMax) => ({
    name: `w_max = ${wMax}`,
    measure: async (context) => ({ ...(await measureWeight(wMax, count, seeds, context, detectorError)) }),
  }));

export const scalingWeight: Experiment = {
  name: "scalingWeight",
  title: "w_max from 1 (no guidance) to 8 (A8; Fig. S2)",
  question:
    "A8: does the accuracy of one hypothesis (PF-ODE from t = 0.55, exponential schedule, w_min = 1) rise up to about w_max = 4 and level off then? It holds if the mean of the four accuracies 5°2cm … 10°5cm, over 3 noise seeds, rises by at least 5 points from w_max = 1 to 4 and differs by at most 3 points between 4 and 8.",
  reads: [embeddedCheckpoint],
  parts: () => scalingWeightParts(300, 3),
};
