/**
 * @file All experiments, in the order in which a reader meets them.
 */
import { agreement } from "./agreement";
import type { Experiment } from "./experiment";
import { samplingSteps } from "./samplingSteps";
import { scalingWeight } from "./scalingWeight";
import { schedules } from "./schedules";
import { trajectories } from "./trajectories";

/** What `posediff experiment` knows. */
export const experiments: readonly Experiment[] = [samplingSteps, schedules, agreement, scalingWeight, trajectories];
