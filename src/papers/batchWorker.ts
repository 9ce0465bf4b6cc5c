/**
 * @file Worker thread that makes the batches of `poseBatches` while the main thread trains. It loads no tensor library.
 */
import { parentPort, workerData } from "node:worker_threads";
import { buffersOf } from "../geometry/grouping";
import { type PoseBatchOptions, poseBatches } from "./poseBatch";

const batchAt = poseBatches(workerData as PoseBatchOptions);

parentPort?.on("message", (step: number) => {
  const batch = batchAt(step);
  const { draws, poses, sizes, clouds, axes, image } = batch;
  const arrays = [poses, draws.t, draws.deviation, draws.noise, draws.noised, sizes, clouds];
  const buffers = [...arrays, ...(axes ? [axes] : []), ...(image ? [image.crops, image.cells] : [])].map(
    (array) => array.buffer as ArrayBuffer,
  );
  parentPort?.postMessage({ step, batch }, [...buffersOf(batch.grouping), ...buffers]);
});
