/**
 * @file The denoising loss of a score network on clouds that are encoded already.
 */
import { tf } from "../../backend";
import { meanOfNumbers } from "../../metrics/averages";
import { type Parameters, weightsOf } from "../../models/params";
import { frozenHeadLoss, type HeadDraws, headBatch } from "../headBatch";
import type { EncodedObjects } from "../keptFeatures";

/** Which batches. */
export interface MeanHeadLossOptions extends HeadDraws {
  encoded: EncodedObjects;
  batches: number;
}

/** Paper A, eq. 6, mean over batches; the same `rng` draws the same times and noises for any network. */
export const meanHeadLoss = (
  parameters: Parameters,
  { encoded, batches, rng, ...drawn }: MeanHeadLossOptions,
): number => {
  const loss = frozenHeadLoss(drawn.score, drawn.batchSize);
  const each = Array.from({ length: batches }, (_, i) =>
    tf.tidy(() => loss(weightsOf(parameters), headBatch(encoded, drawn, rng.split(i))).total.dataSync()[0]),
  );
  return meanOfNumbers(each);
};
