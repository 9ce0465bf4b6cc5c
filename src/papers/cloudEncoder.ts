/**
 * @file Paper A's encoder on training clouds, as heads read it that leave it as it is.
 */
import type { Parameters } from "../models/params";
import { encode, meanOverDraws } from "../models/pointNet2";
import { batchStream } from "./batchStream";
import type { JointLearningConfig } from "./jointLearning";
import type { Encoder } from "./keptFeatures";
import { streamEncoder } from "./streamEncoder";

/** Which clouds, and how they are read. */
export interface CloudEncoderOptions {
  /** Clouds that are encoded together. */
  batchSize: number;
  /** Draws of points, whose mean feature is a row. */
  pointDraws: number;
  /** Rendered views from which the clouds are drawn and augmented. */
  poolSize: number;
  seed: number;
}

/** The encoder in `parameters`, on batches that a worker thread makes; rows are [F] and the nine numbers of the pose. */
export function cloudEncoder(
  { encoder, timeFocus }: Pick<JointLearningConfig, "encoder" | "timeFocus">,
  parameters: Parameters,
  options: CloudEncoderOptions,
): Encoder {
  const stream = batchStream({ ...options, encoder, draws: 1, timeFocus });
  return streamEncoder(parameters, stream, (weights, { grouping }) =>
    meanOverDraws(encode(weights, encoder, grouping).feature, options.pointDraws),
  );
}
