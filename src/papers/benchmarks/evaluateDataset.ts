/**
 * @file A network on a data set, image by image: truths and predictions as rows of results.
 */
import { assertInput, InputError } from "../../check";
import { datasetNamed } from "../../datasets/catalogue";
import { indexFrames, lackingOf } from "../../datasets/frameIndex";
import type { NocsSplit } from "../../datasets/nocs";
import { Rng } from "../../random";
import { type DatasetImage, labelledImage, nocsImage } from "./datasetImage";
import type { ObjectPredictor } from "./objectPredictor";
import { predictionRow, truthRow } from "./poseRows";
import type { ResultRow } from "./resultFile";
import { inShard, type Shard } from "./shard";

/** The data sets with poses of categories, and the protocol that their papers use. */
export const poseDatasets: Readonly<Record<string, string>> = {
  real275: "nocs",
  camera25: "nocs",
  housecat6d: "housecat6d",
  sope: "omni6d",
  rope: "omni6d",
};

/** The protocols that have the categories of a data set; its own comes first. */
export function protocolsOf(dataset: string): string[] {
  const own = poseDatasets[dataset];
  const others: Readonly<Record<string, string>> = { nocs: "genpose", housecat6d: "omni6d" };
  return own in others ? [own, others[own]] : [own];
}

/** What is evaluated. */
export interface DatasetRun {
  /** A name of `poseDatasets`. */
  dataset: string;
  root: string;
  split: string;
  shard: Shard;
  /** Of points and noise; every object has a stream of its own, by its name. */
  seed: number;
  /** Only these frames: "real_train/scene_1/0000" or "scene_1/0000". */
  frames?: readonly string[];
  /** Folder of Mask R-CNN's results, for REAL275 and CAMERA25. */
  detections?: string;
  /** Folder in which the list of frames is kept. */
  index?: string;
  /** Places of frames that need no look. */
  known?: ReadonlySet<number>;
}

/** Told as it goes. */
export interface DatasetListener {
  row: (row: ResultRow) => void;
  /** A frame that cannot be looked at, and why. */
  miss: (frame: string) => void;
  /** After each frame: its place in the list. */
  done?: (at: number) => void;
}

/** The frames that a run asks for, with their places and what they lack; those of all shards count. */
function* framesOf({ dataset, root, split, frames, index }: DatasetRun): Generator<{
  at: number;
  folder: string;
  name: string;
  lacking: readonly string[];
}> {
  const layout = datasetNamed(dataset).layout(split);
  const asked = new Set(frames);
  let at = 0;
  for (const { folder, frames: listed } of indexFrames(layout, root, { index }))
    for (const frame of listed) {
      const { name } = frame;
      const id = `${folder}/${name}`;
      if (frames) {
        const wanted = [...asked].find((one) => id === one || id.endsWith(`/${one}`));
        if (wanted === undefined) continue;
        asked.delete(wanted);
      }
      yield { at: at++, folder, name, lacking: lackingOf(layout, frame) };
    }
  assertInput(
    asked.size === 0,
    `evaluate: ${[...asked].slice(0, 5).join(", ")} is no frame of ${split} in ${root}; name frames as they lie there, e.g. scene_1/0000`,
  );
  assertInput(
    at > 0,
    `evaluate: ${root} has no frame of ${split}; posediff data check ${dataset} ${root} says what is there`,
  );
}

/**
 * Estimate every object of a shard's frames. The answer of an object depends on its name and the seed only, not on the
 * shard, so that the rows of all shards are those of one run.
 *
 * A frame that cannot be read is passed over, and `miss` is told why: one damaged file is no reason to lose a night.
 *
 * @throws InputError for a data set without categories' poses, a split that it does not have, and as its reader if it can
 *   read no frame
 */
export async function evaluateDataset(
  predictor: Pick<ObjectPredictor, "predict">,
  run: DatasetRun,
  { row, miss, done }: DatasetListener,
): Promise<void> {
  const { dataset, root, split, shard, seed, detections, known } = run;
  const entry = datasetNamed(dataset);
  const splits = entry.splits(root);
  assertInput(splits.includes(split), `evaluate: ${entry.title} has no split "${split}"; use ${splits.join(", ")}`);
  const isNocs = poseDatasets[dataset] === "nocs";
  assertInput(
    detections === undefined || isNocs,
    "evaluate: --detections are Mask R-CNN's on REAL275 and CAMERA25; leave it away",
  );
  const read = entry.open(root, split);
  let [seen, firstError]: [boolean, InputError | undefined] = [false, undefined];
  for (const { at, folder, name, lacking } of framesOf(run)) {
    if (!inShard(shard, at)) continue;
    if (known?.has(at)) {
      seen = true;
      continue;
    }
    const image = `${folder}/${name}`;
    if (lacking.length > 0) {
      miss(`${image} (no ${lacking.join(", ")})`);
      continue;
    }
    let content: DatasetImage;
    try {
      content = isNocs
        ? await nocsImage(root, split as NocsSplit, folder, name, detections)
        : await labelledImage(read, folder, name);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      firstError ??= error;
      miss(`${image} (${error.message})`);
      continue;
    }
    seen = true;
    const { truths, given } = content;
    for (const truth of truths) row({ at, image, row: truthRow(truth) });
    for (const { sample, score, pixelBox, object } of given) {
      const found = await predictor.predict(sample, new Rng(seed).split(sample.id).seed);
      if (found)
        row({ at, image, row: predictionRow({ category: sample.category, score, pixelBox, object, ...found }) });
    }
    done?.(at);
  }
  if (firstError && !seen) throw firstError;
}
