/**
 * @file All experiments, in the order in which a reader meets them.
 */
import type { Experiment } from "./experiment";

/** What `posediff experiment` knows. */
export const experiments: readonly Experiment[] = [];
