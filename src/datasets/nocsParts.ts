/**
 * @file What belongs to REAL275 and CAMERA25 besides their frames: ground-truth pickles, model sizes, composed depth.
 */
import { count, type DatasetPart, datasetPart, type SplitFrames, someOf } from "./datasetPart";
import { filesOf } from "./listFolder";
import { type NocsSplit, nocsLabelsFile } from "./nocs";

/** "real_test/scene_1/0000" → ["scene_1", "0000"]. */
const sceneAndNumber = (frame: string): string[] => frame.split("/").slice(-2);

/** A part of which each frame has one file. */
function perFrame(
  what: string,
  frames: readonly string[],
  lost: readonly string[],
  why: string = "",
): Omit<DatasetPart, "name"> {
  const missing = lost.length === 0 ? undefined : `${count(lost.length, "frame")} without one: ${someOf(lost)}${why}`;
  return { found: count(frames.length - lost.length, what), missing };
}

/** The frames without camera_full_depths/SPLIT/SCENE/NUMBER_composed.png; each folder is listed once. */
function withoutComposed(root: string, split: string, frames: readonly string[]): string[] {
  const listed = new Map<string, Set<string>>();
  return frames.filter((frame) => {
    const [scene, number] = sceneAndNumber(frame);
    const files = listed.get(scene) ?? new Set(filesOf(root, `camera_full_depths/${split}/${scene}`));
    listed.set(scene, files);
    return !files.has(`${number}_composed.png`);
  });
}

function partsOf(root: string, split: NocsSplit, frames: readonly string[]): DatasetPart[] {
  const parts: DatasetPart[] = [];
  let sizesNeeded = split === "real_train";
  if (split === "real_test" || split === "val")
    parts.push(
      datasetPart(`gts/${split}`, () => {
        const lost = frames.filter((frame) => !nocsLabelsFile(root, split, sceneAndNumber(frame).join("/")));
        sizesNeeded = lost.length > 0;
        return perFrame("ground-truth pickle", frames, lost);
      }),
    );
  if (split === "train" || split === "val")
    parts.push(
      datasetPart(`camera_full_depths/${split}`, () => {
        const why = "; their depth is that of the objects without the room";
        return perFrame("composed depth image", frames, withoutComposed(root, split, frames), why);
      }),
    );
  else
    parts.push(
      datasetPart(`obj_models/${split}`, () => {
        const sizes = filesOf(root, `obj_models/${split}`).filter((file) => file.endsWith(".txt")).length;
        const missing = "NAME_norm.txt; without it an object's extents are those of what is seen of it";
        return { found: count(sizes, "model size"), missing: sizesNeeded && sizes === 0 ? missing : undefined };
      }),
    );
  return parts;
}

/** Pickles of real_test and val; composed depth of CAMERA25; model sizes of REAL275, needed where no pickle has them. */
export const nocsParts = (root: string, splits: ReadonlyMap<string, SplitFrames>): DatasetPart[] =>
  [...splits].flatMap(([split, { complete }]) => partsOf(root, split as NocsSplit, complete));
