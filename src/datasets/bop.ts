/**
 * @file A BOP data set (LM, LM-O, T-LESS, …; Hodaň et al., ECCV 2018) as it lies on disk: scenes, models, images.
 */
import { existsSync, readdirSync } from "node:fs";
import { assertInput } from "../check";
import { readPhoto } from "../formats/photo";
import { type PngImage, readPng } from "../formats/png";
import type { Camera } from "../geometry/camera";
import type { Mesh } from "../geometry/mesh";
import { type BopModel, bopMeshFile, bopNumber, readBopMesh, readBopModels } from "./bopModels";
import { type BopImage, type BopInstance, readBopScene } from "./bopScene";
import { depthFromGrey16 } from "./depthImage";
import { withTexture } from "./loadMesh";
import { pathInRoot } from "./pathInRoot";

/** A split of a data set. Scenes and meshes are read when they are asked for, and kept. */
export interface BopDataset {
  root: string;
  split: string;
  /** Numbers of the split's scenes, ascending. */
  sceneIds: number[];
  /** By number, with diameters and symmetries. */
  models: Map<number, BopModel>;
  /** The images of a scene by number. @throws InputError as `readBopScene` */
  scene: (sceneId: number) => Map<number, BopImage>;
  /** A model's mesh, metres. @throws InputError as `readBopMesh` */
  mesh: (objectId: number) => Mesh;
  /** The same for rendering: with the texture that the file names, if it names one. @throws InputError as `withTexture` */
  texturedMesh: (objectId: number) => Promise<Mesh>;
}

const defaults = { split: "test", models: "models" } satisfies BopOptions;

/** Options of `openBop`. */
export interface BopOptions {
  /** Folder of scenes: "test", "train", "train_pbr", "test_primesense", … */
  split?: string;
  /** Folder of the models: "models", "models_eval" (decimated, the one of BOP's evaluation), "models_cad". */
  models?: string;
}

/** Keeps what `make` returns. */
function memoize<T>(make: (key: number) => T): (key: number) => T {
  const kept = new Map<number, T>();
  return (key) => {
    const value = kept.get(key) ?? make(key);
    kept.set(key, value);
    return value;
  };
}

/**
 * Open a split: lists its scenes and reads models_info.json, nothing else.
 *
 * @param root the folder that holds models/, test/, camera.json, test_targets_bop19.json
 * @throws InputError if there is no such folder, or no scene or models_info.json in it
 */
export function openBop(root: string, options: BopOptions = {}): BopDataset {
  const { split, models } = { ...defaults, ...options };
  assertInput(existsSync(root), `${root}: there is no such folder; give the folder of a BOP data set`);
  const folder = pathInRoot(root, split);
  const others = (): string => readdirSync(root).join(", ");
  assertInput(existsSync(folder), `${folder}: there is no such folder; ${root} holds ${others()}: give one as split`);
  const sceneIds = readdirSync(folder)
    .filter((name) => /^\d{6}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
  assertInput(sceneIds.length > 0, `${folder}: it holds no scene (000001, 000002, …); give the folder of a BOP split`);
  const meshData = memoize((objectId) => readBopMesh(root, objectId, models));
  return {
    root,
    split,
    sceneIds,
    models: readBopModels(root, models),
    scene: memoize((sceneId) => readBopScene(root, `${split}/${bopNumber(sceneId)}`)),
    mesh: memoize((objectId) => {
      const { vertices, triangles, colors } = meshData(objectId);
      return { vertices, triangles, colors };
    }),
    texturedMesh: memoize((objectId) => withTexture(bopMeshFile(root, objectId, models), meshData(objectId))),
  };
}

/** The files of an image; undefined where there is none. */
export interface BopFiles {
  /** rgb/ or gray/, png, jpg or tif. */
  rgb?: string;
  depth?: string;
  /** Of instances, by their place in the image's list. */
  masks: (string | undefined)[];
  visibleMasks: (string | undefined)[];
}

/** Which files of an image there are. */
export function bopFiles({ root, split }: Pick<BopDataset, "root" | "split">, image: BopImage): BopFiles {
  const scene = `${split}/${bopNumber(image.sceneId)}`;
  const name = bopNumber(image.imageId);
  const existing = (...candidates: string[]): string | undefined =>
    candidates.map((candidate) => pathInRoot(root, scene, candidate)).find((path) => existsSync(path));
  const masksIn = (folder: string): (string | undefined)[] =>
    image.instances.map(({ index }) => existing(`${folder}/${name}_${bopNumber(index)}.png`));
  return {
    rgb: existing(...["rgb/", "gray/"].flatMap((kind) => ["png", "jpg", "tif"].map((end) => `${kind}${name}.${end}`))),
    depth: existing(`depth/${name}.png`),
    masks: masksIn("mask"),
    visibleMasks: masksIn("mask_visib"),
  };
}

/** The maps of an image, as far as it has files. */
export interface BopFrame {
  camera: Camera;
  /** H × W × 3; a grey picture has three equal channels. */
  rgb?: Uint8Array;
  /** Metres; 0 where the sensor saw nothing. */
  depth?: Float32Array;
  /** 1 on what is seen of the instance (mask_visib); undefined where there is no such file. */
  mask: (instance: BopInstance) => Promise<Uint8Array | undefined>;
}

/**
 * Read colour and depth of an image; masks when they are asked for.
 *
 * @throws InputError naming the image if it has neither colour nor depth, and the file that is damaged, of another kind
 *   or size
 */
export async function readBopFrame(dataset: Pick<BopDataset, "root" | "split">, image: BopImage): Promise<BopFrame> {
  const files = bopFiles(dataset, image);
  const id = bopImageId(dataset, image);
  assertInput(
    files.rgb || files.depth,
    `${dataset.root}: ${id} has neither an rgb (or gray) nor a depth file; download that part of the data set`,
  );
  const photo = files.rgb === undefined ? undefined : await readPhoto(files.rgb);
  const depth = files.depth === undefined ? undefined : await readPng(files.depth);
  const { width, height } = photo ?? (depth as PngImage);
  const fits = (path: string | undefined, size: { width: number; height: number }): void =>
    assertInput(
      size.width === width && size.height === height,
      `${path}: ${size.width} × ${size.height} pixels, the other images of ${id} have ${width} × ${height}; take the original file`,
    );
  if (depth) fits(files.depth, depth);
  return {
    camera: { ...image.intrinsics, width, height },
    rgb: photo?.rgb,
    depth: depth && depthFromGrey16(files.depth as string, depth, image.depthUnitMm),
    mask: async ({ index }) => {
      const path = files.visibleMasks[index];
      if (path === undefined) return undefined;
      const mask = await readPng(path);
      fits(path, mask);
      assertInput(mask.channels === 1, `${path}: expected a grey mask; take the original file`);
      return Uint8Array.from(mask.data, (value) => Number(value > 0));
    },
  };
}

/** visib_fract of an instance. @throws InputError naming the image, and `what` needs it, if scene_gt_info.json does not tell */
export function visibleShareOf(
  dataset: Pick<BopDataset, "root" | "split">,
  image: BopImage,
  { index, visibleShare }: BopInstance,
  what: string,
): number {
  assertInput(
    visibleShare !== undefined,
    `${dataset.root}: ${bopImageId(dataset, image)}#${index} has no visib_fract; ${what} needs scene_gt_info.json: copy it from the data set`,
  );
  return visibleShare;
}

/** "test/000002/000003". */
export const bopImageId = ({ split }: Pick<BopDataset, "split">, { sceneId, imageId }: BopImage): string =>
  `${split}/${bopNumber(sceneId)}/${bopNumber(imageId)}`;
