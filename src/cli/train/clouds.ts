/**
 * @file Trainings of paper A's networks, which read point clouds.
 */
import { assertInput } from "../../check";
import { onnxExtractor } from "../../models/onnxExtractor";
import { defaultEnergyRun, type EnergyRun, trainEnergyModel } from "../../papers/energyTraining";
import { presetNamed } from "../../papers/jointLearning";
import { multiModalPresets } from "../../papers/multiModal";
import { defaultJointRun, type JointRun } from "../../papers/trainJoint";
import { trainJointModel } from "../../papers/trainJointModel";
import type { TrainedModel } from "../../papers/trainModel";
import { defaultMultiModalRun, type MultiModalRun, trainMultiModalModel } from "../../papers/trainMultiModal";
import { defaultScoreHeadRun, type ScoreHeadRun, trainScoreHeadModel } from "../../papers/trainScoreHead";
import { wholeNumber } from "../wholeNumber";
import { type Common, type CommonRun, givenOr, startOf, stepsOf, type TrainOptions } from "./options";

export function trainJointNetworks(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const config = presetNamed(options.preset);
  const draws = wholeNumber("train", "draws", options.draws, 1);
  const pointDraws = givenOr("point-draws", options.pointDraws, 1);
  const run: JointRun = {
    ...defaultJointRun,
    ...shared,
    draws,
    pretrainSteps: wholeNumber("train", "pretrain-steps", options.pretrainSteps, 0),
    jointSteps: wholeNumber("train", "joint-steps", options.jointSteps, 0),
    ...(pointDraws > 1 && { pointDraws }),
    ...(options.freezeEncoder && { frozenEncoder: true }),
  };
  assertInput(
    run.pretrainSteps + run.jointSteps > 0,
    "train: there are no steps; give --pretrain-steps or --joint-steps",
  );
  assertInput(
    options.start || !options.freezeEncoder,
    "train: --freeze-encoder lets the heads alone learn, on a trained encoder; give its model file by --start",
  );
  return trainJointModel({
    ...common,
    config,
    run,
    command: `posediff train --preset ${options.preset} --seed ${run.seed} --pretrain-steps ${run.pretrainSteps} --joint-steps ${run.jointSteps} --batch ${run.batchSize}${draws === defaultJointRun.draws ? "" : ` --draws ${draws}`}${pointDraws > 1 ? ` --point-draws ${pointDraws}` : ""}${options.freezeEncoder ? " --freeze-encoder" : ""} --pool ${run.poolSize} --learning-rate ${run.learningRate}${startOf(options)}`,
  });
}

export function trainScoreNetwork(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const config = presetNamed(options.preset);
  const usual = defaultScoreHeadRun;
  const run: ScoreHeadRun = {
    ...usual,
    ...shared,
    steps: stepsOf(options, usual.steps),
    draws: wholeNumber("train", "draws", options.draws, 1),
    pointDraws: givenOr("point-draws", options.pointDraws, usual.pointDraws),
    clouds: givenOr("clouds", options.clouds, usual.clouds),
  };
  return trainScoreHeadModel({
    ...common,
    config,
    run,
    command: `posediff train --network score --preset ${options.preset} --seed ${run.seed} --steps ${run.steps} --batch ${run.batchSize} --draws ${run.draws} --point-draws ${run.pointDraws} --clouds ${run.clouds} --pool ${run.poolSize} --learning-rate ${run.learningRate}${startOf(options)}`,
  });
}

export function trainEnergyNetwork(options: TrainOptions, shared: CommonRun, common: Common): Promise<TrainedModel> {
  const config = presetNamed(options.preset);
  const run: EnergyRun = {
    ...defaultEnergyRun,
    ...shared,
    steps: stepsOf(options, defaultEnergyRun.steps),
  };
  return trainEnergyModel({
    ...common,
    config,
    run,
    command: `posediff train --network energy --preset ${options.preset} --seed ${run.seed} --steps ${run.steps} --batch ${run.batchSize} --pool ${run.poolSize} --learning-rate ${run.learningRate}${startOf(options)}`,
  });
}

export async function trainMultiModalNetwork(
  options: TrainOptions,
  shared: CommonRun,
  common: Common,
): Promise<TrainedModel> {
  const { preset } = presetNamed(options.preset);
  const config = multiModalPresets[preset];
  const run: MultiModalRun = {
    ...defaultMultiModalRun,
    ...shared,
    pretrainSteps: wholeNumber("train", "pretrain-steps", options.pretrainSteps, 0),
    jointSteps: wholeNumber("train", "joint-steps", options.jointSteps, 0),
  };
  const frozen = config.image?.kind === "frozen";
  assertInput(
    frozen === (options.extractor !== undefined),
    frozen
      ? `train: the preset ${preset} reads a frozen image model; give its ONNX file by --extractor`
      : `train: the preset ${preset} trains its own CNN; leave --extractor out, or take --preset paper`,
  );
  const extractor = options.extractor === undefined ? undefined : await onnxExtractor(options.extractor);
  try {
    return await trainMultiModalModel({
      ...common,
      config,
      run,
      extractor,
      command: `posediff train --network multiModal --preset ${preset} --seed ${run.seed} --pretrain-steps ${run.pretrainSteps} --joint-steps ${run.jointSteps} --batch ${run.batchSize} --pool ${run.poolSize} --learning-rate ${run.learningRate}${startOf(options)}`,
    });
  } finally {
    extractor?.dispose();
  }
}
