/**
 * @file `trainModel` for paper A's networks: a run of `trainJoint` in a folder.
 */
import { grownScoreHeads } from "../training/grownScoreHeads";
import type { JointLearningConfig } from "./jointLearning";
import { type JointRun, type JointStep, startJoint, trainJoint } from "./trainJoint";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "./trainModel";

export type TrainJointModelOptions = NetworkTrainingOptions<JointStep> & {
  config: JointLearningConfig;
  run: JointRun;
};

/**
 * Train encoder and heads: regression alone, then both. The model file is one of `loadPoseEstimator`.
 *
 * @throws Interrupted if the signal was aborted before the end; call again to go on
 */
export const trainJointModel = ({ config, run, command, ...options }: TrainJointModelOptions): Promise<TrainedModel> =>
  trainModel({
    ...options,
    run: { preset: config.preset, run },
    totalSteps: run.pretrainSteps + run.jointSteps,
    state: startJoint(config, run),
    grow: (model) => grownScoreHeads(model, config.score),
    steps: (state, signal) => trainJoint(config, run, state, { signal }),
    card: { preset: config.preset, ...(command && { command }), seed: run.seed },
  });
