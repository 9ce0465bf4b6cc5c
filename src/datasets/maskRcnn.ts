/**
 * @file Mask R-CNN results on REAL275 and CAMERA25 as object-deformnet published them and every later method reads them.
 */
import { assertInput } from "../check";
import type { NdArray } from "../formats/ndarray";
import { readPickle } from "../formats/pickle";
import { categories } from "../geometry/symmetry";
import type { ImageSize, PixelBox } from "./crop";
import type { NocsFrame } from "./nocs";
import { fewestPoints } from "./nocsPose";
import { pickleArrays } from "./pickleArrays";
import type { Sample } from "./sample";

/** An object that the detector found. */
export interface MaskRcnnDetection {
  /** 1 … 6. */
  classId: number;
  score: number;
  box: PixelBox;
  /** 1 on the object. */
  mask: Uint8Array;
}

/** Plane `k` of an H × W × N array. */
function plane({ data, shape }: NdArray, k: number): Uint8Array {
  const [height, width, count] = shape;
  return Uint8Array.from({ length: height * width }, (_, i) => Number(Boolean((data as Uint8Array)[i * count + k])));
}

/**
 * The detections of a result pickle, mrcnn_results/real_test/results_test_scene_1_0000.pkl: class_ids (N), scores (N),
 * rois (N × 4: y1, x1, y2, x2), masks (H × W × N).
 *
 * @throws InputError naming the file and the entry that is missing or of another shape, and as `readPickle`
 */
export function readMaskRcnn(path: string, image: ImageSize): MaskRcnnDetection[] {
  const arrays = pickleArrays(path, readPickle(path), "take one of the mrcnn_results of object-deformnet");
  const classIds = arrays.numbers("class_ids");
  const count = classIds.length;
  const scores = arrays.numbers("scores");
  const boxes = arrays.numbers("rois", 4);
  const masks = arrays.array("masks");
  const { height, width } = image;
  assertInput(
    count === 0 || masks.shape.join() === [height, width, count].join(),
    `${path}: expected masks of ${height} × ${width} × ${count}, got ${masks.shape.join(" × ")}; take the results of this data set`,
  );
  assertInput(
    scores.length === count && boxes.length === 4 * count && !Array.isArray(masks.data),
    `${path}: ${count} classes, but ${scores.length} scores and ${boxes.length / 4} boxes; the file is damaged`,
  );
  for (const id of classIds)
    assertInput(
      Number.isInteger(id) && id >= 1 && id <= categories.length,
      `${path}: class ${id} is not one of 1 … ${categories.length}; take the results of this data set`,
    );
  return Array.from(classIds, (classId, k) => {
    const [y1, x1, y2, x2] = boxes.subarray(4 * k, 4 * k + 4);
    return { classId, score: scores[k], box: { x1, y1, x2, y2 }, mask: plane(masks, k) };
  });
}

/** A sample of a detection: category and mask are the detector's, no pose is known. */
export interface DetectedSample extends Sample {
  score: number;
  box: PixelBox;
}

/** The detections of a frame that have enough pixels with depth (50, as GenPose) for a pose to be asked. */
export function maskRcnnSamples(frame: NocsFrame, detections: readonly MaskRcnnDetection[]): DetectedSample[] {
  return detections.flatMap(({ classId, score, box, mask }, i) => {
    const seen = mask.reduce((sum, value, pixel) => sum + Number(value > 0 && frame.depth[pixel] > 0), 0);
    if (seen < fewestPoints) return [];
    const { camera, depth, rgb } = frame;
    return [{ id: `${frame.id}@${i}`, category: categories[classId - 1], camera, depth, mask, rgb, score, box }];
  });
}
