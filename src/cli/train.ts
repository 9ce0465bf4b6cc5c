/**
 * @file `posediff train`: train paper A's networks on the embedded data; can be stopped and resumed.
 */
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { ready } from "../backend";
import { assertInput, InputError } from "../check";
import { proceduralDataVersion } from "../datasets/procedural/proceduralSample";
import { presetNamed } from "../papers/jointLearning";
import { defaultJointRun, type JointRun, startJoint, trainJoint } from "../papers/trainJoint";
import { cardPath, loadModel, loadTrainingState, saveModel, saveTrainingState } from "../training/checkpoint";
import { warmStart } from "../training/warmStart";
import { duration } from "../viz/progress";
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

/** Before hours of training: that their result can be written, and over nothing. */
function claimFolder(folder: string, modelPath: string): void {
  for (const path of [modelPath, cardPath(modelPath)])
    assertInput(!existsSync(path), `train: ${path} is there, but no state from which to go on; choose another --out`);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new InputError(`train: cannot write into ${folder} (${(error as Error).message}); choose another --out`);
  }
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
  const statePath = join(options.out, "state.safetensors");
  const modelPath = join(options.out, "model.safetensors");
  await ready();
  const state = startJoint(config, run);
  let minutesBefore = 0;
  if (existsSync(statePath)) {
    const { state: saved, meta } = loadTrainingState(statePath, state.parameters);
    const before = (meta.run ?? {}) as Partial<JointRun>;
    const differs = (Object.keys(run) as (keyof JointRun)[]).filter((key) => before[key] !== run[key]);
    assertInput(
      meta.preset === options.preset && differs.length === 0,
      `train: ${statePath} belongs to another run (${differs.map((k) => `${k} ${before[k]}`).join(", ") || `preset ${meta.preset}`}); pass the same options, or another --out`,
    );
    Object.assign(state, saved);
    minutesBefore = meta.minutes as number;
    console.log(`resuming ${statePath} at step ${state.step} of ${total}`);
  } else {
    if (options.start) {
      warmStart(state.parameters, loadModel(options.start));
      state.ema.set(state.parameters.values);
    }
    claimFolder(options.out, modelPath);
    if (options.start) console.log(`starting from ${options.start}`);
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const began = performance.now();
  const firstStep = state.step;
  const minutes = (): number => minutesBefore + (performance.now() - began) / 60_000;
  const save = (): void => {
    const meta = { preset: options.preset, run, minutes: minutes() };
    saveTrainingState(statePath, state, meta);
    saveModel(modelPath, state.parameters, state.ema, {
      preset: options.preset,
      command: `posediff train --preset ${options.preset} --seed ${run.seed} --pretrain-steps ${run.pretrainSteps} --joint-steps ${run.jointSteps} --batch ${run.batchSize} --pool ${run.poolSize} --learning-rate ${run.learningRate}${options.start ? ` --start ${options.start}` : ""}`,
      seed: run.seed,
      step: state.step,
      totalSteps: total,
      minutes: Math.round(minutes()),
      dataVersion: proceduralDataVersion,
    });
  };
  let [lastSave, lastLine] = [began, began];
  let sums: Record<string, number> = {};
  let count = 0;
  for await (const step of trainJoint(config, run, state, { signal: stop.signal })) {
    count++;
    for (const [name, value] of Object.entries(step.parts)) sums[name] = (sums[name] ?? 0) + value;
    const now = performance.now();
    if (now - lastLine > 20_000 || step.step === total) {
      const rate = (now - began) / 1000 / (step.step - firstStep);
      const means = Object.entries(sums).map(([name, sum]) => `${name} ${(sum / count).toFixed(4)}`);
      console.log(
        `${step.phase} ${step.step}/${total}  ${means.join("  ")}  ‖g‖ ${step.gradientNorm.toFixed(2)}  lr ${step.learningRate.toExponential(1)}  ${(1000 * rate).toFixed(0)} ms/step  ${duration(rate * (total - step.step))} left`,
      );
      [lastLine, sums, count] = [now, {}, 0];
    }
    if (now - lastSave > 60_000 * saveEvery) {
      save();
      lastSave = now;
    }
  }
  // A run that was complete stays as it is: scores may have come onto its card since.
  if (firstStep < total || !existsSync(modelPath)) save();
  console.log(
    state.step === total
      ? `done: ${modelPath} after ${minutes().toFixed(0)} minutes`
      : `stopped at step ${state.step} of ${total}; the same command goes on from there`,
  );
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
