/**
 * @file What is to be measured again.
 */
import type { Experiment } from "./experiment";
import { experimentState } from "./experimentState";

/** The experiments whose stored results are not those of the library as it is now, the shortest first. */
export const dueExperiments = (all: readonly Experiment[], out: string): Experiment[] =>
  all
    .map((experiment) => ({ experiment, ...experimentState(experiment, out) }))
    .filter(({ state }) => state !== "measured")
    // What was never measured may take hours.
    .sort((a, b) => Number(a.state === "never") - Number(b.state === "never") || a.minutes - b.minutes)
    .map(({ experiment }) => experiment);
