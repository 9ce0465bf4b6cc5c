/**
 * @file A training on batches that are made ahead.
 */
import { type FitOptions, fit, type TrainingStep } from "../training/fit";
import { type WarmupExponential, warmupExponential } from "../training/schedule";
import type { BatchStream } from "./batchStream";

/** Length of a run and how its learning rate goes. */
export interface StreamSchedule
  extends Required<Pick<WarmupExponential, "totalSteps" | "finalFraction" | "warmupSteps">> {
  /** After the warm-up. */
  learningRate: number;
}

/** What `fitStream` needs. */
export interface FitStreamOptions<B>
  extends Pick<FitOptions<B>, "state" | "loss" | "trainable" | "signal">,
    StreamSchedule {
  stream: BatchStream<B>;
}

/** `fit` from `state.step` to the end of the run, by `warmupExponential`; it closes the stream, however it ends. */
export async function* fitStream<B>({
  stream,
  totalSteps,
  learningRate,
  finalFraction,
  warmupSteps,
  ...options
}: FitStreamOptions<B>): AsyncGenerator<TrainingStep, void, undefined> {
  try {
    yield* fit({
      ...options,
      batches: stream.batch,
      steps: Math.max(0, totalSteps - options.state.step),
      learningRate: warmupExponential({ base: learningRate, totalSteps, finalFraction, warmupSteps }),
    });
  } finally {
    await stream.close();
  }
}
