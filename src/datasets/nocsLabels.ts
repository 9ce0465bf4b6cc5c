/**
 * @file The ground-truth pickles of NOCS (gts/val/results_*.pkl): class, box, pose and extents of each object.
 */
import { readPickle } from "../formats/pickle";
import { type Similarity, similarityFromMatrix4 } from "../geometry/similarity";
import type { Vector3 } from "../geometry/vector";
import { type PickleArrays, pickleArrays } from "./pickleArrays";

/** One object of a ground-truth pickle. */
export interface NocsLabel {
  classId: number;
  /** y1, x1, y2, x2 in pixels. */
  box: [number, number, number, number];
  /** Centred NOCS coordinates (−½ … ½) → camera, metres. */
  alignment: Similarity;
  /** Extents in NOCS units; times the scale of `alignment` they are metres. object-deformnet's of training lack them. */
  normalizedExtents?: Vector3;
  /** Only in pickles with gt_handle_visibility (those of object-deformnet and later). */
  handleVisible?: boolean;
  /** The number of its pixels in the mask, where the file says it. */
  instanceId?: number;
  /** Path of the object's model when the data were made; its parts hold the model's name. */
  modelPath?: string;
}

/**
 * The objects of a ground-truth pickle: gt_class_ids (N), gt_bboxes (N × 4), gt_RTs (N × 4 × 4), gt_scales (N × 3),
 * optionally gt_handle_visibility (N) and obj_list or model_list (N paths or names).
 *
 * @throws InputError naming the file and the entry that is missing or of another shape, and as `readPickle`
 */
export const readNocsLabels = (path: string): NocsLabel[] =>
  nocsLabels(path, pickleArrays(path, readPickle(path), "take one of NOCS's gts"));

/** The objects of a dict that has the entries of `readNocsLabels`, whatever else it has. @throws InputError as it does */
export function nocsLabels(path: string, entries: PickleArrays): NocsLabel[] {
  const classIds = entries.numbers("gt_class_ids");
  if (classIds.length === 0) return [];
  const of = entries.rows("gt_class_ids", classIds.length);
  const [boxes, matrices, scales] = [of("gt_bboxes", 4), of("gt_RTs", 4, 4), of("gt_scales", 3)];
  const visibility = entries.has("gt_handle_visibility") ? of("gt_handle_visibility") : undefined;
  const models = entries.texts(entries.has("obj_list") ? "obj_list" : "model_list");
  return Array.from(classIds, (classId, i) => ({
    classId,
    box: [boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]],
    alignment: similarityFromMatrix4(matrices.subarray(16 * i, 16 * i + 16), `${path}, gt_RTs ${i}`),
    normalizedExtents: [scales[3 * i], scales[3 * i + 1], scales[3 * i + 2]],
    handleVisible: visibility ? visibility[i] !== 0 : undefined,
    modelPath: models[i] || undefined,
  }));
}
