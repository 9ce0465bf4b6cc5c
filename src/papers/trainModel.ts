/**
 * @file A training as something that happens in a folder: saved every few minutes, stopped at any time, resumed bit for
 * bit, and told about. The command line and the experiments share it.
 */
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ready } from "../backend";
import { assertInput, InputError } from "../check";
import { proceduralDataVersion } from "../datasets/procedural/proceduralSample";
import type { Parameters } from "../models/params";
import {
  cardPath,
  type LoadedModel,
  loadModel,
  loadTrainingState,
  type ModelCard,
  saveModel,
  saveTrainingState,
} from "../training/checkpoint";
import type { TrainingStep } from "../training/fit";
import type { TrainingState } from "../training/trainingState";
import { warmStart } from "../training/warmStart";
import { duration } from "../viz/progress";
import type { Json } from "./experiments/experiment";
import { Interrupted } from "./interrupted";

/** What `trainModel` needs. */
export interface TrainModelOptions<Step extends TrainingStep> {
  /** Where `state.safetensors`, `model.safetensors` and its card `model.json` are kept; made if it is not there. */
  folder: string;
  /** What the run is, as plain data: a state found in the folder must have the same. `preset` is told by name. */
  run: { readonly preset?: string; readonly run: object };
  /** Steps of the whole run. */
  totalSteps: number;
  /** The state before the first step. */
  state: TrainingState;
  /** Model file with whose weights a run begins that is not resumed. */
  start?: string;
  /** The model in `start` in the layout of this network, where `warmStart` by itself cannot bring it there. */
  grow?: (model: LoadedModel) => LoadedModel;
  /** Arrays that the model in `start` may lack (see `warmStart`). */
  added?: (name: string) => boolean;
  /** Changes the parameters that came from `start`, before the first step. */
  adapt?: (parameters: Parameters) => void;
  /** Trains the state in place from `state.step` to the end, yielding every step: `trainJoint`, or `fit` itself. */
  steps: (state: TrainingState, signal: AbortSignal) => AsyncIterable<Step>;
  /** Put into the model's card; step, minutes and data version come by themselves. */
  card: ModelCard;
  /** Aborted, it saves and throws `Interrupted`. */
  signal: AbortSignal;
  /** Share of the steps that are done, and a line with losses and the time left, every 20 seconds. */
  progress?: (share: number, note: string) => void;
  /** Told once from which file the run goes on or begins, if from any. */
  onBegin?: (sentence: string) => void;
  /** Measured after every step that is a multiple of `every`, kept with the state: a learning curve. */
  watch?: { every: number; measure: (state: TrainingState) => Json | Promise<Json> };
  saveEveryMinutes?: number;
  /** Begins the sentences of its errors. */
  where?: string;
}

/** What the training of each network passes on to `trainModel`, and the command for the model's card. */
export type NetworkTrainingOptions<Step extends TrainingStep> = Pick<
  TrainModelOptions<Step>,
  "folder" | "start" | "signal" | "progress" | "onBegin" | "watch" | "saveEveryMinutes" | "where"
> & {
  /** Command that makes this model. */
  command?: string;
};

/** A training that came to its end. */
export interface TrainedModel {
  /** The model file: moving averages and a card. */
  path: string;
  state: TrainingState;
  /** Of computing, all sittings together. */
  minutes: number;
  /** What `watch` measured, in order of the steps. */
  watched: Json[];
}

const noteEveryMs = 20_000;

/** Before hours of training: that their result can be written, and over nothing. */
export function claimFolder(where: string, folder: string, modelPath: string): void {
  for (const path of [modelPath, cardPath(modelPath)])
    assertInput(
      !existsSync(path),
      `${where}: ${path} is there, but no state from which to go on; choose another --out`,
    );
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new InputError(`${where}: cannot write into ${folder} (${(error as Error).message}); choose another --out`);
  }
}

/** @throws InputError unless the state's description is that of this run */
function assertSameRun(
  where: string,
  path: string,
  own: TrainModelOptions<TrainingStep>["run"],
  meta: ModelCard,
): void {
  const before = (meta.run ?? {}) as Record<string, unknown>;
  const now = own.run as Record<string, unknown>;
  const text = (value: unknown): string => JSON.stringify(value) ?? "unset";
  const differs = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter(
    (key) => text(before[key]) !== text(now[key]),
  );
  const was = differs.map((key) => `${key} ${text(before[key])}`).join(", ");
  assertInput(
    meta.preset === own.preset && differs.length === 0,
    `${where}: ${path} belongs to another run (${was || `preset ${meta.preset}`}); pass the same options, or another --out`,
  );
}

/**
 * Train to the end of the run and save the model; a state found in the folder goes on from where it stopped, to the
 * same numbers as without the stop. A run that was complete is left as it is.
 *
 * @throws Interrupted if the signal was aborted before the end; all is saved
 * @throws InputError if the folder holds another run or a model without its state, or cannot be written
 */
export async function trainModel<Step extends TrainingStep>(options: TrainModelOptions<Step>): Promise<TrainedModel> {
  const { folder, run, totalSteps, state, start, signal, progress, watch } = options;
  const { saveEveryMinutes = 3, where = "trainModel" } = options;
  const statePath = join(folder, "state.safetensors");
  const modelPath = join(folder, "model.safetensors");
  await ready();
  let minutesBefore = 0;
  const watched: Json[] = [];
  if (existsSync(statePath)) {
    const { state: saved, meta } = loadTrainingState(statePath, state.parameters);
    assertSameRun(where, statePath, run, meta);
    Object.assign(state, saved);
    minutesBefore = Number(meta.minutes ?? 0);
    if (Array.isArray(meta.watched)) watched.push(...(meta.watched as Json[]));
    options.onBegin?.(`resuming ${statePath} at step ${state.step} of ${totalSteps}`);
  } else {
    if (start) {
      const model = loadModel(start);
      warmStart(state.parameters, options.grow?.(model) ?? model, options.added);
      options.adapt?.(state.parameters);
      state.ema.set(state.parameters.values);
    }
    claimFolder(where, folder, modelPath);
    if (start) options.onBegin?.(`starting from ${start}`);
  }
  const began = performance.now();
  const firstStep = state.step;
  const minutes = (): number => minutesBefore + (performance.now() - began) / 60_000;
  const save = (): void => {
    saveTrainingState(statePath, state, { ...run, minutes: minutes(), ...(watch && { watched }) });
    saveModel(modelPath, state.parameters, state.ema, {
      ...options.card,
      step: state.step,
      totalSteps,
      minutes: Math.round(minutes()),
      dataVersion: proceduralDataVersion,
    });
  };
  let [lastSave, lastNote] = [began, began];
  let firstBegan: number | undefined; // what a run does before its first step says nothing of the time left
  let sums: Record<string, number> = {};
  let count = 0;
  for await (const step of options.steps(state, signal)) {
    count++;
    firstBegan ??= performance.now() - 1000 * step.seconds;
    for (const [name, value] of Object.entries(step.parts)) sums[name] = (sums[name] ?? 0) + value;
    if (watch && step.step % watch.every === 0) watched.push(await watch.measure(state));
    const now = performance.now();
    if (now - lastNote > noteEveryMs || step.step === totalSteps) {
      const rate = (now - firstBegan) / 1000 / (step.step - firstStep);
      const means = Object.entries(sums).map(([name, sum]) => `${name} ${(sum / count).toFixed(4)}`);
      const phase = "phase" in step ? `${step.phase} ` : "";
      progress?.(
        step.step / totalSteps,
        `${phase}${step.step}/${totalSteps}  ${means.join("  ")}  ‖g‖ ${step.gradientNorm.toFixed(2)}  lr ${step.learningRate.toExponential(1)}  ${(1000 * rate).toFixed(0)} ms/step  ${duration(rate * (totalSteps - step.step))} left`,
      );
      [lastNote, sums, count] = [now, {}, 0];
    }
    if (now - lastSave > 60_000 * saveEveryMinutes) {
      save();
      lastSave = now;
    }
  }
  // A run that was complete stays as it is: scores may have come onto its card since.
  if (firstStep < totalSteps || !existsSync(modelPath)) save();
  if (state.step < totalSteps)
    throw new Interrupted(`stopped at step ${state.step} of ${totalSteps}; the same command goes on from there`);
  return { path: modelPath, state, minutes: minutes(), watched };
}
