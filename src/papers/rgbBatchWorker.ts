/**
 * @file Worker thread that makes the batches of `rgbBatches` while the main thread trains. It loads no tensor library.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type RgbBatchOptions, rgbBatches } from "./rgbBatch";

const batchAt = rgbBatches(workerData as RgbBatchOptions);

parentPort?.on("message", (step: number) => {
  const batch = batchAt(step);
  const { view, draws, poses, symmetric } = batch;
  const arrays = [view.crops, view.geometry, view.photos, view.frames, view.labels, poses, symmetric];
  const buffers = [...arrays, draws.t, draws.deviation, draws.noise, draws.noised].map(
    (array) => array.buffer as ArrayBuffer,
  );
  parentPort?.postMessage({ step, batch }, buffers);
});
