/**
 * @file Worker thread that makes the batches of `pictureBatches` while the main thread trains. It loads no tensor library.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type PictureBatchOptions, pictureBatches } from "./pictureBatch";

const batchAt = pictureBatches(workerData as PictureBatchOptions);

parentPort?.on("message", (step: number) => {
  const batch = batchAt(step);
  const buffers = [batch.pictures, batch.steps, batch.noise].map((array) => array.buffer as ArrayBuffer);
  parentPort?.postMessage({ step, batch }, buffers);
});
