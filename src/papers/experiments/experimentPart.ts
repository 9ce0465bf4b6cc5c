/**
 * @file A part from what measures it.
 */
import type { ExperimentPart, Json, PartContext } from "./experiment";

/** A part of that name; what `measure` resolves to must be plain data. */
export const experimentPart = (name: string, measure: (context: PartContext) => Promise<unknown>): ExperimentPart => ({
  name,
  measure: async (context) => (await measure(context)) as Json,
});
