/**
 * @file A plain folder of one's own captures: frames side by side, or a folder for each.
 */
import { existsSync } from "node:fs";
import { assertInput } from "../check";
import { readPhoto } from "../formats/photo";
import { categories, type NocsCategory } from "../geometry/symmetry";
import { readCapture } from "./capture";
import { type FrameLayout, type IndexedFrame, type StreamOptions, streamFrames } from "./frameIndex";
import { filesOf, framesByStem, subfolders } from "./listFolder";
import { pathInRoot } from "./pathInRoot";
import type { Sample } from "./sample";
import { readSegmentedCapture } from "./segmentedCapture";

/** The name of the one frame of a folder whose files have no name before them: depth.png, mask.png. */
const onlyFrame = ".";

const depthEnds = ["depth.png", "depth.npy"];
const isDepth = (file: string): boolean => /(^|_)depth\.(png|npy)$/.test(file);

/** Kinds of files of a frame, as `missing` names them; a mask may also be the object's points. */
function missingOf(files: ReadonlySet<string>, name: string): string[] {
  const prefix = name === onlyFrame ? "" : `${name}_`;
  const points = name === onlyFrame && files.has("object_points.npy");
  const has = {
    color: files.has(`${prefix}color.png`),
    depth: depthEnds.some((end) => files.has(prefix + end)),
    mask: files.has(`${prefix}mask.png`) || points,
    camera: files.has("camera.json"),
  };
  return Object.entries(has).flatMap(([kind, there]) => (there ? [] : [kind]));
}

/**
 * How captures lie on disk, in the root and in folders below it: NAME_depth.png (or .npy), NAME_mask.png, NAME_color.png
 * of each frame beside one camera.json; or depth.png, mask.png (or object_points.npy), color.png, camera.json of one.
 */
export const captureLayout: FrameLayout = {
  name: "captures",
  needed: ["depth", "mask", "camera"],
  folders: function* (root) {
    for (const folder of [".", ...subfolders(root, ".")]) if (filesOf(root, folder).some(isCaptureFile)) yield folder;
  },
  frames: (root, folder) => {
    const names = filesOf(root, folder);
    const files = new Set(names);
    const stems = framesByStem(names, { d: "_depth.png", n: "_depth.npy", m: "_mask.png" }).map(({ name }) => name);
    const alone = ["depth.png", "depth.npy", "mask.png", "object_points.npy"].some((file) => files.has(file));
    const frame = (name: string): IndexedFrame => ({ name, missing: missingOf(files, name) });
    return [...(alone ? [onlyFrame] : []), ...stems].map(frame);
  },
};

const isCaptureFile = (file: string): boolean => isDepth(file) || /(^|_)mask\.png$/.test(file);

/** Options of `captureSample`. */
export interface CaptureSampleOptions {
  /** Default: the category that the frame's or the folder's name has in it ("blue_mug"). */
  category?: NocsCategory;
  /** The object's pixels are equal to it, or non-zero without it. */
  instance?: number;
}

/** The category in a name. @throws InputError if there is none */
function categoryIn(root: string, folder: string, frame: string): NocsCategory {
  const found = [frame, folder].map((name) => categories.find((category) => name.toLowerCase().includes(category)));
  const category = found.find((name) => name !== undefined);
  assertInput(
    category,
    `${root}: neither ${folder} nor ${frame} names a category; give one of ${categories.join(", ")} as category`,
  );
  return category;
}

/**
 * The sample of a frame; its object may be hidden (an empty mask is no mistake).
 *
 * @throws InputError as `readCapture` and `readSegmentedCapture`; if no category is given or named, or the photo has
 *   another size than the depth image
 */
export async function captureSample(
  root: string,
  folder: string,
  frame: string,
  { category = categoryIn(root, folder, frame), instance }: CaptureSampleOptions = {},
): Promise<Sample> {
  const file = (name: string): string => pathInRoot(root, folder, frame === onlyFrame ? name : `${frame}_${name}`);
  const id = frame === onlyFrame ? folder : `${folder}/${frame}`;
  const points = pathInRoot(root, folder, "object_points.npy");
  if (frame === onlyFrame && !existsSync(file("mask.png")) && existsSync(points))
    return { ...(await readSegmentedCapture(pathInRoot(root, folder), category)), id };
  const depth = depthEnds.map(file).find((path) => existsSync(path)) ?? file(depthEnds[0]);
  const camera = pathInRoot(root, folder, "camera.json");
  const sample = await readCapture(
    { depth, mask: file("mask.png"), camera, category, instance },
    { mayBeHidden: true },
  );
  const photo = existsSync(file("color.png")) ? await readPhoto(file("color.png")) : undefined;
  const { width, height } = sample.camera;
  assertInput(
    !photo || (photo.width === width && photo.height === height),
    `${file("color.png")}: ${photo?.width} × ${photo?.height} pixels, the depth image has ${width} × ${height}; save the photo aligned to depth`,
  );
  return { ...sample, id, rgb: photo?.rgb };
}

/** Options of `captureStream`. */
export interface CaptureStreamOptions extends CaptureSampleOptions, StreamOptions {}

/**
 * The samples of a folder of captures, one by one.
 *
 * @throws InputError as `captureSample`, and at a frame without depth, mask or camera, unless `onMissing` is told
 */
export function captureStream(root: string, options: CaptureStreamOptions = {}): AsyncGenerator<Sample> {
  const read = async (folder: string, frame: string): Promise<Sample[]> => [
    await captureSample(root, folder, frame, options),
  ];
  return streamFrames(captureLayout, root, read, options);
}
