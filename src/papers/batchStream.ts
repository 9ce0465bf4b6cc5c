/**
 * @file Batches ahead of time: a worker thread renders and groups the next ones while the network trains on this one.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type PoseBatch, type PoseBatchOptions, poseBatches } from "./poseBatch";

/** Batches by step, and the end of the thread that makes them. */
export interface BatchStream {
  /** The batch of a step. Steps asked for in order are ready before they are asked for. */
  batch: (step: number) => Promise<PoseBatch>;
  close: () => Promise<void>;
}

/** Batches made ahead. */
const ahead = 3;

/** `poseBatches(options)` in a worker thread; the batches are the same numbers. Without the compiled worker, in place. */
export function batchStream(options: PoseBatchOptions): BatchStream {
  const script = join(__dirname, "batchWorker.js");
  if (!existsSync(script)) {
    const batchAt = poseBatches(options);
    return { batch: async (step) => batchAt(step), close: async () => {} };
  }
  const worker = new Worker(script, { workerData: options });
  const waiting = new Map<number, { promise: Promise<PoseBatch>; resolve: (batch: PoseBatch) => void }>();
  let failure: Error | undefined;
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = (error) => {
      failure = error;
      reject(error);
    };
  });
  failed.catch(() => {});
  worker.on("error", (error) => fail(error as Error));
  worker.on("message", ({ step, batch }: { step: number; batch: PoseBatch }) => waiting.get(step)?.resolve(batch));
  const request = (step: number): Promise<PoseBatch> => {
    let entry = waiting.get(step);
    if (!entry) {
      let resolve: (batch: PoseBatch) => void = () => {};
      const promise = new Promise<PoseBatch>((done) => {
        resolve = done;
      });
      entry = { promise, resolve };
      waiting.set(step, entry);
      worker.postMessage(step);
    }
    return entry.promise;
  };
  return {
    batch: async (step) => {
      if (failure) throw failure;
      for (const old of [...waiting.keys()]) if (old < step) waiting.delete(old);
      const batch = request(step);
      for (let i = 1; i <= ahead; i++) request(step + i);
      const made = await Promise.race([batch, failed]);
      waiting.delete(step);
      return made;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
