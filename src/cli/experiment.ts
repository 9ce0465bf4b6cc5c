/**
 * @file `posediff experiment`: measure again what the walkthroughs plot.
 */
import type { Command } from "commander";
import { ready } from "../backend";
import { InputError } from "../check";
import { experimentsFolder, runExperiment } from "../papers/experiments/experiment";
import { experiments } from "../papers/experiments/experiments";
import { duration } from "../viz/progress";
import { rerunKeepingMemory } from "./keepMemory";

interface ExperimentOptions {
  out: string;
  work: string;
}

const noteEveryMs = 10_000;

/** Run or resume an experiment; without a name, list them. */
export async function experiment(name: string | undefined, options: ExperimentOptions): Promise<void> {
  if (name === undefined) {
    for (const { name, title } of experiments) console.log(`${name.padEnd(24)}${title}`);
    return;
  }
  const found = experiments.find((e) => e.name === name);
  if (!found)
    throw new InputError(
      `experiment: there is no experiment ${name}; choose one of ${experiments.map((e) => e.name).join(", ")}`,
    );
  if (await rerunKeepingMemory()) return;
  await ready();
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const began = performance.now();
  let [first, shown] = [Number.NaN, Number.NEGATIVE_INFINITY];
  const result = await runExperiment(found, {
    ...options,
    signal: stop.signal,
    onProgress: (part, index, count, share, note) => {
      const now = performance.now();
      const done = index + share;
      if (Number.isNaN(first)) first = done; // parts of earlier sittings took no time of this one
      if (now - shown < noteEveryMs) return;
      shown = now;
      const seconds = (now - began) / 1000;
      const left = done > first ? `, about ${duration((seconds * (count - done)) / (done - first))} left` : "";
      console.log(`${index + 1}/${count} ${part}  ${(100 * share).toFixed(0)} %  ${note}${left}`);
    },
  });
  const missing = found.parts().filter((part) => !(part.name in result.parts)).length;
  console.log(
    missing === 0 ? `done: ${options.out}/${name}.json` : `stopped: ${missing} parts to do; the same command goes on`,
  );
}

export const command = (program: Command): void => {
  program
    .command("experiment [name]")
    .description("measure again what the walkthroughs plot (can be stopped and resumed); without a name, list them")
    .option("--out <folder>", "where the result NAME.json is written", experimentsFolder)
    .option("--work <folder>", "where training states are kept", "runs/experiments")
    .action(experiment);
};
