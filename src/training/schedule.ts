/**
 * @file Learning rates as pure functions of the step (from 0): a resumed run needs no state of a schedule.
 */
import { assertInput } from "../check";

/** GenPose's schedule. */
export interface GenPoseSchedule {
  base?: number;
  warmupSteps?: number;
  /** Factor after each epoch. */
  decay?: number;
  /** No more decay once the rate is below it. */
  floor?: number;
  stepsPerEpoch: number;
}

/**
 * Learning rate of GenPose at a step, exactly as its published code applies it: base·step/warm-up while
 * step < warm-up (so the first step has rate 0), then × decay after every epoch unless the rate is below the floor.
 *
 * The published code leaves the warm-up at (warmupSteps − 1)/warmupSteps of the base, unless an epoch ends just there.
 */
export function genPoseLearningRate(step: number, schedule: GenPoseSchedule): number {
  const { base = 1e-3, warmupSteps = 100, decay = 0.98, floor = 1e-4, stepsPerEpoch } = schedule;
  assertInput(stepsPerEpoch >= 1, `genPoseLearningRate: stepsPerEpoch must be at least 1, got ${stepsPerEpoch}`);
  if (step < warmupSteps) return (base * step) / warmupSteps;
  const reachesBase = warmupSteps === 0 || warmupSteps % stepsPerEpoch === 0;
  let rate = reachesBase ? base : (base * (warmupSteps - 1)) / warmupSteps;
  const epochs = Math.floor(step / stepsPerEpoch) - Math.floor(warmupSteps / stepsPerEpoch);
  for (let i = 0; i < epochs && rate >= floor; i++) rate *= decay;
  return rate;
}

/** A schedule for runs of a known length. */
export interface WarmupExponential {
  base?: number;
  warmupSteps?: number;
  totalSteps: number;
  /** Rate of the last step as a fraction of the base. */
  finalFraction?: number;
}

/** base · min(1, (step + 1)/warm-up) · finalFraction^(step/(total − 1)): 3 % of the base at the last step by default. */
export function warmupExponential(options: WarmupExponential): (step: number) => number {
  const { base = 1e-3, warmupSteps = 100, totalSteps, finalFraction = 0.03 } = options;
  assertInput(
    totalSteps >= 1 && finalFraction > 0,
    `warmupExponential: expected totalSteps ≥ 1 and finalFraction > 0, got ${totalSteps} and ${finalFraction}`,
  );
  return (step) => {
    const progress = Math.min(1, step / Math.max(1, totalSteps - 1));
    return base * Math.min(1, (step + 1) / Math.max(1, warmupSteps)) * finalFraction ** progress;
  };
}
