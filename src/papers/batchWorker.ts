/**
 * @file Worker thread that makes the batches of `poseBatches` while the main thread trains. It loads no tensor library.
 */
import { parentPort, workerData } from "node:worker_threads";
import { buffersOf } from "../geometry/grouping";
import { type PoseBatchOptions, poseBatches } from "./poseBatch";

const batchAt = poseBatches(workerData as PoseBatchOptions);

parentPort?.on("message", (step: number) => {
  const batch = batchAt(step);
  const { draws, poses } = batch;
  const buffers = [poses, draws.t, draws.deviation, draws.noise, draws.noised].map((a) => a.buffer as ArrayBuffer);
  parentPort?.postMessage({ step, batch }, [...buffersOf(batch.grouping), ...buffers]);
});
