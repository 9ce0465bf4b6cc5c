/**
 * @file A score head that learns on features that no longer change.
 */
import { meanOfNumbers } from "../../metrics/averages";
import type { Parameters } from "../../models/params";
import { createTrainingState } from "../../training/trainingState";
import { fitFrozenHead } from "../fitFrozenHead";
import type { HeadDraws } from "../headBatch";
import { Interrupted } from "../interrupted";
import type { EncodedObjects } from "../keptFeatures";
import { rounded } from "./testObjects";

/** How the head learns. */
export interface FrozenHeadTraining extends HeadDraws {
  steps: number;
  signal: AbortSignal;
  /** Called after each step. */
  progress: (step: number, loss: number) => void;
}

/**
 * Train a score network in place by denoising score matching (paper A, eq. 6) on objects drawn with replacement; at the
 * end it holds the moving average of its weights.
 *
 * @returns the mean loss of the last fifth of the steps; of runs with the same times comparable
 * @throws Interrupted if the signal was aborted before the end
 */
export async function trainFrozenHead(
  parameters: Parameters,
  encoded: EncodedObjects,
  { progress, ...training }: FrozenHeadTraining,
): Promise<number> {
  const { steps, signal } = training;
  const state = createTrainingState(parameters);
  const late: number[] = [];
  for await (const { step, loss } of fitFrozenHead({ ...training, state, encoded, learningRate: 1e-3 })) {
    if (step > 0.8 * steps) late.push(loss);
    progress(step, loss);
  }
  if (signal.aborted) throw new Interrupted("stopped; this part begins anew, it takes a few minutes");
  state.parameters.values.set(state.ema);
  return rounded(meanOfNumbers(late));
}
