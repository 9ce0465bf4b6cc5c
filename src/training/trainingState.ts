/**
 * @file All that a run of training carries from one step to the next.
 */
import type { Parameters } from "../models/params";

/** Saved and loaded whole, it resumes a run bit for bit. Every array has the layout of `parameters.values`. */
export interface TrainingState {
  parameters: Parameters;
  /** First and second moments of Adam. */
  m: Float32Array;
  v: Float32Array;
  /** Moving average of the parameters: evaluate and ship this one. */
  ema: Float32Array;
  /** Adam steps of each slot: slots that join later (a second head) start their own bias correction. */
  adamSteps: Int32Array;
  /** Steps taken, skipped ones included: the argument of the schedule and of the batches. */
  step: number;
  /** Steps that changed the parameters: the n of the moving average. */
  updates: number;
  /** Steps just skipped, one after the other, because their gradient was not finite. */
  skippedInARow: number;
}

/** The state before the first step; the moving average starts at the parameters. */
export const createTrainingState = (parameters: Parameters): TrainingState => ({
  parameters,
  m: new Float32Array(parameters.values.length),
  v: new Float32Array(parameters.values.length),
  ema: parameters.values.slice(),
  adamSteps: new Int32Array(parameters.slots.length),
  step: 0,
  updates: 0,
  skippedInARow: 0,
});

/**
 * The state, in place, of a run of its own that starts from what this one came to: the moving averages are its
 * parameters, moments and the n of the average begin anew. Otherwise a head that joins late would be averaged with the
 * many steps in which it did not learn.
 */
export function startAnew(state: TrainingState): void {
  state.parameters.values.set(state.ema);
  state.m.fill(0);
  state.v.fill(0);
  state.adamSteps.fill(0);
  state.updates = 0;
}
