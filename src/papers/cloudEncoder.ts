/**
 * @file A trained encoder on training clouds: what heads learn from that leave it as it is.
 */
import { tf } from "../backend";
import { keptWeights, type Parameters, weightsOf } from "../models/params";
import { encode, meanOverDraws } from "../models/pointNet2";
import { batchStream } from "./batchStream";
import type { JointLearningConfig } from "./jointLearning";
import type { Encoder } from "./keptFeatures";

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
  const weights = keptWeights(() => weightsOf(parameters));
  const stream = batchStream({ ...options, encoder, draws: 1, timeFocus });
  return {
    encode: async (i) => {
      const { grouping, poses } = await stream.batch(i);
      const feature = tf.tidy(() => meanOverDraws(encode(weights, encoder, grouping).feature, options.pointDraws));
      const features = feature.dataSync() as Float32Array;
      feature.dispose();
      return { features, poses };
    },
    close: () => {
      tf.dispose(weights);
      return stream.close();
    },
  };
}
