/**
 * @file A training run of paper A: regression pre-training, then joint learning; stopped and resumed bit for bit.
 */
import type { Category } from "../geometry/symmetry";
import { createParameters } from "../models/params";
import { Rng } from "../random";
import { fit, type TrainingStep } from "../training/fit";
import { warmupExponential } from "../training/schedule";
import { createTrainingState, type TrainingState } from "../training/trainingState";
import { batchStream } from "./batchStream";
import { type JointLearningConfig, jointLearningParameters, jointLoss } from "./jointLearning";

/** A run, as plain data: it goes into the checkpoint, and a resumed run must have the same. */
export interface JointRun {
  seed: number;
  /** Steps of regression pre-training (Fig. 1a); 0 starts with both heads at once. */
  pretrainSteps: number;
  /** Steps of joint learning after that. */
  jointSteps: number;
  batchSize: number;
  /** Draws of time and noise per encoder pass. */
  draws: number;
  poolSize: number;
  learningRate: number;
  /** Categories of the rendered views, in turn; default: all six (see `defaultMixture`). */
  mixture?: readonly Category[];
}

/** GenPose's draws and learning rate with a batch that two CPU cores take. */
export const defaultJointRun: JointRun = {
  seed: 0,
  pretrainSteps: 8_000,
  jointSteps: 16_000,
  batchSize: 32,
  draws: 20,
  poolSize: 49_152,
  learningRate: 1e-3,
};

/** The state before the first step. */
export const startJoint = (config: JointLearningConfig, run: JointRun): TrainingState =>
  createTrainingState(createParameters(jointLearningParameters(config), new Rng(run.seed).split("parameters")));

/** A step and the phase it belongs to. */
export interface JointStep extends TrainingStep {
  phase: "pretraining" | "joint";
}

/**
 * Train `state` in place to the end of the run, yielding every step. Each phase has its own warm-up and decay ("the
 * same training configuration is applied to both", section 5.1). Leave the loop or abort the signal to stop; a state
 * saved then and passed in again goes on as if nothing had happened.
 */
export async function* trainJoint(
  config: JointLearningConfig,
  run: JointRun,
  state: TrainingState,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<JointStep, void, undefined> {
  const { pretrainSteps, jointSteps, learningRate: base } = run;
  const stream = batchStream({
    encoder: config.encoder,
    batchSize: run.batchSize,
    draws: run.draws,
    poolSize: run.poolSize,
    seed: run.seed,
    timeFocus: config.timeFocus,
    mixture: run.mixture,
  });
  const phases = [
    { phase: "pretraining", steps: pretrainSteps, from: 0, heads: { regression: true, diffusion: false }, end: 0.2 },
    { phase: "joint", steps: jointSteps, from: pretrainSteps, heads: { regression: true, diffusion: true }, end: 0.02 },
  ] as const;
  try {
    for (const { phase, steps, from, heads, end } of phases) {
      const remaining = from + steps - state.step;
      if (remaining <= 0 || signal?.aborted) continue;
      const rate = warmupExponential({ base, totalSteps: steps, finalFraction: end });
      for await (const step of fit({
        state,
        loss: jointLoss(config, heads),
        batches: stream.batch,
        steps: remaining,
        learningRate: (step) => rate(step - from),
        signal,
      }))
        yield { ...step, phase };
    }
  } finally {
    await stream.close();
  }
}
