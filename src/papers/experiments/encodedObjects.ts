/**
 * @file Features of a trained encoder on training batches, made once for all parts of an experiment.
 */
import { type EncodedObjects, type KeptFeaturesOptions, keptFeatures } from "../keptFeatures";
import { pause } from "../pause";
import type { PartContext } from "./experiment";

/** Which batches, and by what they are encoded. */
export interface Encoding extends Omit<KeptFeaturesOptions, "path" | "pause" | "progress"> {
  /** What the features depend on. */
  key: string;
  /** Share of the part that is done when all are encoded. */
  share: number;
}

const encodedBefore = new Map<string, EncodedObjects>();

/** All batches encoded, one below the other; asked again in the same process, the same numbers at once. */
export async function encodedObjects(
  { key, share, ...encoding }: Encoding,
  context: PartContext,
): Promise<EncodedObjects> {
  const { batches } = encoding;
  const all =
    encodedBefore.get(key) ??
    (await keptFeatures({
      ...encoding,
      pause: () => pause(context),
      progress: (done) =>
        context.progress((share * done) / batches, `encoding for training, ${done} of ${batches} batches`),
    }));
  encodedBefore.set(key, all);
  return all;
}
