/**
 * @file Results on REAL275 and CAMERA25 as NOCS, object-deformnet and GenPose write them: what is there and what was
 * predicted, an image a dict.
 */
import { assertInput, unlessRefused } from "../check";
import { type PickleValue, readPickle } from "../formats/pickle";
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
  /** Undefined where the method wrote no similarity: VI-Net's solver writes zeros where it fails, others NaN. */
  alignment: Similarity | undefined;
  /** Extents in units of the scale of `alignment`. */
  normalizedExtents: Vector3;
  /** GenPose's K hypotheses, and their energies of rotation and translation. */
  hypotheses?: (Similarity | undefined)[];
  energies?: { rotation: number[]; translation: number[] };
  /** Why the first of them is undefined. */
  unusable?: string;
}

/** One image. */
export interface NocsResult {
  /** Names it in errors: the file, and in a file of many its place or key there. */
  image: string;
  labels: NocsLabel[];
  predictions: NocsPrediction[];
}

const cure = "take a result of NOCS's, object-deformnet's or GenPose's evaluation";

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
  const stored = each > 0 && has("energy") ? of("energy", each, 2) : undefined;
  // GenPose's results_wo_energy.pkl has zeros where its energy network has not been yet
  const energies = stored?.some((energy) => energy !== 0) ? stored : undefined;
  const similarities = (key: string, values: Float64Array, i: number, count: number, told: (why: string) => void) =>
    Array.from({ length: count }, (_, k) => {
      const matrix = values.subarray(16 * (i * count + k), 16 * (i * count + k + 1));
      return unlessRefused(() => similarityFromMatrix4(matrix, `${where}, ${key} ${i}`), told);
    });
  const energiesOf = (all: Float64Array, i: number, part: number): number[] =>
    Array.from({ length: each }, (_, k) => all[2 * (i * each + k) + part]);
  return Array.from(classIds, (classId, i) => {
    let unusable: string | undefined;
    const told = (why: string): void => {
      unusable ??= why;
    };
    const [alignment] = similarities("pred_RTs", matrices, i, 1, told);
    const own = hypotheses && similarities(many, hypotheses, i, each, told);
    return {
      classId,
      score: scores[i],
      box: boxes && [boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]],
      alignment,
      normalizedExtents: [scales[3 * i], scales[3 * i + 1], scales[3 * i + 2]],
      hypotheses: own,
      energies: energies && { rotation: energiesOf(energies, i, 0), translation: energiesOf(energies, i, 1) },
      unusable,
    };
  });
}

const isDict = (value: PickleValue | undefined): value is Record<string, PickleValue> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;

/** The dicts of a pickle's images by their names: itself, those of a list, or GenPose's {image: {result: dict or list}}. */
function imagesOf(path: string, content: PickleValue): [name: string, image: PickleValue][] {
  const numbered = (where: string, list: PickleValue[]): [string, PickleValue][] =>
    list.map((image, i) => [list.length > 1 ? `${where}, image ${i}` : where, image]);
  if (Array.isArray(content)) return numbered(path, content);
  const keyed = isDict(content) ? Object.entries(content) : [];
  if (!keyed.some(([, entry]) => isDict(entry))) return [[path, content]];
  return keyed.flatMap(([key, entry]) => {
    const where = `${path}, ${key}`;
    assertInput(isDict(entry) && entry.result !== undefined, `${where}: expected a dict with a result; ${cure}`);
    return numbered(where, Array.isArray(entry.result) ? entry.result : [entry.result]);
  });
}

/**
 * The images of a result pickle: a dict, a list of dicts, or a dict by image whose entries hold such under "result"
 * (GenPose's results_with_energy.pkl). Of each the entries of `readNocsLabels`, and pred_class_ids (N), pred_scores (N),
 * pred_RTs (N × 4 × 4), pred_scales (N × 3), optionally pred_bboxes (N × 4), and of GenPose
 * multi_hypothesis_pred_RTs (N × K × 4 × 4) and energy (N × K × 2).
 *
 * @throws InputError naming the file and the entry that is missing or of another shape, and as `readPickle`
 */
export const readNocsResults = (path: string): NocsResult[] =>
  imagesOf(path, readPickle(path)).map(([image, content]) => {
    const entries = pickleArrays(image, content, cure);
    return { image, labels: nocsLabels(image, entries), predictions: predictionsOf(image, entries) };
  });
