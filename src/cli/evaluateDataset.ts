/**
 * @file `posediff evaluate --dataset`: a checkpoint on REAL275, CAMERA25, HouseCat6D or Omni6DPose.
 */
import { assertInput } from "../check";
import { datasetNamed } from "../datasets/catalogue";
import { onnxExtractor } from "../models/onnxExtractor";
import { evaluateDataset, poseDatasets, protocolsOf } from "../papers/benchmarks/evaluateDataset";
import { digestOf, loadObjectPredictor } from "../papers/benchmarks/objectPredictor";
import { poseReport } from "../papers/benchmarks/poseReport";
import { posesKind } from "../papers/benchmarks/poseRows";
import { protocols } from "../papers/benchmarks/protocols";
import { type ResultRow, type ResultWriter, writeResults } from "../papers/benchmarks/resultFile";
import { embeddedRanker } from "../papers/ranker";
import { knownImages } from "./knownImages";
import { named } from "./named";
import { partShard } from "./partShard";
import { printReport } from "./printReport";
import { wholeNumber } from "./wholeNumber";

/** Options of `posediff evaluate` that concern data sets on disk. */
export interface EvaluateDatasetOptions {
  checkpoint: string;
  dataset: string;
  root?: string;
  split?: string;
  frames?: string[];
  detections?: string;
  index?: string;
  shard: string;
  out?: string;
  protocol?: string;
  curves?: boolean;
  hypotheses?: string;
  ranker?: string | true;
  geometry: boolean;
  extractor?: string;
  seed: string;
  json?: boolean;
}

/** The split that papers report, where none is named. */
const reportedSplit: Readonly<Record<string, string>> = {
  real275: "real_test",
  camera25: "val",
  housecat6d: "test",
  sope: "sope-test",
  rope: "rope",
};

/** Score a checkpoint on a data set; with `--shard`, write the rows of a part. */
export async function evaluateOnDataset(options: EvaluateDatasetOptions): Promise<void> {
  const { checkpoint, dataset, root, detections, index, frames, out, json, curves } = options;
  datasetNamed(dataset);
  assertInput(
    Object.hasOwn(poseDatasets, dataset),
    `evaluate: ${dataset} has no protocol for poses of categories; use ${Object.keys(poseDatasets).join(", ")}`,
  );
  assertInput(root !== undefined, `evaluate: --dataset ${dataset} needs --root, the folder in which it lies`);
  const shard = partShard("evaluate", options);
  const protocol = options.protocol ?? poseDatasets[dataset];
  named("evaluate", "protocol", protocols, protocol);
  assertInput(
    protocolsOf(dataset).includes(protocol),
    `evaluate: --protocol ${protocol} does not know the categories of ${dataset}; use ${protocolsOf(dataset).join(" or ")}`,
  );
  const split = options.split ?? reportedSplit[dataset];
  const seed = wholeNumber("evaluate", "seed", options.seed);
  const ranker = options.ranker === true ? embeddedRanker : options.ranker;
  const extractor = options.extractor === undefined ? undefined : await onnxExtractor(options.extractor);
  const predictor = loadObjectPredictor(checkpoint, {
    extractor,
    ...(options.hypotheses !== undefined && {
      hypotheses: wholeNumber("evaluate", "hypotheses", options.hypotheses, 1),
    }),
    ...(ranker !== undefined && { ranker }),
    depthGeometry: options.geometry,
  });
  const settings = {
    dataset,
    split,
    protocol,
    seed,
    detections: detections === undefined ? "true masks" : "Mask R-CNN",
    ...(frames && { frames }),
    ...(options.extractor && { extractor: digestOf(options.extractor) }),
    ...predictor.settings,
  };
  const writer: ResultWriter | undefined =
    out === undefined ? undefined : writeResults(out, { kind: posesKind, settings, shard }, { resume: true });
  const rows: ResultRow[] = [...(writer?.before ?? [])];
  const missing: string[] = [];
  const known = knownImages(out, rows);
  const began = performance.now();
  try {
    await evaluateDataset(
      predictor,
      { dataset, root, split, shard, seed, frames, detections, index, known },
      {
        row: (row) => {
          writer?.write(row);
          if (shard.count === 1) rows.push(row);
        },
        miss: (frame) => {
          writer?.miss(frame);
          missing.push(frame);
        },
        done: (at) => {
          if (process.stderr.isTTY)
            process.stderr.write(`\rframe ${at}, ${((performance.now() - began) / 1000).toFixed(0)} s `);
        },
      },
    );
  } finally {
    predictor.dispose();
    extractor?.dispose();
  }
  writer?.end();
  if (shard.count > 1) {
    console.log(
      `shard ${options.shard} is in ${out}${missing.length > 0 ? `; ${missing.length} frames could not be looked at` : ""}`,
    );
    return;
  }
  printReport(poseReport({ rows, settings }, protocol, { curves }), { json, missing: missing.sort() });
}
