/**
 * @file The training loop, as a generator that yields each step.
 */
import { setImmediate } from "node:timers/promises";
import { ready } from "../backend";
import { assertInput } from "../check";
import { emaDecay, updateEma } from "./ema";
import { type BatchGradients, batchGradients, type LossFunction } from "./gradients";
import { adamStep, clipFactor, globalNorm } from "./optimizer";
import type { TrainingState } from "./trainingState";

/** What `fit` needs. */
export interface FitOptions<B> {
  /** Changed in place, step by step. */
  state: TrainingState;
  loss: LossFunction<B>;
  /** The batch of a step (`state.step`, from 0); a function of the step alone makes a resumed run equal to an unbroken one. */
  batches: (step: number) => B | Promise<B>;
  /** Steps of this call. To finish a resumed run pass `total − state.step`. */
  steps: number;
  /** Learning rate of a step, e.g. `warmupExponential({ totalSteps })`. */
  learningRate: (step: number) => number;
  /** Largest global norm of the gradient; Infinity clips nothing. */
  clip?: number;
  /** Limit of the moving average's decay. */
  emaDecay?: number;
  /** Which parameters to change, by name; the others keep their values, moments and step counts. */
  trainable?: (name: string) => boolean;
  /** Aborted, it ends the loop after the current step. */
  signal?: AbortSignal;
}

/** What one step did. */
export interface TrainingStep {
  /** Steps taken so far, this one included (`state.step`). */
  step: number;
  loss: number;
  parts: Record<string, number>;
  /** Before clipping. */
  gradientNorm: number;
  learningRate: number;
  /** Wall time of the step, the making of its batch included. */
  seconds: number;
  /** The gradient was not finite and nothing was changed. */
  skipped: boolean;
}

const defaults = { clip: 1, emaDecay: 0.999 } satisfies Partial<FitOptions<unknown>>;
const mostSkipsInARow = 10;

/**
 * Adam with global-norm clipping and a moving average of the parameters, one yield per step:
 * `for await (const step of fit({...})) console.log(step.loss)`.
 *
 * Between yields no tensor is held. Leaving the loop, or aborting `signal`, leaves `state` complete: save it with
 * `saveTrainingState` and the run goes on bit for bit. A step whose loss or gradient is not finite changes nothing.
 *
 * @throws InputError after 10 such steps in a row
 */
export async function* fit<B>(options: FitOptions<B>): AsyncGenerator<TrainingStep, void, undefined> {
  const { state, loss, batches, steps, learningRate, clip, trainable, signal } = { ...defaults, ...options };
  const maxDecay = options.emaDecay ?? defaults.emaDecay;
  assertInput(
    Number.isInteger(steps) && steps >= 0,
    `fit: steps must be a whole number of at least 0, got ${steps}; pass total − state.step to finish a resumed run`,
  );
  await ready();
  for (let i = 0; i < steps && !signal?.aborted; i++) {
    const start = performance.now();
    const batch = await batches(state.step);
    const found = batchGradients(state.parameters, loss, batch, trainable);
    const gradientNorm = globalNorm(found.numbers.subarray(found.gradientStart, found.gradientEnd));
    const rate = learningRate(state.step);
    assertInput(Number.isFinite(rate), `fit: the learning rate of step ${state.step} is ${rate}; see learningRate`);
    const skipped = !Number.isFinite(gradientNorm) || !Number.isFinite(found.total);
    if (skipped) state.skippedInARow++;
    else update(state, found, rate, clipFactor(gradientNorm, clip), maxDecay);
    state.step++;
    assertInput(
      state.skippedInARow < mostSkipsInARow,
      `fit: the gradient was not finite in ${mostSkipsInARow} steps in a row (step ${state.step}, loss ${found.total}); check the batches for NaN or lower the learning rate`,
    );
    yield {
      step: state.step,
      loss: found.total,
      parts: found.parts,
      gradientNorm,
      learningRate: rate,
      seconds: (performance.now() - start) / 1000,
      skipped,
    };
    await setImmediate(); // lets signals and timers in: a step by itself never returns to the event loop
  }
}

/** Adam on the touched slots, new values of the buffers, moving average. */
function update(state: TrainingState, found: BatchGradients, rate: number, scale: number, maxDecay: number): void {
  const { parameters, m, v, ema, adamSteps } = state;
  for (const { slot, index, start } of found.gradients) {
    const [from, to] = [slot.offset, slot.offset + slot.size];
    adamSteps[index]++;
    adamStep(
      {
        values: parameters.values.subarray(from, to),
        gradient: found.numbers.subarray(start, start + slot.size),
        m: m.subarray(from, to),
        v: v.subarray(from, to),
      },
      rate,
      adamSteps[index],
      scale,
    );
  }
  for (const { slot, start } of found.updates)
    parameters.values.set(found.numbers.subarray(start, start + slot.size), slot.offset);
  state.updates++;
  state.skippedInARow = 0;
  const { trainableCount, values } = parameters;
  updateEma(ema.subarray(0, trainableCount), values.subarray(0, trainableCount), emaDecay(state.updates, maxDecay));
  // Buffers are not averaged: running statistics are averages already.
  ema.set(values.subarray(trainableCount), trainableCount);
}
