/**
 * @file A trained encoder on a stream of training batches: what heads learn from that leave it as it is.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { keptWeights, type Parameters, type Weights, weightsOf } from "../models/params";
import type { BatchStream } from "./batchStream";
import type { Encoder } from "./keptFeatures";

/**
 * The encoder in `parameters`; closing it closes the stream.
 *
 * @param featureOf one row for each pose of a batch, [B, F]
 */
export function streamEncoder<B extends { poses: Float32Array }>(
  parameters: Parameters,
  stream: BatchStream<B>,
  featureOf: (weights: Weights, batch: B) => Tensor2D,
): Encoder {
  const weights = keptWeights(() => weightsOf(parameters));
  return {
    encode: async (i) => {
      const batch = await stream.batch(i);
      const feature = tf.tidy(() => featureOf(weights, batch));
      const features = feature.dataSync() as Float32Array;
      feature.dispose();
      return { features, poses: batch.poses };
    },
    close: () => {
      tf.dispose(weights);
      return stream.close();
    },
  };
}
