/**
 * @file Training of GenPose's energy network: denoising score matching on the gradient of the energy.
 */
import { tf } from "../backend";
import { energyAndScore } from "../models/energyNetwork";
import { createParameters, type ParameterSpec, type Parameters, parameterView } from "../models/params";
import { encode, pointNet2Parameters } from "../models/pointNet2";
import { lastLayer, type ScoreNetworkConfig, scoreNetworkParameters } from "../models/scoreNetwork";
import { Rng } from "../random";
import { fit, type TrainingStep } from "../training/fit";
import type { LossFunction } from "../training/gradients";
import { warmupExponential } from "../training/schedule";
import { scoreMatchingLoss } from "../training/scoreMatchingLoss";
import { createTrainingState, type TrainingState } from "../training/trainingState";
import { batchStream } from "./batchStream";
import type { JointLearningConfig } from "./jointLearning";
import type { PoseBatch } from "./poseBatch";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "./trainModel";

/** A run, as plain data. */
export interface EnergyRun {
  seed: number;
  steps: number;
  batchSize: number;
  /** Draws of time and noise per encoder pass. */
  draws: number;
  poolSize: number;
  learningRate: number;
}

/** Begun from a score network's weights (`start`): its encoder sees already what the energy needs. */
export const defaultEnergyRun: EnergyRun = {
  seed: 0,
  steps: 6_000,
  batchSize: 32,
  draws: 20,
  poolSize: 24_576,
  learningRate: 1e-3,
};

type EnergyConfig = Pick<JointLearningConfig, "preset" | "encoder" | "score" | "timeFocus">;

/** An encoder of its own, and a network of the score network's layout: without the regression head, as published. */
export const energyParameters = (config: EnergyConfig): ParameterSpec[] => [
  ...pointNet2Parameters(config.encoder),
  ...scoreNetworkParameters(config.score),
];

/** The denoising loss (eq. 6) of the score ∂E/∂x that the energy implies (GenPose, section 3.3). */
export const energyLoss =
  (config: EnergyConfig): LossFunction<PoseBatch> =>
  (weights, batch) => {
    const { feature, updates } = encode(weights, config.encoder, batch.grouping, { training: true });
    const { t, deviation, noise, noised } = batch.draws;
    const x = tf.tensor2d(noised, [t.length, 9]);
    const { score } = energyAndScore(weights, config.score, { feature, x, t, sigma: deviation });
    const scaled = tf.mul(score, tf.tensor2d(deviation, [t.length, 1]));
    const total = scoreMatchingLoss(scaled, noise);
    return { total, parts: { energy: total }, updates };
  };

/**
 * Make a score network's weights the start of an energy network's: all are kept but the last layer, which begins at 0
 * as a fresh one does. A score network gives x·s whose gradient is s + (∂s/∂x)ᵀx, far from s: with its last layer the
 * loss begins in the hundreds instead of below 9.
 */
export function adaptScoreWeights(parameters: Parameters, score: ScoreNetworkConfig): void {
  for (const part of ["weight", "bias"]) parameterView(parameters, `${lastLayer(score)}.${part}`).fill(0);
}

/** The state before the first step. */
export const startEnergy = (config: EnergyConfig, { seed }: Pick<EnergyRun, "seed">): TrainingState =>
  createTrainingState(createParameters(energyParameters(config), new Rng(seed).split("parameters")));

/** Train `state` in place to the end of the run, yielding every step; stopped and resumed like `trainJoint`. */
export async function* trainEnergy(
  config: EnergyConfig,
  run: EnergyRun,
  state: TrainingState,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<TrainingStep, void, undefined> {
  const { batchSize, draws, poolSize, seed } = run;
  const { encoder, timeFocus } = config;
  const stream = batchStream({ encoder, batchSize, draws, poolSize, seed, timeFocus });
  try {
    yield* fit({
      state,
      loss: energyLoss(config),
      batches: stream.batch,
      steps: run.steps - state.step,
      learningRate: warmupExponential({ base: run.learningRate, totalSteps: run.steps, finalFraction: 0.02 }),
      signal,
    });
  } finally {
    await stream.close();
  }
}

export type TrainEnergyModelOptions = NetworkTrainingOptions<TrainingStep> & {
  config: EnergyConfig;
  run: EnergyRun;
};

/**
 * `trainModel` for the energy network; the model file is one of `loadRanker`.
 *
 * @param options `start` may be a model of `posediff train`: encoder and score network have the same layout, and all
 *   but the last layer is taken over (`adaptScoreWeights`)
 * @throws Interrupted if the signal was aborted before the end; call again to go on
 */
export const trainEnergyModel = ({
  config,
  run,
  command,
  ...options
}: TrainEnergyModelOptions): Promise<TrainedModel> =>
  trainModel({
    ...options,
    run: { preset: config.preset, run },
    totalSteps: run.steps,
    state: startEnergy(config, run),
    adapt: (parameters) => adaptScoreWeights(parameters, config.score),
    steps: (state, signal) => trainEnergy(config, run, state, { signal }),
    card: { preset: config.preset, network: "energy", ...(command && { command }), seed: run.seed },
  });
