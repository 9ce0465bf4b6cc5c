/**
 * @file `posediff train`: train paper A's networks on the embedded data; can be stopped and resumed.
 */
import type { Command } from "commander";
import { assertInput } from "../check";
import { Interrupted } from "../papers/experiments/experiment";
import { presetNamed } from "../papers/jointLearning";
import { defaultJointRun, type JointRun } from "../papers/trainJoint";
import { trainJointModel } from "../papers/trainJointModel";
import { rerunKeepingMemory } from "./keepMemory";
import { wholeNumber } from "./wholeNumber";

interface TrainOptions {
  preset: string;
  out: string;
  seed: string;
  pretrainSteps: string;
  jointSteps: string;
  batch: string;
  pool: string;
  learningRate: string;
  saveEvery: string;
  start?: string;
}

/** Run or resume a training; every `--save-every` minutes and at the end state and model are written. */
export async function train(options: TrainOptions): Promise<void> {
  const config = presetNamed(options.preset);
  const run: JointRun = {
    ...defaultJointRun,
    seed: wholeNumber("train", "seed", options.seed, 0),
    pretrainSteps: wholeNumber("train", "pretrain-steps", options.pretrainSteps, 0),
    jointSteps: wholeNumber("train", "joint-steps", options.jointSteps, 0),
    batchSize: wholeNumber("train", "batch", options.batch, 1),
    poolSize: wholeNumber("train", "pool", options.pool, 1),
    learningRate: Number(options.learningRate),
  };
  const saveEvery = Number(options.saveEvery);
  assertInput(
    run.learningRate > 0 && run.learningRate < Infinity,
    `train: --learning-rate is "${options.learningRate}"; give a positive number`,
  );
  assertInput(saveEvery > 0, `train: --save-every is "${options.saveEvery}"; give a positive number of minutes`);
  const total = run.pretrainSteps + run.jointSteps;
  assertInput(total > 0, "train: there are no steps; give --pretrain-steps or --joint-steps");
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.once("SIGINT", abort).once("SIGTERM", abort);
  try {
    const { path, minutes } = await trainJointModel({
      folder: options.out,
      config,
      run,
      start: options.start,
      command: `posediff train --preset ${options.preset} --seed ${run.seed} --pretrain-steps ${run.pretrainSteps} --joint-steps ${run.jointSteps} --batch ${run.batchSize} --pool ${run.poolSize} --learning-rate ${run.learningRate}${options.start ? ` --start ${options.start}` : ""}`,
      signal: stop.signal,
      saveEveryMinutes: saveEvery,
      where: "train",
      onBegin: console.log,
      progress: (_share, note) => console.log(note),
    });
    console.log(`done: ${path} after ${minutes.toFixed(0)} minutes`);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.log(error.message);
  } finally {
    process.off("SIGINT", abort).off("SIGTERM", abort);
  }
}

export const command = (program: Command): void => {
  program
    .command("train")
    .description("train the networks of paper A on the embedded data (regression pre-training, then joint learning)")
    .option("--preset <name>", "small (two CPU cores), paper (the published sizes) or ablation (for trials)", "small")
    .option("--out <folder>", "where state and model are written; a run found there goes on", "runs/joint")
    .option("--seed <n>", "seed of data, parameters and noise", String(defaultJointRun.seed))
    .option("--pretrain-steps <n>", "steps of regression alone", String(defaultJointRun.pretrainSteps))
    .option("--joint-steps <n>", "steps of both heads together", String(defaultJointRun.jointSteps))
    .option("--batch <n>", "clouds a step", String(defaultJointRun.batchSize))
    .option("--pool <n>", "rendered views that are kept and augmented", String(defaultJointRun.poolSize))
    .option("--learning-rate <r>", "after warm-up; it decays exponentially", String(defaultJointRun.learningRate))
    .option("--start <file>", "begin with the weights of this model, which may be narrower")
    .option("--save-every <minutes>", "minutes between saves", "3")
    .action(async (options: TrainOptions) => {
      if (!(await rerunKeepingMemory())) await train(options);
    });
};
