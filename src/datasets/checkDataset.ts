/**
 * @file What of a data set is there, and what is not: counted and named.
 */
import { existsSync } from "node:fs";
import { assertInput } from "../check";
import type { NocsCategory } from "../geometry/symmetry";
import { type DatasetPart, datasetNamed, type FrameReader } from "./catalogue";
import { type FrameIndexOptions, indexFrames, lackingOf } from "./frameIndex";
import type { Sample } from "./sample";

/** A frame that lacks files. */
export interface IncompleteFrame {
  frame: string;
  missing: readonly string[];
}

/** A split of a data set. */
export interface SplitReport {
  split: string;
  /** Scenes, or however the split divides its frames. */
  folders: number;
  frames: number;
  /** Those that the reader can read; a photo or a coordinate map may be missing. */
  readable: number;
  /** How many frames lack each kind of file. */
  missingFiles: Record<string, number>;
  incomplete: IncompleteFrame[];
}

/** What `checkDataset` found. */
export interface DatasetReport {
  dataset: string;
  title: string;
  root: string;
  splits: SplitReport[];
  parts: DatasetPart[];
  /** A sample of the middle of the first split that has one, and the frames that were tried for it in vain. */
  sample?: Sample<string>;
  failures: string[];
}

/** Options of `checkDataset`. */
export interface CheckDatasetOptions extends FrameIndexOptions {
  /** Only this one. */
  split?: string;
  /** Of one's own captures. */
  category?: NocsCategory;
  /** Told now and then how many frames have been listed. */
  onProgress?: (frames: number) => void;
}

/** Frames that are tried before the check gives up to find a sample. */
const attempts = 5;

/** The sample with the most pixels. */
function mostSeen(samples: readonly Sample<string>[]): Sample<string> | undefined {
  const pixels = samples.map(({ mask }) => mask.reduce((sum, value) => sum + Number(value > 0), 0));
  return samples[pixels.indexOf(Math.max(...pixels))];
}

/**
 * List all frames of a data set and read one sample. Only the files of that sample's frame are opened.
 *
 * @throws InputError for an unknown data set or split, a root that is no folder, or one in which no frame lies
 */
export async function checkDataset(
  dataset: string,
  root: string,
  options: CheckDatasetOptions = {},
): Promise<DatasetReport> {
  const entry = datasetNamed(dataset);
  assertInput(existsSync(root), `${root}: there is no such folder; give the root folder of ${entry.title}`);
  const known = entry.splits(root);
  const { split: asked } = options;
  assertInput(
    asked === undefined || known.includes(asked),
    `${root}: ${entry.title} has no split ${JSON.stringify(asked)} here; it has ${known.join(", ") || "none"}`,
  );
  const splits: SplitReport[] = [];
  const readable = new Map<string, string[]>();
  let listed = 0;
  for (const split of asked === undefined ? known : [asked]) {
    const report: SplitReport = { split, folders: 0, frames: 0, readable: 0, missingFiles: {}, incomplete: [] };
    const names: string[] = [];
    const layout = entry.layout(split);
    for (const { folder, frames } of indexFrames(layout, root, options)) {
      report.folders++;
      report.frames += frames.length;
      listed += frames.length;
      options.onProgress?.(listed);
      for (const indexed of frames) {
        const { name, missing } = indexed;
        const frame = `${folder}/${name}`;
        if (lackingOf(layout, indexed).length === 0) names.push(frame);
        if (missing.length > 0) report.incomplete.push({ frame, missing });
        for (const kind of missing) report.missingFiles[kind] = (report.missingFiles[kind] ?? 0) + 1;
      }
    }
    report.readable = names.length;
    splits.push(report);
    readable.set(split, names);
  }
  assertInput(
    splits.some(({ frames }) => frames > 0),
    `${root}: no frame of ${entry.title} lies here (looked for ${splits.map(({ split }) => split).join(", ") || "folders of scenes"}); give the folder that holds them`,
  );
  const parts = entry.parts?.(root, new Map([...readable].filter(([, names]) => names.length > 0))) ?? [];
  const failures: string[] = [];
  let sample: Sample<string> | undefined;
  for (const [split, names] of readable) {
    let read: FrameReader | undefined;
    for (let i = 0; i < Math.min(attempts, names.length) && sample === undefined; i++) {
      const frame = names[(Math.floor(names.length / 2) + i) % names.length];
      const cut = frame.lastIndexOf("/");
      try {
        read ??= entry.open(root, split);
        const samples = await read(frame.slice(0, cut), frame.slice(cut + 1), options.category);
        sample = mostSeen(samples);
        if (!sample) failures.push(`${frame}: no object of it is visible`);
      } catch (error) {
        failures.push((error as Error).message);
      }
    }
  }
  return { dataset, title: entry.title, root, splits, parts, sample, failures };
}
