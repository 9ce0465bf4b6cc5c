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

/** A batch that was asked for. */
interface Pending {
  promise: Promise<PoseBatch>;
  resolve: (batch: PoseBatch) => void;
  reject: (error: Error) => void;
}

function pendingBatch(): Pending {
  let resolve: Pending["resolve"] = () => {};
  let reject: Pending["reject"] = () => {};
  const promise = new Promise<PoseBatch>((done, failed) => {
    [resolve, reject] = [done, failed];
  });
  promise.catch(() => {}); // whoever awaits it hears of the failure; one that nobody awaits must not end the process
  return { promise, resolve, reject };
}

/** `poseBatches(options)` in a worker thread; the batches are the same numbers. Without the compiled worker, in place. */
export function batchStream(options: PoseBatchOptions): BatchStream {
  const script = join(__dirname, "batchWorker.js");
  if (!existsSync(script)) {
    const batchAt = poseBatches(options);
    return { batch: async (step) => batchAt(step), close: async () => {} };
  }
  const worker = new Worker(script, { workerData: options });
  // Only batches that are still to come are held here: whoever took one owns it.
  const waiting = new Map<number, Pending>();
  let failure: Error | undefined;
  worker.on("error", (error) => {
    failure = error as Error;
    for (const { reject } of waiting.values()) reject(failure);
  });
  worker.on("message", ({ step, batch }: { step: number; batch: PoseBatch }) => waiting.get(step)?.resolve(batch));
  const request = (step: number): Promise<PoseBatch> => {
    const known = waiting.get(step);
    if (known) return known.promise;
    const pending = pendingBatch();
    waiting.set(step, pending);
    worker.postMessage(step);
    return pending.promise;
  };
  return {
    batch: async (step) => {
      if (failure) throw failure;
      for (const old of [...waiting.keys()]) if (old < step) waiting.delete(old);
      const batch = request(step);
      for (let i = 1; i <= ahead; i++) request(step + i);
      const made = await batch;
      waiting.delete(step);
      return made;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
