/**
 * @file One's own sequence of RGB-D frames: a folder of depth images and masks, read one by one.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { assertInput } from "../check";
import { readCapture } from "./capture";
import { byName } from "./listFolder";
import type { Sample } from "./sample";

/** Where the frames are, and of what. */
export interface CaptureSequenceFiles {
  /** Holds NAME_depth.png (or .npy) and NAME_mask.png for each frame, in the order of their names: 0000_depth.png, … */
  folder: string;
  /** Default: camera.json of the folder. */
  camera?: string;
  /** One of the six NOCS categories. */
  category: string;
  /** The object's pixels are equal to it, or non-zero without it. */
  instance?: number;
}

/** The files of one frame. */
export interface CaptureFrame {
  name: string;
  depth: string;
  mask: string;
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/**
 * The frames of a folder in their order.
 *
 * @throws InputError if it is no folder, holds no frame, or a depth image has no mask or two depth images have one name
 */
export function captureFrames(folder: string): CaptureFrame[] {
  assertInput(
    isFolder(folder),
    `${folder}: there is no such folder; give the folder of NAME_depth.png and NAME_mask.png`,
  );
  const files = readdirSync(folder).sort(byName);
  const frames = files.flatMap((file) => {
    const name = /^(.+)_depth\.(?:png|npy)$/i.exec(file)?.[1];
    return name === undefined ? [] : [{ name, depth: join(folder, file), mask: join(folder, `${name}_mask.png`) }];
  });
  assertInput(
    frames.length > 0,
    `${folder}: no file is called NAME_depth.png or NAME_depth.npy; name the frames 0000_depth.png, 0000_mask.png, 0001_depth.png, …`,
  );
  frames.forEach(({ name, mask }, i) => {
    assertInput(existsSync(mask), `${mask}: there is no such file; frame ${name} has a depth image and needs a mask`);
    assertInput(
      frames[i + 1]?.name !== name,
      `${folder}: frame ${name} has two depth images, .png and .npy; keep one of them`,
    );
  });
  return frames;
}

/** A frame's name and what was read. */
export interface CapturedFrame {
  name: string;
  sample: Sample;
}

/**
 * Read the frames one by one, each when it is asked for. Frames in which the object is hidden have an empty mask, or one
 * with too few points; they are no mistake.
 *
 * @throws InputError as `captureFrames` and `readCapture`, with the file's name; also for frames of different sizes
 */
export async function* readCaptureSequence(files: CaptureSequenceFiles): AsyncGenerator<CapturedFrame> {
  const { folder, category, instance, camera = join(folder, "camera.json") } = files;
  for (const { name, depth, mask } of captureFrames(folder))
    yield { name, sample: await readCapture({ depth, mask, camera, category, instance }, { mayBeHidden: true }) };
}
