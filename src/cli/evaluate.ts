/**
 * @file `posediff evaluate`: scores of a checkpoint on the embedded data or on NOCS frames on disk.
 */
import type { Command } from "commander";
import { ready } from "../backend";
import { assertInput, InputError } from "../check";
import { type NocsSplit, readNocsFrame } from "../datasets/nocs";
import { nocsSamples } from "../datasets/nocsSamples";
import { proceduralSample } from "../datasets/procedural/proceduralSample";
import type { Sample } from "../datasets/sample";
import { poseDatasets } from "../papers/benchmarks/evaluateDataset";
import { protocols } from "../papers/benchmarks/protocols";
import {
  baselineMethods,
  cardMethods,
  errorsOf,
  type Method,
  type MethodScores,
  meanOf,
  regressionHead,
  type SampleErrors,
  singleHypothesis,
  summarize,
  thresholds,
} from "../papers/evaluation";
import { embeddedCheckpoint, loadPoseEstimator } from "../papers/poseEstimator";
import { embeddedRanker, loadRanker } from "../papers/ranker";
import { scoreScalings } from "../samplers/scoreScaling";
import { assertOneCard } from "../training/assertOneCard";
import { loadModel, replaceCard } from "../training/checkpoint";
import { type EvaluateDatasetOptions, evaluateOnDataset } from "./evaluateDataset";
import { evaluateGroup } from "./evaluateGroup";
import { evaluateRgb } from "./evaluateRgb";
import { evaluateTemplates } from "./evaluateTemplates";
import { templateDatasets, templatesOfDataset } from "./templatesOfDataset";
import { textTable } from "./textTable";
import { wholeNumber } from "./wholeNumber";

interface EvaluateOptions extends Omit<EvaluateDatasetOptions, "dataset"> {
  dataset?: string;
  count: string;
  nocs?: string;
  mean?: string;
  scalings?: boolean;
  each?: boolean;
  writeCard?: boolean;
  seeds: string;
  without?: string[];
}

const heading = thresholds.map(([deg, cm]) => `${deg}°${cm}cm`);

/** One line a method, then one line a category. */
const table = (scores: readonly MethodScores[]): string =>
  textTable(
    "%",
    [...heading, "median °", "cm", "objects"],
    scores.flatMap(({ method, all, byCategory }) =>
      [[method, all] as const, ...Object.entries(byCategory)].map(([name, score]) => ({
        name: name === method ? method : `  ${name}`,
        cells: [
          ...score.accuracy.map((x) => x.toFixed(1)),
          score.medianDeg.toFixed(1),
          score.medianCm.toFixed(2),
          String(score.objects),
        ],
      })),
    ),
  );

function* proceduralSamples(split: string, count: number): Generator<Sample> {
  for (let i = 0; i < count; i++) yield proceduralSample(split, i, { maps: false });
}

/** Frames are named as NOCS lays them out: split, scene, number. */
async function realSamples(root: string, frames: readonly string[]): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const frame of frames) {
    const [split, ...rest] = frame.split("/");
    samples.push(...nocsSamples(await readNocsFrame(root, split as NocsSplit, rest.join("/"))));
  }
  return samples;
}

/** Score a checkpoint; with `--write-card`, into its card. */
export async function evaluate(options: EvaluateOptions): Promise<void> {
  const { dataset, split = "test" } = options;
  assertInput(
    dataset !== undefined || (options.shard === "0/1" && options.out === undefined),
    "evaluate: --shard and --out are of a data set on disk; name it by --dataset",
  );
  if (dataset !== undefined) {
    for (const name of ["nocs", "mean", "scalings", "each", "writeCard", "without"] as const)
      assertInput(
        options[name] === undefined,
        `evaluate: --${name === "writeCard" ? "write-card" : name} is of embedded data; with --dataset leave it away`,
      );
    await ready();
    // The default of --checkpoint is a network of categories; sets of single objects are matched by frozen features then.
    const own = options.checkpoint === embeddedCheckpoint ? undefined : options.checkpoint;
    if (templateDatasets.includes(dataset)) await evaluateTemplates(templatesOfDataset(own, { ...options, dataset }));
    else await evaluateOnDataset({ ...options, dataset });
    return;
  }
  const count = wholeNumber("evaluate", "count", options.count, 1);
  if (options.writeCard && options.nocs)
    throw new InputError("evaluate: --write-card states scores on the embedded data; leave --nocs away");
  const model = loadModel(options.checkpoint);
  if (options.writeCard) assertOneCard("evaluate", model);
  await ready();
  const { network = "joint" } = model.card;
  assertInput(
    network !== "multiModal",
    "evaluate: multi-modal networks are scored on data sets; give --dataset and --root, or run experiment multiModal",
  );
  if (network === "rgb") {
    assertInput(
      !options.nocs,
      "evaluate: this network reads photos, for which NOCS frames have no geometry; leave --nocs away",
    );
    evaluateRgb({ ...options, split });
    return;
  }
  const estimator = loadPoseEstimator(options.checkpoint);
  const methods: Method[] = cardMethods.filter((method) => estimator.hasRegression || method !== regressionHead);
  if (!estimator.hasRegression)
    console.error("evaluate: these weights have no regression head, as GenPose's have none; its row is left away");
  if (options.scalings)
    methods.push(
      singleHypothesis("K = 1, linear", scoreScalings.linear),
      singleHypothesis("K = 1, constant", scoreScalings.constant),
    );
  if (options.mean) methods.push(meanOf(wholeNumber("evaluate", "mean", options.mean, 1)));
  const ranker = options.ranker && loadRanker(options.ranker === true ? embeddedRanker : options.ranker);
  if (ranker) methods.push(...baselineMethods(ranker));
  const samples = options.nocs
    ? await realSamples(options.nocs, options.frames ?? ["real_train/scene_1/0000"])
    : proceduralSamples(split, count);
  const rows: SampleErrors[] = [];
  const began = performance.now();
  for (const row of errorsOf(estimator, samples, methods, wholeNumber("evaluate", "seed", options.seed, 0))) {
    rows.push(row);
    if (options.each)
      console.log(
        `${row.sample.id.padEnd(36)}${row.sample.category.padEnd(8)}${row.errors.map((e) => `${e.errorDeg.toFixed(1).padStart(7)}° ${e.errorCm.toFixed(2).padStart(5)} cm`).join(" | ")}`,
      );
    else if (!options.json && process.stderr.isTTY)
      process.stderr.write(`\r${rows.length} objects, ${((performance.now() - began) / 1000).toFixed(0)} s `);
  }
  estimator.dispose();
  if (ranker) ranker.dispose();
  assertInput(rows.length > 0, "evaluate: no object with ground truth was found; check --nocs and --frames");
  const scores = summarize(rows, methods);
  if (options.writeCard) writeCard(options, scores);
  console.log(options.json ? JSON.stringify({ thresholds, scores }, null, 2) : table(scores));
}

/** Put the scores of the card's methods into the checkpoint's card. */
function writeCard(options: EvaluateOptions, scores: readonly MethodScores[]): void {
  const { checkpoint, split = "test", count, seed, scalings, mean, ranker } = options;
  const ranked = ranker ? ` --ranker${ranker === true ? "" : ` ${ranker}`}` : "";
  const more = `${scalings ? " --scalings" : ""}${mean ? ` --mean ${mean}` : ""}${ranked}`;
  const command = `posediff evaluate --split ${split} --count ${count} --seed ${seed}${more} --write-card`;
  replaceCard(checkpoint, { ...loadModel(checkpoint).card, scores: { command, thresholds: heading, methods: scores } });
}

export const command = (program: Command): void => {
  evaluateGroup(program)
    .description("percent of objects within 5°2cm … 10°5cm, per category: embedded test split, or NOCS frames on disk")
    .option("--checkpoint <file>", "model of posediff train", embeddedCheckpoint)
    .option("--split <name>", "split of the embedded data (default: test) or of --dataset (default: the reported one)")
    .option("--count <n>", "objects of the split", "300")
    .option("--nocs <root>", "folder of REAL275/CAMERA25 instead of the embedded data")
    .option("--frames <id...>", "frames under that folder, or of --dataset, e.g. real_train/scene_1/0000")
    .option(
      "--dataset <name>",
      `the protocol of ${[...Object.keys(poseDatasets), ...templateDatasets].join(", ")} on data in --root`,
    )
    .option("--root <folder>", "where that data set lies")
    .option("--detections <folder>", "Mask R-CNN's results on REAL275 or CAMERA25; without it the true masks are given")
    .option("--protocol <name>", `${Object.keys(protocols).join(", ")}; default: the data set's`)
    .option("--curves", "also AP over thresholds (with --json)")
    .option("--no-geometry", "a network of photos is not shown the geometry of the depth image")
    .option(
      "--extractor <file.onnx>",
      "image model of a multi-modal network that reads a frozen one, its card beside it",
    )
    .option("--index <folder>", "where the list of frames is kept, so that a second run need not list them again")
    .option("--shard <i/n>", "every n-th frame from the i-th on; needs --out", "0/1")
    .option(
      "--out <file>",
      "write truths and predictions as lines of JSON, or csv by a name in .csv, for evaluate merge",
    )
    .option("--mean <K>", "also the mean of K unscaled hypotheses")
    .option("--ranker [file]", "also the GenPose baseline: K = 50 ranked by this energy network, and without it")
    .option("--scalings", "also linear and constant score scaling")
    .option("--seed <n>", "seed of points and noise; every object draws its own", "0")
    .option(
      "--hypotheses <K>",
      "of an object, for a checkpoint of train --network rgb (default: 50) and with --dataset",
    )
    .option("--seeds <n>", "sampling seeds for the same", "3")
    .option("--without <condition...>", "not told to the same: rgb, geometry, category, global")
    .option("--each", "one line per object")
    .option("--write-card", "put the scores into the checkpoint's card")
    .option("--json", "print one JSON object")
    .action(evaluate);
};
