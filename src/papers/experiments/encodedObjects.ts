/**
 * @file Features of a trained encoder on training batches, made once for all parts of an experiment.
 */
import type { PartContext } from "./experiment";
import { pause } from "./testObjects";

/** What the encoder made of N objects, row by row. */
export interface EncodedObjects {
  /** N × F. */
  features: Float32Array;
  /** N × D, the clean numbers on which the diffusion acts. */
  poses: Float32Array;
}

/** An encoder and the batches that it reads; all are of the same size. */
export interface Encoder {
  encode: (batch: number) => EncodedObjects | Promise<EncodedObjects>;
  close: () => void | Promise<void>;
}

/** Which batches, and by what they are encoded. */
export interface Encoding {
  /** What the features depend on. */
  key: string;
  batches: number;
  /** Asked for only if they were not encoded before: loads the encoder. */
  open: () => Encoder;
  /** Share of the part that is done when all are encoded. */
  share: number;
}

const encodedBefore = new Map<string, EncodedObjects>();

/** All batches encoded, one below the other; asked again in the same process, the same numbers at once. */
export async function encodedObjects(
  { key, batches, open, share }: Encoding,
  context: PartContext,
): Promise<EncodedObjects> {
  const before = encodedBefore.get(key);
  if (before) return before;
  const all: EncodedObjects = { features: new Float32Array(0), poses: new Float32Array(0) };
  const { encode, close } = open();
  try {
    for (let i = 0; i < batches; i++) {
      await pause(context);
      const batch = await encode(i);
      for (const name of ["features", "poses"] as const) {
        if (i === 0) all[name] = new Float32Array(batches * batch[name].length);
        all[name].set(batch[name], i * batch[name].length);
      }
      context.progress((share * i) / batches, `encoding for training, ${i + 1} of ${batches} batches`);
    }
  } finally {
    await close();
  }
  encodedBefore.set(key, all);
  return all;
}
