/**
 * @file How long the list of a large data set's frames takes: made, read again, and gone on with after a break.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { indexFrames } from "../../datasets/frameIndex";
import { nocsLayout } from "../../datasets/nocsStream";
import type { Benchmark, BenchmarkResult } from "./benchmark";
import { inFolder } from "./inFolder";
import { measure } from "./measure";

const framesPerFolder = 10;

/** Folders of CAMERA25's training split, its files empty: only names are looked at. */
function writeFrameNames(root: string, folders: number): void {
  for (let folder = 0; folder < folders; folder++) {
    const path = join(root, "train", String(folder).padStart(5, "0"));
    mkdirSync(path, { recursive: true });
    for (let frame = 0; frame < framesPerFolder; frame++)
      for (const end of ["color.png", "depth.png", "mask.png", "coord.png", "meta.txt"])
        writeFileSync(join(path, `000${frame}_${end}`), "");
  }
}

/** Seconds and frames until `stop` folders are listed, or all. */
function list(
  root: string,
  index: string,
  stop: number = Number.POSITIVE_INFINITY,
): { seconds: number; frames: number } {
  const begin = performance.now();
  let [folders, frames] = [0, 0];
  for (const { frames: listed } of indexFrames(nocsLayout("train"), root, { index })) {
    frames += listed.length;
    if (++folders >= stop) break;
  }
  return { seconds: (performance.now() - begin) / 1000, frames };
}

/** What an index of a data set in `root` costs. */
async function indexCosts(root: string, index: string, folders: number): Promise<BenchmarkResult> {
  const before = process.memoryUsage.rss();
  const timing = await measure(() => {
    rmSync(index, { recursive: true, force: true });
    list(root, index);
  });
  const again = list(root, index);
  rmSync(index, { recursive: true });
  list(root, index, folders / 2);
  const rest = list(root, index);
  return {
    ...timing,
    details: {
      frames: again.frames,
      againSeconds: again.seconds,
      secondHalfSeconds: rest.seconds,
      megabytes: (process.memoryUsage.rss() - before) / 2 ** 20,
    },
  };
}

const folders = 1000;

export const frameIndexTime: Benchmark = {
  name: "frame-index",
  what: `the list of ${folders * framesPerFolder} frames in CAMERA25's layout, written down; the same read again; and gone on with after a break half-way`,
  inTorch: false,
  run: () =>
    inFolder((folder) => {
      const root = join(folder, "data");
      writeFrameNames(root, folders);
      return indexCosts(root, join(folder, "index"), folders);
    }),
};
