/**
 * @file The labels that object-deformnet makes of NOCS's frames, and that later methods train on: 0000_label.pkl.
 */
import { readPickle } from "../formats/pickle";
import { type Similarity, similarityFromMatrix4 } from "../geometry/similarity";
import type { Vector3 } from "../geometry/vector";
import type { NocsLabel } from "./nocsLabels";
import { type PickleArrays, pickleArrays } from "./pickleArrays";

/**
 * The objects of a label file: class_ids (N), bboxes (N × 4: y1, x1, y2, x2), instance_ids (N), model_list (N names),
 * rotations (N × 3 × 3), translations (N × 3), scales (N), and for testing also size (N × 3), poses (N × 4 × 4) and
 * handle_visibility (N). Where there are poses they are taken, else scale · rotation | translation; scales of N × 3 are
 * extents.
 *
 * @throws InputError naming the file and the entry that is missing or of another shape, and as `readPickle`
 */
export function readDeformnetLabels(path: string): NocsLabel[] {
  const cure = "take one that object-deformnet's preprocessing wrote";
  const entries = pickleArrays(path, readPickle(path), cure);
  const { has } = entries;
  const classIds = entries.numbers("class_ids");
  if (classIds.length === 0) return [];
  const of = entries.rows("class_ids", classIds.length);
  const boxes = of("bboxes", 4);
  const instanceIds = of("instance_ids");
  const extentsKey = has("size") ? "size" : entries.shape("scales").length === 2 ? "scales" : undefined;
  const extents = extentsKey && of(extentsKey, 3);
  const visibility = has("handle_visibility") ? of("handle_visibility") : undefined;
  const models = entries.texts("model_list");
  const three = (values: Float64Array, i: number): Vector3 => [values[3 * i], values[3 * i + 1], values[3 * i + 2]];

  const matrices = has("poses") ? of("poses", 4, 4) : matricesOf(of);
  const alignment = (i: number): Similarity =>
    similarityFromMatrix4(matrices.subarray(16 * i, 16 * i + 16), `${path}, object ${i}`);
  return Array.from(classIds, (classId, i) => ({
    classId,
    instanceId: instanceIds[i],
    box: [boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]],
    alignment: alignment(i),
    normalizedExtents: extents && three(extents, i),
    handleVisible: visibility ? visibility[i] !== 0 : undefined,
    modelPath: models[i] || undefined,
  }));
}

/** [s·R | t; 0 0 0 1] of each object. */
function matricesOf(of: ReturnType<PickleArrays["rows"]>): Float64Array {
  const [scales, rotations, translations] = [of("scales"), of("rotations", 3, 3), of("translations", 3)];
  return Float64Array.from(
    Array.from(scales, (s, i) => {
      const row = (k: number): number[] => [
        ...Array.from(rotations.subarray(9 * i + 3 * k, 9 * i + 3 * k + 3), (x) => s * x),
        translations[3 * i + k],
      ];
      return [...row(0), ...row(1), ...row(2), 0, 0, 0, 1];
    }).flat(),
  );
}
