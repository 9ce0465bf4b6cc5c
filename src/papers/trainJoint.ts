/**
 * @file Training runs of paper A, in phases: regression pre-training, then joint learning, or other arms that are
 * compared with it; stopped and resumed bit for bit.
 */
import type { ViewRange } from "../datasets/procedural/view";
import type { Category } from "../geometry/symmetry";
import { createParameters } from "../models/params";
import { pointNet2Parameters } from "../models/pointNet2";
import { Rng } from "../random";
import type { AugmentOptions } from "../training/augment";
import { fit, type TrainingStep } from "../training/fit";
import type { LossFunction } from "../training/gradients";
import { warmupExponential } from "../training/schedule";
import { createTrainingState, startAnew, type TrainingState } from "../training/trainingState";
import { batchStream } from "./batchStream";
import { type JointLearningConfig, jointLearningParameters, jointLoss, type Phase } from "./jointLearning";
import type { PoseBatch, PoseBatchOptions } from "./poseBatch";

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
  /** Draws of points per pose, whose features are averaged; default: 1, as published. */
  pointDraws?: number;
  /** Whether the heads alone learn, on the features of the encoder that the run starts from. */
  frozenEncoder?: boolean;
  poolSize: number;
  learningRate: number;
  /** Categories of the rendered views, in turn; default: all six (see `defaultMixture`). */
  mixture?: readonly Category[];
  /** From where the camera sees them; default: `wide`. */
  views?: ViewRange;
  /** What differs from the usual augmentation of the clouds. */
  augmentation?: AugmentOptions;
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

/** A stretch of training in which certain heads learn, with a warm-up and a decay of its own. */
export interface TrainingPhase {
  phase: string;
  heads: Phase;
  steps: number;
  /** Learning rate of the last step as a share of the run's. */
  finalFraction: number;
  /** As a run of its own that starts from the phases before (`startAnew`); default: moments and averages go on. */
  anew?: boolean;
}

/** A run whose phases are data: pre-training of any kind, joint learning, diffusion alone. */
export interface PhasedRun extends Omit<JointRun, "pretrainSteps" | "jointSteps"> {
  phases: readonly TrainingPhase[];
}

/** Paper A's own phases: regression alone, then both heads (Fig. 1a). */
export const jointPhases = ({ pretrainSteps, jointSteps }: JointRun): TrainingPhase[] => [
  { phase: "pretraining", heads: { regression: true }, steps: pretrainSteps, finalFraction: 0.2 },
  { phase: "joint", heads: { regression: true, diffusion: true }, steps: jointSteps, finalFraction: 0.02 },
];

/** The state before the first step. */
export const startJoint = (config: JointLearningConfig, { seed }: Pick<JointRun, "seed">): TrainingState =>
  createTrainingState(createParameters(jointLearningParameters(config), new Rng(seed).split("parameters")));

/** A step and the phase it belongs to. */
export interface JointStep extends TrainingStep {
  phase: string;
}

/** A network that is trained like paper A's and reads or loses more than that. */
export interface TrainingTask {
  /** What its batches hold beside clouds and poses. */
  batches: Pick<PoseBatchOptions, "axesDraws" | "image">;
  /** In place of `jointLoss`. */
  loss: (heads: Phase) => LossFunction<PoseBatch>;
  /** Adds to a batch what the thread that makes batches cannot (maps of a frozen image model). */
  complete?: (batch: PoseBatch) => Promise<PoseBatch>;
}

/**
 * Train `state` in place to the end of the last phase, yielding every step. Each phase has its own warm-up and decay
 * ("the same training configuration is applied to both", section 5.1); batches and, unless it begins anew, moments of Adam
 * and moving averages go on from one to the next. Leave the loop or abort the signal to stop; a state saved then and passed in again goes on as if nothing had
 * happened.
 */
export async function* trainPhases(
  config: JointLearningConfig,
  run: PhasedRun,
  state: TrainingState,
  { signal, task }: { signal?: AbortSignal; task?: TrainingTask } = {},
): AsyncGenerator<JointStep, void, undefined> {
  const { loss, complete }: Partial<TrainingTask> = task ?? {};
  const { frozenEncoder = false } = run;
  const ofEncoder = new Set(pointNet2Parameters(config.encoder).map(({ name }) => name));
  const stream = batchStream({
    encoder: config.encoder,
    batchSize: run.batchSize,
    draws: run.draws,
    ...(run.pointDraws && { pointDraws: run.pointDraws }),
    poolSize: run.poolSize,
    seed: run.seed,
    timeFocus: config.timeFocus,
    mixture: run.mixture,
    views: run.views,
    augmentation: run.augmentation,
    ...task?.batches,
  });
  try {
    let end = 0;
    for (const { phase, steps, heads, finalFraction, anew } of run.phases) {
      const from = end;
      end += steps;
      const remaining = end - state.step;
      if (remaining <= 0 || signal?.aborted) continue;
      if (anew && state.step === from) startAnew(state);
      const rate = warmupExponential({ base: run.learningRate, totalSteps: steps, finalFraction });
      for await (const step of fit({
        state,
        loss: loss ? loss(heads) : jointLoss(config, heads, { frozenEncoder }),
        ...(frozenEncoder && { trainable: (name: string) => !ofEncoder.has(name) }),
        batches: complete ? async (at) => complete(await stream.batch(at)) : stream.batch,
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

/** `trainPhases` of paper A's run: regression pre-training, then joint learning. */
export const trainJoint = (
  config: JointLearningConfig,
  run: JointRun,
  state: TrainingState,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<JointStep, void, undefined> =>
  trainPhases(config, { ...run, phases: jointPhases(run) }, state, options);
