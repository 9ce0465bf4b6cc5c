/**
 * @file What of a data set is there, and what is not: counted and named.
 */
import { existsSync } from "node:fs";
import { assertInput } from "../check";
import type { NocsCategory } from "../geometry/symmetry";
import { datasetNamed, type FrameReader } from "./catalogue";
import type { DatasetPart, SplitFrames } from "./datasetPart";
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
  /** Those that have what the reader needs (a photo or a coordinate map may be missing), without the damaged ones. */
  readable: number;
  /** Those that were opened: of the others only the names of their files were looked at. */
  opened: number;
  /** Opened ones that could not be read. */
  damaged: number;
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
  /** A sample of the middle of the first split that has one. */
  sample?: Sample<string>;
  /** Why files and folders could not be read. */
  failures: string[];
}

/** Options of `checkDataset`. */
export interface CheckDatasetOptions extends FrameIndexOptions {
  /** Only this one. */
  split?: string;
  /** Of one's own captures. */
  category?: NocsCategory;
  /** How many frames of each split are opened, spread over it; default 10. */
  open?: number;
  /** Told now and then how many frames have been listed, then opened. */
  onProgress?: (frames: number, what: "listed" | "opened") => void;
}

const fewOpened = 10;

const nothing = { folders: 0, frames: 0, readable: 0, opened: 0, damaged: 0 };

/** `count` of the frames, evenly from the first part to the last; the one in the middle comes first. */
function spread(frames: readonly string[], count: number): string[] {
  const n = Math.min(count, frames.length);
  const chosen = Array.from({ length: n }, (_, i) => frames[Math.floor(((i + 0.5) * frames.length) / n)]);
  const middle = n >> 1;
  return [...chosen.slice(middle), ...chosen.slice(0, middle)];
}

/** The sample with the most pixels. */
function mostSeen(samples: readonly Sample<string>[]): Sample<string> | undefined {
  const pixels = samples.map(({ mask }) => mask.reduce((sum, value) => sum + Number(value > 0), 0));
  return samples[pixels.indexOf(Math.max(...pixels))];
}

/**
 * List all frames of a data set, by the names of their files, and open some of them. What cannot be read is told in
 * `failures`, and the rest is looked at.
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
  const failures = new Set<string>();
  const splits: SplitReport[] = [];
  const framesOf = new Map<string, SplitFrames>();
  let listed = 0;
  for (const split of asked === undefined ? known : [asked]) {
    const report: SplitReport = { ...nothing, split, missingFiles: {}, incomplete: [] };
    const [all, complete]: string[][] = [[], []];
    const layout = entry.layout(split);
    const onUnreadable = ({ message }: Error): void => {
      report.folders++;
      failures.add(message);
    };
    for (const { folder, frames } of indexFrames(layout, root, { index: options.index, onUnreadable })) {
      report.folders++;
      listed += frames.length;
      options.onProgress?.(listed, "listed");
      for (const indexed of frames) {
        const { name, missing } = indexed;
        const frame = `${folder}/${name}`;
        all.push(frame);
        if (lackingOf(layout, indexed).length === 0) complete.push(frame);
        if (missing.length > 0) report.incomplete.push({ frame, missing });
        for (const kind of missing) report.missingFiles[kind] = (report.missingFiles[kind] ?? 0) + 1;
      }
    }
    report.frames = all.length;
    report.readable = complete.length;
    splits.push(report);
    if (report.folders > 0) framesOf.set(split, { all, complete });
  }
  assertInput(
    listed > 0 || failures.size > 0,
    `${root}: no frame of ${entry.title} lies here (looked for ${splits.map(({ split }) => split).join(", ") || "folders of scenes"}); give the folder that holds them`,
  );
  const parts = entry.parts?.(root, framesOf) ?? [];
  let sample: Sample<string> | undefined;
  let opened = 0;
  for (const report of splits) {
    const chosen = spread(framesOf.get(report.split)?.complete ?? [], options.open ?? fewOpened);
    if (chosen.length === 0) continue;
    let read: FrameReader;
    try {
      read = entry.open(root, report.split);
    } catch (error) {
      failures.add((error as Error).message);
      continue;
    }
    for (const frame of chosen) {
      const cut = frame.lastIndexOf("/");
      try {
        const samples = await read(frame.slice(0, cut), frame.slice(cut + 1), options.category);
        sample ??= mostSeen(samples);
      } catch (error) {
        failures.add((error as Error).message);
        report.damaged++;
        report.readable--;
      }
      report.opened++;
      options.onProgress?.(++opened, "opened");
    }
  }
  if (!sample && opened > 0 && failures.size === 0)
    failures.add(`${root}: none of the ${opened} frames that were opened shows an object`);
  return { dataset, title: entry.title, root, splits, parts, sample, failures: [...failures] };
}
