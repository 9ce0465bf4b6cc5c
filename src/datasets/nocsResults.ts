/**
 * @file Results on REAL275 and CAMERA25 as NOCS, object-deformnet and GenPose write them: what is there and what was
 * predicted, an image a dict.
 */
import { readPickle } from "../formats/pickle";
import { type Similarity, similarityFromMatrix4 } from "../geometry/similarity";
import type { Vector3 } from "../geometry/vector";
import { type NocsLabel, nocsLabels } from "./nocsLabels";
import { type PickleArrays, pickleArrays } from "./pickleArrays";

/** An object that a method says is there. */
export interface NocsPrediction {
  classId: number;
  score: number;
  /** y1, x1, y2, x2 in pixels. */
  box?: [number, number, number, number];
  alignment: Similarity;
  /** Extents in units of the scale of `alignment`. */
  normalizedExtents: Vector3;
  /** GenPose's K hypotheses, and their energies of rotation and translation. */
  hypotheses?: Similarity[];
  energies?: { rotation: number[]; translation: number[] };
}

/** One image. */
export interface NocsResult {
  labels: NocsLabel[];
  predictions: NocsPrediction[];
}

const cure = "take a result of NOCS's or object-deformnet's evaluation";

function predictionsOf(where: string, entries: PickleArrays): NocsPrediction[] {
  const { has, shape } = entries;
  const classIds = entries.numbers("pred_class_ids");
  if (classIds.length === 0) return [];
  const of = entries.rows("pred_class_ids", classIds.length);
  const [scores, matrices, scales] = [of("pred_scores"), of("pred_RTs", 4, 4), of("pred_scales", 3)];
  const boxes = has("pred_bboxes") ? of("pred_bboxes", 4) : undefined;
  const many = "multi_hypothesis_pred_RTs";
  const [, each = 0] = has(many) ? shape(many) : [];
  const hypotheses = each > 0 ? of(many, each, 4, 4) : undefined;
  const energies = each > 0 && has("energy") ? of("energy", each, 2) : undefined;
  const similarity = (key: string, values: Float64Array, i: number): Similarity =>
    similarityFromMatrix4(values.subarray(16 * i, 16 * i + 16), `${where}, ${key} ${i}`);
  const energiesOf = (all: Float64Array, i: number, part: number): number[] =>
    Array.from({ length: each }, (_, k) => all[2 * (i * each + k) + part]);
  return Array.from(classIds, (classId, i) => ({
    classId,
    score: scores[i],
    box: boxes && [boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]],
    alignment: similarity("pred_RTs", matrices, i),
    normalizedExtents: [scales[3 * i], scales[3 * i + 1], scales[3 * i + 2]],
    hypotheses: hypotheses && Array.from({ length: each }, (_, k) => similarity(many, hypotheses, i * each + k)),
    energies: energies && { rotation: energiesOf(energies, i, 0), translation: energiesOf(energies, i, 1) },
  }));
}

/**
 * The images of a result pickle, a dict or a list of dicts: the entries of `readNocsLabels`, and pred_class_ids (N),
 * pred_scores (N), pred_RTs (N × 4 × 4), pred_scales (N × 3), optionally pred_bboxes (N × 4), and of GenPose
 * multi_hypothesis_pred_RTs (N × K × 4 × 4) and energy (N × K × 2).
 *
 * @throws InputError naming the file and the entry that is missing or of another shape, and as `readPickle`
 */
export function readNocsResults(path: string): NocsResult[] {
  const content = readPickle(path);
  const images = Array.isArray(content) ? content : [content];
  return images.map((image, i) => {
    const where = images.length > 1 ? `${path}, image ${i}` : path;
    const entries = pickleArrays(where, image, cure);
    return { labels: nocsLabels(where, entries), predictions: predictionsOf(where, entries) };
  });
}
