/**
 * @file A whole split of REAL275 or CAMERA25 as a stream of samples.
 */
import { basename } from "node:path";
import { type FrameLayout, type StreamOptions, streamFrames } from "./frameIndex";
import { filesOf, framesByStem, numberedStems, subfolders } from "./listFolder";
import { type NocsSplit, nocsSplitFolder, readNocsFrame } from "./nocs";
import { type NocsSamplesOptions, nocsSamples } from "./nocsSamples";
import type { PosedSample } from "./sample";

/** CAMERA25 has ten frames in each of its folders. */
const framesPerCameraFolder = 10;

const kinds = {
  color: "_color.png",
  depth: "_depth.png",
  mask: "_mask.png",
  coord: "_coord.png",
  meta: "_meta.txt",
} as const;

const isReal = (split: NocsSplit): boolean => split === "real_train" || split === "real_test";

/**
 * How a split lies on disk: scene_1 … (REAL275) or 00000 … (CAMERA25), in each 0000_color.png, _depth, _mask, _coord,
 * _meta.txt. Every number below the largest counts as a frame (0000 … 0009 in CAMERA25), whether it has files or not.
 */
export function nocsLayout(split: NocsSplit): FrameLayout {
  const isScene = isReal(split) ? /^scene_\d+$/ : /^\d{5}$/;
  return {
    name: `nocs-${split}`,
    needed: ["depth", "mask", "meta"],
    folders: function* (root) {
      const folder = nocsSplitFolder(root, split);
      for (const scene of subfolders(root, folder, isScene)) yield `${folder}/${scene}`;
    },
    frames: (root, folder) => {
      const files = filesOf(root, folder);
      const stems = files.map((file) => file.slice(0, file.indexOf("_")));
      return framesByStem(files, kinds, numberedStems(stems, 4, isReal(split) ? 0 : framesPerCameraFolder));
    },
  };
}

/** Options of `nocsStream`. */
export interface NocsStreamOptions extends NocsSamplesOptions, StreamOptions {}

/**
 * The samples of a split, frame by frame (`readNocsFrame`, `nocsSamples`).
 *
 * @throws InputError as these, and at a frame that lacks depth, mask or meta, unless `onMissing` is told
 */
export function nocsStream(
  root: string,
  split: NocsSplit,
  options: NocsStreamOptions = {},
): AsyncGenerator<PosedSample> {
  const read = async (folder: string, frame: string): Promise<PosedSample[]> =>
    nocsSamples(await readNocsFrame(root, split, `${basename(folder)}/${frame}`), options);
  return streamFrames(nocsLayout(split), root, read, options);
}
