/**
 * @file Paper A's networks and run in the smallest size that still has every part: for tests of what surrounds them.
 */
import { type JointLearningConfig, presets } from "../../src/papers/jointLearning";
import type { PoseBatchOptions } from "../../src/papers/poseBatch";
import { defaultJointRun, type JointRun } from "../../src/papers/trainJoint";

/** 64 points, two levels, three heads; a step takes milliseconds. Widths are those that the score evaluator takes. */
export const tinyConfig: JointLearningConfig = {
  ...presets.small,
  encoder: {
    ...presets.small.encoder,
    points: 64,
    levels: [
      { centroids: 16, scales: [{ radius: 0.05, samples: 8, widths: [16, 16] }] },
      { centroids: 4, scales: [{ radius: 0.1, samples: 4, widths: [16, 16] }] },
    ],
    groupAll: [[16, 32]],
  },
  regression: { widths: [32, 16, 9] },
  score: {
    ...presets.small.score,
    featureSize: 32,
    poseWidth: 16,
    time: { width: 16, fourierScale: 4 },
    hidden: 16,
    headLayers: 2,
  },
};

/** Three steps of each phase over eight views. */
export const tinyRun: JointRun = {
  ...defaultJointRun,
  pretrainSteps: 3,
  jointSteps: 3,
  batchSize: 4,
  draws: 2,
  poolSize: 8,
};

/** The batches of `tinyRun`. */
export const tinyBatches: PoseBatchOptions = {
  encoder: tinyConfig.encoder,
  batchSize: tinyRun.batchSize,
  draws: tinyRun.draws,
  poolSize: tinyRun.poolSize,
  seed: tinyRun.seed,
  timeFocus: tinyConfig.timeFocus,
};
