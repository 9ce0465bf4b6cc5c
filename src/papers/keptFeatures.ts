/**
 * @file What a frozen encoder says of training clouds or photos, computed once: heads that learn on it go through the
 * rows again and again.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from "node:fs";
import { dirname } from "node:path";

/** What an encoder made of N objects, row by row. */
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

/** What `keptFeatures` needs. */
export interface KeptFeaturesOptions {
  batches: number;
  /** Objects a batch. */
  batchSize: number;
  /** F. */
  width: number;
  /** D. */
  dimension: number;
  /** Asked for only if a batch is not known yet: loads the encoder. */
  open: () => Encoder;
  /**
   * Batches are appended to this file, and those that it holds are not encoded again. Name it by all that they depend
   * on; made with its folder if it is not there. Without it they are held in memory alone.
   */
  path?: string;
  /** Before each batch; whatever it throws ends the encoding, and the file keeps what was done. */
  pause?: () => void | Promise<void>;
  /** After each batch. */
  progress?: (done: number) => void;
}

/** All batches, one below the other. */
export async function keptFeatures(options: KeptFeaturesOptions): Promise<EncodedObjects> {
  const { batches, batchSize, width, dimension, open, path, pause, progress } = options;
  const all: EncodedObjects = {
    features: new Float32Array(batches * batchSize * width),
    poses: new Float32Array(batches * batchSize * dimension),
  };
  const place = (batch: number, { features, poses }: EncodedObjects): void => {
    all.features.set(features, batch * batchSize * width);
    all.poses.set(poses, batch * batchSize * dimension);
  };
  let done = 0;
  if (path !== undefined) {
    mkdirSync(dirname(path), { recursive: true });
    for (const rows of recordsOf(path, batchSize * (width + dimension), batches)) {
      const end = batchSize * width;
      place(done++, { features: rows.subarray(0, end), poses: rows.subarray(end) });
    }
  }
  if (done === batches) return all;
  const { encode, close } = open();
  try {
    while (done < batches) {
      await pause?.();
      const rows = await encode(done);
      place(done++, rows);
      if (path !== undefined) appendFileSync(path, record(rows));
      progress?.(done);
    }
  } finally {
    await close();
  }
  return all;
}

/** One batch as bytes: features, then poses. */
function record({ features, poses }: EncodedObjects): Buffer {
  const rows = new Float32Array(features.length + poses.length);
  rows.set(features);
  rows.set(poses, features.length);
  return Buffer.from(rows.buffer);
}

/** The whole records of a file, `most` at the most; one that a kill cut short is taken off. */
function recordsOf(path: string, numbers: number, most: number): Float32Array[] {
  if (!existsSync(path)) return [];
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  const whole = Math.floor(byteLength / (4 * numbers));
  if (byteLength > 4 * numbers * whole) truncateSync(path, 4 * numbers * whole);
  const count = Math.min(whole, most);
  const values = new Float32Array(buffer.slice(byteOffset, byteOffset + 4 * numbers * count));
  return Array.from({ length: count }, (_, i) => values.subarray(i * numbers, (i + 1) * numbers));
}
