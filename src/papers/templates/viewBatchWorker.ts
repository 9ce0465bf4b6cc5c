/**
 * @file Worker thread that makes the batches of `viewBatches` while the main thread trains. It loads no tensor library.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type ViewBatchOptions, viewBatches } from "./viewBatch";

const batchAt = viewBatches(workerData as ViewBatchOptions);

parentPort?.on("message", (step: number) => {
  const batch = batchAt(step);
  const buffers = [batch.queries, batch.templates, batch.masks].map((array) => array.buffer as ArrayBuffer);
  parentPort?.postMessage({ step, batch }, buffers);
});
