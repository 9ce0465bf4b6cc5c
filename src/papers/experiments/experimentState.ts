/**
 * @file How the stored result of an experiment stands to the library as it is now.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Experiment, experimentsFolder, readExperiment, staleness } from "./experiment";

/** What is there of an experiment. */
export interface ExperimentState {
  /** Of this data and these models: whole, some parts, none; or of others, which is worth nothing now. */
  state: "measured" | "partly" | "stale" | "never";
  /** Why it is stale. */
  reason?: string;
  /** Parts that are there, and all. */
  parts: { measured: number; all: number };
  /** What the parts that are there took; of a stale result, what it took then. */
  minutes: number;
}

/** @throws InputError if the stored file is damaged */
export function experimentState(experiment: Experiment, folder: string = experimentsFolder): ExperimentState {
  const names = experiment.parts().map(({ name }) => name);
  if (!existsSync(join(folder, `${experiment.name}.json`)))
    return { state: "never", parts: { measured: 0, all: names.length }, minutes: 0 };
  const result = readExperiment(experiment.name, folder);
  const reason = staleness(experiment, result);
  const measured = names.filter((name) => name in result.parts).length;
  const current = measured === names.length ? "measured" : "partly";
  return {
    state: reason === undefined ? current : "stale",
    ...(reason !== undefined && { reason }),
    parts: { measured: reason === undefined ? measured : 0, all: names.length },
    minutes: Object.values(result.minutes).reduce((sum, minutes) => sum + minutes, 0),
  };
}
