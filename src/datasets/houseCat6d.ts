/**
 * @file Frames of HouseCat6D (Jung et al., CVPR 2024) as samples.
 */
import { existsSync } from "node:fs";
import { assertInput, assertRotation } from "../check";
import { readPhoto } from "../formats/photo";
import { readPickle } from "../formats/pickle";
import { readPng } from "../formats/png";
import { readText } from "../formats/readBytes";
import type { Camera } from "../geometry/camera";
import { houseCatCategories, houseCatTurnsAboutY } from "../geometry/houseCatCategories";
import { nearestRotation } from "../geometry/nearestRotation";
import type { Pose } from "../geometry/pose";
import type { Matrix3, Vector3 } from "../geometry/vector";
import type { PixelBox } from "./crop";
import { depthFromNocs, firstChannel } from "./depthImage";
import { type FrameLayout, type StreamOptions, streamFrames } from "./frameIndex";
import { type FramePart, filesOf, framesByPart, subfolders } from "./listFolder";
import { pathInRoot } from "./pathInRoot";
import { pickleArrays } from "./pickleArrays";
import type { PosedSample } from "./sample";

/** scene01 …, val_scene1 …, test_scene1 …. */
export type HouseCatSplit = "train" | "val" | "test";

const scenes: Readonly<Record<HouseCatSplit, RegExp>> = {
  train: /^scene\d+$/,
  val: /^val_scene\d+$/,
  test: /^test_scene\d+$/,
};

const parts = {
  rgb: { folder: "rgb", end: ".png" },
  depth: { folder: "depth", end: ".png" },
  mask: { folder: "instance", end: ".png" },
  label: { folder: "labels", end: "_label.pkl" },
} as const satisfies Record<string, FramePart>;

/** How a split lies on disk: scene01/rgb/000000.png, depth/, instance/, labels/000000_label.pkl, intrinsics.txt. */
export function houseCatLayout(split: HouseCatSplit): FrameLayout {
  return {
    name: `housecat6d-${split}`,
    needed: ["depth", "mask", "label"],
    folders: (root) => subfolders(root, ".", scenes[split]),
    parts: Object.values(parts).map(({ folder }) => folder),
    frames: (root, folder) => framesByPart((part) => filesOf(root, `${folder}/${part}`), parts, 6),
  };
}

/** An object of labels/000000_label.pkl. */
export interface HouseCatLabel {
  classId: number;
  category: (typeof houseCatCategories)[number];
  /** The number of its pixels in instance/000000.png. */
  instanceId: number;
  box: PixelBox;
  pose: Pose;
  /** Metres. */
  size: Vector3;
}

/** The objects of a label file: class_ids, instance_ids, bboxes (y1, x1, y2, x2), rotations, translations, gt_scales. */
export function readHouseCatLabels(path: string): HouseCatLabel[] {
  const entries = pickleArrays(path, readPickle(path), "take the original labels of HouseCat6D");
  const classIds = entries.numbers("class_ids");
  const count = classIds.length;
  if (count === 0) return [];
  const instanceIds = entries.numbers("instance_ids");
  const [boxes, rotations] = [entries.numbers("bboxes", 4), entries.numbers("rotations", 3, 3)];
  const [translations, sizes] = [entries.numbers("translations", 3), entries.numbers("gt_scales", 3)];
  const counts = [
    instanceIds.length,
    boxes.length / 4,
    rotations.length / 9,
    translations.length / 3,
    sizes.length / 3,
  ];
  assertInput(
    counts.every((n) => n === count),
    `${path}: ${count} classes, but ${counts.join(", ")} instances, boxes, rotations, translations and sizes; the file is damaged`,
  );
  return Array.from(classIds, (classId, i) => {
    const category = houseCatCategories[classId - 1];
    assertInput(category, `${path}: class ${classId} is not known; HouseCat6D has 1 to ${houseCatCategories.length}`);
    const rotation = Array.from(rotations.subarray(9 * i, 9 * i + 9)) as unknown as Matrix3;
    assertRotation(`${path}, object ${i}`, rotation, 0.02);
    const [y1, x1, y2, x2] = boxes.subarray(4 * i, 4 * i + 4);
    const three = (values: Float64Array): Vector3 => [values[3 * i], values[3 * i + 1], values[3 * i + 2]];
    const size = three(sizes);
    assertInput(
      size.every((extent) => extent > 0),
      `${path}, object ${i}: the extents ${size.join(", ")} are not positive; take the original labels`,
    );
    return {
      classId,
      category,
      instanceId: instanceIds[i],
      box: { x1, y1, x2, y2 },
      pose: { rotation: nearestRotation(rotation), translation: three(translations) },
      size,
    };
  });
}

/** intrinsics.txt: a camera matrix, three rows of three numbers. */
function readIntrinsics(path: string): Pick<Camera, "fx" | "fy" | "cx" | "cy"> {
  const k = readText(path)
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  assertInput(
    k.length === 9 && k.every(Number.isFinite) && k[0] > 0 && k[4] > 0 && k.slice(6).join() === "0,0,1",
    `${path}: expected a camera matrix of three rows of three numbers; take the original file`,
  );
  return { fx: k[0], fy: k[4], cx: k[2], cy: k[5] };
}

/**
 * The objects of a frame with at least one pixel in the mask. Depth in metres (files: 16-bit millimetres).
 *
 * @param folder the scene below the root
 * @param frame "000012"
 * @throws InputError naming the file that is missing, damaged, or of another size than the others
 */
export async function houseCatSamples(root: string, folder: string, frame: string): Promise<PosedSample<string>[]> {
  const file = ({ folder: part, end }: FramePart): string => pathInRoot(root, folder, part, `${frame}${end}`);
  const labels = readHouseCatLabels(file(parts.label));
  const image = await readPng(file(parts.depth));
  const { width, height } = image;
  const fits = (path: string, size: { width: number; height: number }): void =>
    assertInput(
      size.width === width && size.height === height,
      `${path}: ${size.width} × ${size.height} pixels, the depth image has ${width} × ${height}; take the original file`,
    );
  const depth = depthFromNocs(file(parts.depth), image);
  const mask = await readPng(file(parts.mask));
  fits(file(parts.mask), mask);
  const ids = firstChannel(mask);
  const photo = existsSync(file(parts.rgb)) ? await readPhoto(file(parts.rgb)) : undefined;
  if (photo) fits(file(parts.rgb), photo);
  const camera: Camera = { ...readIntrinsics(pathInRoot(root, folder, "intrinsics.txt")), width, height };
  return labels
    .filter(({ instanceId }) => ids.includes(instanceId))
    .map(({ instanceId, category, pose, size }) => ({
      id: `${folder}/${frame}#${instanceId}`,
      category,
      camera,
      depth,
      mask: Uint8Array.from(ids, (id) => Number(id === instanceId)),
      rgb: photo?.rgb,
      pose,
      size,
      symmetry: houseCatTurnsAboutY.includes(category) ? "y-cone" : "none",
      handleVisible: true, // the benchmark counts it as visible everywhere
    }));
}

/**
 * The samples of a split, frame by frame.
 *
 * @throws InputError as `houseCatSamples`, and at a frame that lacks depth, mask or label, unless `onMissing` is told
 */
export function houseCatStream(
  root: string,
  split: HouseCatSplit,
  options: StreamOptions = {},
): AsyncGenerator<PosedSample<string>> {
  const read = (folder: string, frame: string): Promise<PosedSample<string>[]> => houseCatSamples(root, folder, frame);
  return streamFrames(houseCatLayout(split), root, read, options);
}
