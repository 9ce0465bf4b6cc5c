/**
 * @file A score head that learns on features that no longer change.
 */
import { meanOfNumbers } from "../../metrics/averages";
import type { Parameters } from "../../models/params";
import type { Rng } from "../../random";
import { fit } from "../../training/fit";
import { warmupExponential } from "../../training/schedule";
import { createTrainingState } from "../../training/trainingState";
import { frozenHeadLoss, type HeadDraws, headBatch } from "../frozenHeadLoss";
import type { EncodedObjects } from "../keptFeatures";
import { Interrupted } from "./experiment";
import { rounded } from "./testObjects";

/** How the head learns. */
export interface FrozenHeadTraining extends HeadDraws {
  steps: number;
  /** Of objects, times and noise. */
  rng: Rng;
  signal: AbortSignal;
  /** Called after each step. */
  progress: (step: number, loss: number) => void;
}

/**
 * Train a score network in place by denoising score matching (paper A, eq. 3) on objects drawn with replacement; at the
 * end it holds the moving average of its weights.
 *
 * @returns the mean loss of the last fifth of the steps; of runs with the same times comparable
 * @throws Interrupted if the signal was aborted before the end
 */
export async function trainFrozenHead(
  parameters: Parameters,
  encoded: EncodedObjects,
  { score, steps, batchSize, draws, rng, time, signal, progress }: FrozenHeadTraining,
): Promise<number> {
  const state = createTrainingState(parameters);
  const learningRate = warmupExponential({ base: 1e-3, totalSteps: steps, finalFraction: 0.02 });
  const late: number[] = [];
  for await (const { step, loss } of fit({
    state,
    loss: frozenHeadLoss(score, batchSize),
    batches: (at) => headBatch(encoded, { score, batchSize, draws, time }, rng.split(at)),
    steps,
    learningRate,
    signal,
  })) {
    if (step > 0.8 * steps) late.push(loss);
    progress(step, loss);
  }
  if (signal.aborted) throw new Interrupted("stopped; this part begins anew, it takes a few minutes");
  state.parameters.values.set(state.ema);
  return rounded(meanOfNumbers(late));
}
