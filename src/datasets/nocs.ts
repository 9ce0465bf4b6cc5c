/**
 * @file Frames of the NOCS data sets REAL275 and CAMERA25 (Wang et al., CVPR 2019) as they lie on disk.
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { assertInput } from "../check";
import { type PngImage, readPng } from "../formats/png";
import { readText } from "../formats/readBytes";
import { type Camera, camera25Camera, real275Camera } from "../geometry/camera";
import { type Category, categories } from "../geometry/symmetry";
import type { Vector3 } from "../geometry/vector";
import { readDeformnetLabels } from "./deformnetLabels";
import { depthFromNocs, firstChannel } from "./depthImage";
import { type NocsLabel, readNocsLabels } from "./nocsLabels";
import { pathInRoot } from "./pathInRoot";

/** REAL275: real_train, real_test. CAMERA25: train, val. */
export type NocsSplit = "real_train" | "real_test" | "train" | "val";

/** Where a split lies: as NOCS's archives unpack, or as object-deformnet asks for. The first that is there, else the first. */
export function nocsSplitFolder(root: string, split: NocsSplit): string {
  const other = { real_train: "Real/train", real_test: "Real/test", train: "CAMERA/train", val: "CAMERA/val" }[split];
  return [split, other].find((folder) => existsSync(pathInRoot(root, folder))) ?? split;
}

/** The ground-truth pickle of a frame: gts/real_test/results_real_test_scene_1_0000.pkl (or results_test_…); undefined without one. */
export function nocsLabelsFile(root: string, split: NocsSplit, frameId: string): string | undefined {
  const scene = frameId.replaceAll(/[\\/]/g, "_");
  return [split, split.replace("real_", "")]
    .map((name) => pathInRoot(root, "gts", split, `results_${name}_${scene}.pkl`))
    .find((path) => existsSync(path));
}

/** A line of meta.txt. */
export interface NocsInstance {
  /** The number of its pixels in the mask. */
  id: number;
  /** 1 … 6; 0 is a distractor of no category. */
  classId: number;
  category?: Category;
  /** Model name. */
  name: string;
  /** Extents of the scanned model, metres, where obj_models has its _norm.txt. */
  size?: Vector3;
}

/** An RGB-D image with its annotations; maps are row-major, height × width. */
export interface NocsFrame {
  /** "real_train/scene_1/0000". */
  id: string;
  split: NocsSplit;
  camera: Camera;
  /** Metres; 0 where the sensor saw nothing. The composed depth (object and real room) of CAMERA25 where it is there. */
  depth: Float32Array;
  /** Instance numbers; 255 is the background. */
  mask: Uint8Array;
  /** H × W × 3 NOCS coordinates in [0, 1]; (1, 1, 0) on the background. */
  nocs?: Float32Array;
  /** H × W × 3. */
  rgb?: Uint8Array;
  instances: NocsInstance[];
  /** The objects of the ground-truth pickle, where gts has one, else those of object-deformnet's _label.pkl. */
  labels?: NocsLabel[];
}

/** meta.txt: "id class name" (REAL275) or "id class synset name" (CAMERA25). */
function readMeta(path: string): Omit<NocsInstance, "size">[] {
  return readText(path)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line, i) => {
      const words = line.trim().split(/\s+/);
      const [id, classId] = [Number(words[0]), Number(words[1])];
      assertInput(
        words.length >= 3 &&
          !line.includes("\0") &&
          Number.isInteger(id) &&
          id >= 0 &&
          id < 255 &&
          Number.isInteger(classId) &&
          classId >= 0,
        `${path}, line ${i + 1}: expected "id class name", got ${JSON.stringify(line)}; take NOCS's own meta.txt`,
      );
      assertInput(
        classId <= categories.length,
        `${path}, line ${i + 1}: class ${classId} is not known; NOCS has 0 (none) to ${categories.length} (${categories.join(", ")})`,
      );
      return { id, classId, category: categories[classId - 1], name: words.at(-1) as string };
    });
}

/** obj_models/<split>/<name>.txt of a REAL275 model (its name ends in _norm): extents along x, y, z in metres. */
function readModelSize(path: string): Vector3 | undefined {
  if (!existsSync(path)) return undefined;
  const [x, y, z, ...more] = readText(path).trim().split(/\s+/).map(Number);
  assertInput(
    [x, y, z].every((extent) => extent > 0 && extent < 5) && more.length === 0,
    `${path}: expected three extents in metres, got ${[x, y, z, ...more].join(" ")}; take NOCS's own _norm.txt`,
  );
  return [x, y, z];
}

/**
 * Read a frame: depth (16-bit, CAMERA25's three channels, or composed), mask, coord, colour, meta, and where they lie
 * in the same root also the model sizes (obj_models/) and the ground-truth pickle (gts/, or _label.pkl beside the frame).
 *
 * @param root the folder that holds real_train, real_test, train, val, obj_models, gts, camera_full_depths
 * @param frameId scene and number: "scene_1/0000", "00000/0000"
 * @throws InputError naming the file that is missing, of another size or kind
 */
export async function readNocsFrame(root: string, split: NocsSplit, frameId: string): Promise<NocsFrame> {
  const folder = nocsSplitFolder(root, split);
  const file = (kind: string): string => pathInRoot(root, folder, `${frameId}_${kind}`);
  const composed = pathInRoot(root, "camera_full_depths", split, `${frameId}_composed.png`);
  const camera = split === "real_train" || split === "real_test" ? real275Camera : camera25Camera;
  const image = async (path: string, kind: (image: PngImage) => boolean, expected: string): Promise<PngImage> => {
    const png = await readPng(path);
    assertInput(
      png.width === camera.width && png.height === camera.height,
      `${path}: ${png.width} × ${png.height} pixels, ${split} has ${camera.width} × ${camera.height}; take the original file`,
    );
    assertInput(kind(png), `${path}: expected ${expected}; take the original file`);
    return png;
  };
  const optional = async (name: string, expected: string): Promise<PngImage | undefined> => {
    const path = file(`${name}.png`);
    const color = (png: PngImage): boolean => png.channels >= 3 && png.data instanceof Uint8Array;
    return existsSync(path) ? image(path, color, expected) : undefined;
  };

  const depthPath = existsSync(composed) ? composed : file("depth.png");
  const depth = depthFromNocs(depthPath, await image(depthPath, () => true, "depth"));
  const maskImage = await image(file("mask.png"), (png) => png.data instanceof Uint8Array, "an 8-bit mask");
  const coord = await optional("coord", "8-bit RGB coordinates");
  const color = await optional("color", "an 8-bit RGB picture");
  const meta = readMeta(file("meta.txt"));
  const [pickle, label] = [nocsLabelsFile(root, split, frameId), file("label.pkl")];

  return {
    id: `${split}/${frameId}`,
    split,
    camera,
    depth,
    mask: Uint8Array.from(firstChannel(maskImage)),
    nocs: coord && nocsCoordinates(coord),
    rgb: color && withoutAlpha(color),
    instances: meta.map((instance) => ({
      ...instance,
      size: readModelSize(pathInRoot(root, "obj_models", split, `${basename(instance.name)}.txt`)),
    })),
    labels: pickle ? readNocsLabels(pickle) : existsSync(label) ? readDeformnetLabels(label) : undefined,
  };
}

/** x = r, y = g, z = 1 − b: the blue channel is stored flipped. */
function nocsCoordinates({ data, channels, width, height }: PngImage): Float32Array {
  const nocs = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    nocs[3 * i] = data[channels * i] / 255;
    nocs[3 * i + 1] = data[channels * i + 1] / 255;
    nocs[3 * i + 2] = 1 - data[channels * i + 2] / 255;
  }
  return nocs;
}

const withoutAlpha = ({ data, channels }: PngImage): Uint8Array =>
  Uint8Array.from(channels === 3 ? data : data.filter((_, i) => i % 4 !== 3));
