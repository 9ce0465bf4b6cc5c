/**
 * @file A score network that learns by denoising score matching on features that no longer change.
 */
import { type FitOptions, fit, type TrainingStep } from "../training/fit";
import { warmupExponential } from "../training/schedule";
import { frozenHeadLoss, type HeadBatch, type HeadDraws, headBatch } from "./headBatch";
import type { EncodedObjects } from "./keptFeatures";

/** How the score network is trained. */
export interface FrozenHeadFit extends HeadDraws, Pick<FitOptions<HeadBatch>, "state" | "trainable" | "signal"> {
  encoded: EncodedObjects;
  /** Of the whole run; those that the state has behind it are not taken again. */
  steps: number;
  /** After the warm-up. */
  learningRate: number;
}

/** `fit` from `state.step` to the end of the run, by `warmupExponential` down to 2 % of the rate. */
export const fitFrozenHead = ({
  encoded,
  steps,
  learningRate,
  rng,
  state,
  trainable,
  signal,
  ...drawn
}: FrozenHeadFit): AsyncGenerator<TrainingStep, void, undefined> =>
  fit({
    state,
    loss: frozenHeadLoss(drawn.score, drawn.batchSize),
    ...(trainable && { trainable }),
    batches: (step) => headBatch(encoded, drawn, rng.split(step)),
    steps: steps - state.step,
    learningRate: warmupExponential({ base: learningRate, totalSteps: steps, finalFraction: 0.02 }),
    signal,
  });
