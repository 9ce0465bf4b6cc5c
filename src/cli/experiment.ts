/**
 * @file `posediff experiment`: measure again what the walkthroughs plot.
 */
import type { Command } from "commander";
import { ready } from "../backend";
import { assertInput, InputError } from "../check";
import { dueExperiments } from "../papers/experiments/dueExperiments";
import { type Experiment, experimentsFolder, runExperiment } from "../papers/experiments/experiment";
import { type ExperimentState, experimentState } from "../papers/experiments/experimentState";
import { experiments } from "../papers/experiments/experiments";
import { duration } from "../viz/progress";
import { rerunKeepingMemory } from "./keepMemory";

interface ExperimentOptions {
  out: string;
  work: string;
  due?: boolean;
}

const noteEveryMs = 10_000;

/** What the list says of a stored result. */
function told({ state, parts, minutes }: ExperimentState): string {
  const took = duration(60 * Math.max(1, Math.round(minutes))).replace(" 0 s", "");
  return {
    measured: took,
    partly: `${parts.measured} of ${parts.all} parts, ${took}`,
    stale: `stale, took ${took}`,
    never: "not measured",
  }[state];
}

/** All experiments, what is there of each, and its title. */
function list(out: string): void {
  for (const experiment of experiments) {
    const { name, title } = experiment;
    console.log(`${name.padEnd(24)}${told(experimentState(experiment, out)).padEnd(28)}${title}`);
  }
}

async function measure(found: Experiment, { out, work }: ExperimentOptions, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  let [first, shown] = [Number.NaN, Number.NEGATIVE_INFINITY];
  const result = await runExperiment(found, {
    out,
    work,
    signal,
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
    missing === 0 ? `done: ${out}/${found.name}.json` : `stopped: ${missing} parts to do; the same command goes on`,
  );
}

/** Run or resume an experiment, or all that are due; without either, list them. */
export async function experiment(name: string | undefined, options: ExperimentOptions): Promise<void> {
  assertInput(
    name === undefined || !options.due,
    `experiment: --due measures all that are due; leave ${name} out, or --due`,
  );
  if (name === undefined && !options.due) return list(options.out);
  const found = options.due ? dueExperiments(experiments, options.out) : experiments.filter((e) => e.name === name);
  if (found.length === 0 && name !== undefined)
    throw new InputError(
      `experiment: there is no experiment ${name}; choose one of ${experiments.map((e) => e.name).join(", ")}`,
    );
  if (await rerunKeepingMemory()) return;
  await ready();
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  for (const [i, one] of found.entries()) {
    if (stop.signal.aborted) break;
    if (options.due) console.log(`${one.name}, ${i + 1} of ${found.length} that are due`);
    try {
      await measure(one, options, stop.signal);
    } catch (error) {
      // One that lacks its data is no reason to leave the others undone.
      if (!options.due || !(error instanceof InputError)) throw error;
      console.error(`${one.name}: ${error.message}`);
      process.exitCode = 2;
    }
  }
  if (found.length === 0)
    console.log(`nothing is due: all results in ${options.out} are of this data and these models`);
}

export const command = (program: Command): void => {
  program
    .command("experiment [name]")
    .description(
      "measure again what the walkthroughs plot (can be stopped and resumed); without a name, list them and what is there of each",
    )
    .option("--out <folder>", "where the result NAME.json is written", experimentsFolder)
    .option("--work <folder>", "where training states are kept", "runs/experiments")
    .option(
      "--due",
      "measure all that are missing, incomplete, or of other data or models than now; the shortest first",
    )
    .action(experiment);
};
