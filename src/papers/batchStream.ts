/**
 * @file Batches ahead of time: a worker thread renders and groups the next ones while the network trains on this one.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type PoseBatch, type PoseBatchOptions, poseBatches } from "./poseBatch";

/** Batches by step, and the end of the thread that makes them. */
export interface BatchStream<B = PoseBatch> {
  /** The batch of a step. Steps asked for in order are ready before they are asked for. */
  batch: (step: number) => Promise<B>;
  close: () => Promise<void>;
}

/** Batches made ahead. */
const ahead = 3;

/** A batch that was asked for. */
interface Pending<B> {
  promise: Promise<B>;
  resolve: (batch: B) => void;
  reject: (error: Error) => void;
}

function pendingBatch<B>(): Pending<B> {
  let resolve: Pending<B>["resolve"] = () => {};
  let reject: Pending<B>["reject"] = () => {};
  const promise = new Promise<B>((done, failed) => {
    [resolve, reject] = [done, failed];
  });
  promise.catch(() => {}); // whoever awaits it hears of the failure; one that nobody awaits must not end the process
  return { promise, resolve, reject };
}

/** `poseBatches(options)` in a worker thread; the batches are the same numbers. Without the compiled worker, in place. */
export const batchStream = (options: PoseBatchOptions): BatchStream =>
  batchesAhead("batchWorker.js", options, poseBatches);

/**
 * Batches of a worker thread, some steps ahead. Without the compiled worker, in place.
 *
 * @param script file beside this one; it answers every step that it is sent by `{ step, batch }`
 * @param options its `workerData`
 * @param batches what it computes
 */
export function batchesAhead<O, B>(
  script: string,
  options: O,
  batches: (options: O) => (step: number) => B,
): BatchStream<B> {
  const path = join(__dirname, script);
  if (!existsSync(path)) {
    const batchAt = batches(options);
    return { batch: async (step) => batchAt(step), close: async () => {} };
  }
  const worker = new Worker(path, { workerData: options });
  // Only batches that are still to come are held here: whoever took one owns it.
  const waiting = new Map<number, Pending<B>>();
  let failure: Error | undefined;
  worker.on("error", (error) => {
    failure = error as Error;
    for (const { reject } of waiting.values()) reject(failure);
  });
  worker.on("message", ({ step, batch }: { step: number; batch: B }) => waiting.get(step)?.resolve(batch));
  const request = (step: number): Promise<B> => {
    const known = waiting.get(step);
    if (known) return known.promise;
    const pending = pendingBatch<B>();
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
