/**
 * @file Frames of Omni6DPose (Zhang et al., ECCV 2024), simulated (SOPE) and real (ROPE), as samples.
 */
import { existsSync } from "node:fs";
import { assertInput } from "../check";
import { type ExrImage, readExr } from "../formats/exr";
import { readPhoto } from "../formats/photo";
import type { Camera } from "../geometry/camera";
import type { ImageSize } from "./crop";
import { type FrameLayout, type StreamOptions, streamFrames } from "./frameIndex";
import { filesOf, framesByStem, subfolders } from "./listFolder";
import { type Omni6dModel, readOmni6dMeta, readOmni6dModels } from "./omni6dMeta";
import { pathInRoot } from "./pathInRoot";
import type { PosedSample } from "./sample";

/** ROPE: all of it; SOPE: its two halves. */
export type Omni6dSplit = "rope" | "sope-train" | "sope-test";

const kinds = { color: "_color.png", depth: "_depth.exr", mask: "_mask.exr", meta: "_meta.json" } as const;

/** Folders below `folder`, `depth` levels down. */
function* nested(root: string, folder: string, depth: number): Generator<string> {
  if (depth === 0) yield folder;
  else for (const name of subfolders(root, folder)) yield* nested(root, `${folder}/${name}`, depth - 1);
}

/**
 * How a split lies on disk: ROPE/SCENE/000000_color.png, SOPE/PATCH/train/SCENE_NAME/SCENE/0000_color.png, beside
 * _depth.exr, _mask.exr, _meta.json. The root holds ROPE, SOPE and Meta, or is one of the first two.
 */
export function omni6dLayout(split: Omni6dSplit): FrameLayout {
  const set = split === "rope" ? "ROPE" : "SOPE";
  return {
    name: `omni6d-${split}`,
    needed: ["depth", "mask", "meta"],
    folders: function* (root) {
      const top = existsSync(pathInRoot(root, set)) ? set : ".";
      if (split === "rope") yield* nested(root, top, 1);
      else
        for (const patch of subfolders(root, top))
          yield* nested(root, `${top}/${patch}/${split === "sope-train" ? "train" : "test"}`, 2);
    },
    frames: (root, folder) => framesByStem(filesOf(root, folder), kinds),
  };
}

/** The one channel that carries the numbers: the first of `names` that is there, else the only one. */
function channelOf(path: string, { channels }: ExrImage, names: readonly string[]): Float32Array {
  const name =
    names.find((candidate) => channels.has(candidate)) ?? (channels.size === 1 ? [...channels.keys()][0] : "");
  const values = channels.get(name);
  assertInput(
    values,
    `${path}: expected a channel ${names.join(" or ")}, got ${[...channels.keys()].join(", ")}; take the original file`,
  );
  return values;
}

/** Rounding of an image's sides moves their ratio by less than this. */
const ratioTolerance = 0.02;

/** The camera of an image that may be stored smaller than its intrinsics say (SOPE: at half size). */
function scaledCamera(where: string, camera: Camera, { width, height }: ImageSize): Camera {
  const [x, y] = [width / camera.width, height / camera.height];
  assertInput(
    Math.abs(x / y - 1) < ratioTolerance && x > 1 / 16 && x < 16,
    `${where}: the intrinsics are of an image of ${camera.width} × ${camera.height}, the depth image has ${width} × ${height}, which is no smaller copy of it; take the original file`,
  );
  return { fx: camera.fx * x, fy: camera.fy * y, cx: camera.cx * x, cy: camera.cy * y, width, height };
}

/** Options of `omni6dSamples`. */
export interface Omni6dSamplesOptions {
  /** Also objects that are not valid, or of the scenery. */
  all?: boolean;
  /** The table of objects, for symmetries; default: of the root's Meta folder. */
  models?: Map<string, Omni6dModel>;
}

/**
 * The objects of a frame. Depth: metres (the file's first colour as OpenCV reads it, B). Mask: the red channel times 255.
 * Not in the list: objects without a pixel.
 *
 * @param prefix the frame below the root: "ROPE/000001/000000"
 * @throws InputError naming the file that is missing, damaged, or of another size than the others
 */
export async function omni6dSamples(
  root: string,
  prefix: string,
  { all = false, models = readOmni6dModels(root) }: Omni6dSamplesOptions = {},
): Promise<PosedSample<string>[]> {
  const file = (end: string): string => pathInRoot(root, `${prefix}${end}`);
  const meta = readOmni6dMeta(file(kinds.meta), models);
  const depthImage = readExr(file(kinds.depth));
  const { width, height } = depthImage;
  const fits = (path: string, size: { width: number; height: number }): void =>
    assertInput(
      size.width === width && size.height === height,
      `${path}: ${size.width} × ${size.height} pixels, the depth image has ${width} × ${height}; take the original file`,
    );
  const depth = channelOf(file(kinds.depth), depthImage, ["B", "Y", "Z", "V", "R"]).map((z) =>
    z > 0 && z < Infinity ? z : 0,
  );
  const maskImage = readExr(file(kinds.mask));
  fits(file(kinds.mask), maskImage);
  const ids = channelOf(file(kinds.mask), maskImage, ["R", "Y", "Z", "V"]).map((value) => Math.round(255 * value));
  const photo = existsSync(file(kinds.color)) ? await readPhoto(file(kinds.color)) : undefined;
  if (photo) fits(file(kinds.color), photo);
  const camera = scaledCamera(`${file(kinds.meta)}, camera.intrinsics`, meta.camera, depthImage);
  return meta.objects
    .filter((object) => (all || (object.isValid && !object.isBackground)) && ids.includes(object.maskId))
    .map(({ maskId, objectId, category, pose, size }) => ({
      id: `${prefix}#${maskId}`,
      category,
      camera,
      depth,
      mask: Uint8Array.from(ids, (id) => Number(id === maskId)),
      rgb: photo?.rgb,
      pose,
      size,
      symmetry: models.get(objectId)?.symmetry,
    }));
}

/** Options of `omni6dStream`. */
export interface Omni6dStreamOptions extends Omni6dSamplesOptions, StreamOptions {}

/**
 * The samples of a split, frame by frame.
 *
 * @throws InputError as `omni6dSamples`, and at a frame that lacks depth, mask or meta, unless `onMissing` is told
 */
export function omni6dStream(
  root: string,
  split: Omni6dSplit,
  options: Omni6dStreamOptions = {},
): AsyncGenerator<PosedSample<string>> {
  const models = options.models ?? readOmni6dModels(root);
  const read = (folder: string, frame: string): Promise<PosedSample<string>[]> =>
    omni6dSamples(root, `${folder}/${frame}`, { ...options, models });
  return streamFrames(omni6dLayout(split), root, read, options);
}
