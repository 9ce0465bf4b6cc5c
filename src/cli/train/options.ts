/**
 * @file What all networks' trainings read from the command line.
 */
import type { TrainEnergyModelOptions } from "../../papers/energyTraining";
import { defaultRgbRun } from "../../papers/trainRgb";
import { wholeNumber } from "../wholeNumber";

/** What the command line gives. */
export interface TrainOptions {
  network: string;
  preset: string;
  out?: string;
  seed: string;
  pretrainSteps: string;
  jointSteps: string;
  steps?: string;
  batch?: string;
  draws: string;
  pointDraws?: string;
  clouds?: string;
  freezeEncoder?: boolean;
  pool?: string;
  learningRate?: string;
  saveEvery: string;
  start?: string;
  extractor?: string;
  variant: string;
  kind: string;
  publishedStart?: boolean;
  toys?: string;
  regression: boolean;
  pretrained?: string;
  root?: string;
  objects?: string[];
  half?: string;
  renders?: boolean;
}

/** What all networks are trained with. */
export type Common = Required<Pick<TrainEnergyModelOptions, "folder" | "signal" | "saveEveryMinutes" | "where">> &
  Pick<TrainEnergyModelOptions, "start" | "progress" | "onBegin" | "command">;

/** The numbers of a run that all networks share; what is not given is as each network's default run has it. */
export interface CommonRun {
  seed: number;
  batchSize?: number;
  poolSize?: number;
  learningRate?: number;
}

/** How often a scene is seen: as often as by default, or the most that divides the batch. */
export function visitsOf(batchSize: number): number {
  let { visits } = defaultRgbRun;
  while (batchSize % visits !== 0) visits--;
  return visits;
}

/** A number of at least 1 where the option is given, or what is usual. */
export const givenOr = (option: string, given: string | undefined, standard: number): number =>
  given === undefined ? standard : wholeNumber("train", option, given, 1);

/** --steps, or what is usual. */
export const stepsOf = ({ steps }: TrainOptions, standard: number): number => givenOr("steps", steps, standard);

/** The command's --start again. */
export const startOf = ({ start }: TrainOptions): string => (start ? ` --start ${start}` : "");
