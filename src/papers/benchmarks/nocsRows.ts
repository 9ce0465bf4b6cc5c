/**
 * @file What NOCS's pickles say of an image, as rows of an evaluation.
 */
import { assertFinite, assertInput, assertRotation, unlessRefused } from "../../check";
import type { NocsLabel } from "../../datasets/nocsLabels";
import type { NocsPrediction, NocsResult } from "../../datasets/nocsResults";
import type { Pose } from "../../geometry/pose";
import type { Similarity } from "../../geometry/similarity";
import { categories } from "../../geometry/symmetry";
import { scale, type Vector3 } from "../../geometry/vector";
import type { PixelBox } from "../../metrics/pixelBoxIou";
import type { JudgedPrediction, PoseImage, TrueObjectRow } from "./poseRows";

function categoryOf(where: string, classId: number, known: readonly string[]): string {
  const category = known[classId - 1];
  assertInput(category, `${where}: class ${classId} is not one of 1 to ${known.length}; take files of this data set`);
  return category;
}

const pixelBox = ([y1, x1, y2, x2]: readonly [number, number, number, number]): PixelBox => [x1, y1, x2, y2];

function poseOf(where: string, { rotation, translation }: Similarity): Pose {
  assertRotation(where, rotation, 1e-3);
  return { rotation, translation };
}

function metres(where: string, extents: Vector3, { scale: factor }: Similarity): Vector3 {
  const size = scale(extents, factor);
  assertInput(
    size.every((extent) => extent > 0 && extent < Infinity),
    `${where}: its extents are ${size.join(" × ")}; every one must be positive`,
  );
  return size;
}

/**
 * The true objects of an image; undefined where a label tells no extents.
 *
 * @param known the categories by class, from class 1 on
 * @throws InputError naming image and object for a class that is not known, or what is no pose or size
 */
export function truthRows(
  image: string,
  labels: readonly NocsLabel[],
  known: readonly string[] = categories,
): TrueObjectRow[] | undefined {
  const rows = labels.map(({ classId, alignment, normalizedExtents, handleVisible, box }, i) => {
    const where = `${image}, true object ${i}`;
    const category = categoryOf(where, classId, known);
    return (
      normalizedExtents && {
        object: `${image}!${i}`,
        category,
        pose: poseOf(where, alignment),
        size: metres(where, normalizedExtents, alignment),
        handleVisible: category === "mug" ? (handleVisible ?? true) : true,
        pixelBox: pixelBox(box),
      }
    );
  });
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

function judgedRow(where: string, prediction: NocsPrediction, known: readonly string[]): JudgedPrediction {
  const { classId, score, box, alignment, normalizedExtents, hypotheses, energies } = prediction;
  assertFinite(`${where}, score`, [score]);
  let { unusable } = prediction;
  const unless = <T>(make: () => T): T | undefined =>
    unlessRefused(make, (why) => {
      unusable ??= why;
    });
  const pose = (one: Similarity | undefined): Pose | undefined => one && unless(() => poseOf(where, one));
  const judged = {
    category: categoryOf(where, classId, known),
    score,
    pose: pose(alignment),
    size: alignment && unless(() => metres(where, normalizedExtents, alignment)),
    pixelBox: box && pixelBox(box),
    hypotheses: hypotheses?.map(pose),
    energies,
  };
  return { ...judged, unusable };
}

/**
 * An image of a result pickle. A prediction that is no pose or size is kept, and says why.
 *
 * @throws InputError as `truthRows`, and for predictions of a class that is not known or without a score
 */
export function resultImage(
  { image, labels, predictions }: NocsResult,
  known: readonly string[] = categories,
): PoseImage {
  return {
    image,
    truths: truthRows(image, labels, known) ?? [],
    predictions: predictions.map((prediction, i) => judgedRow(`${image}, prediction ${i}`, prediction, known)),
  };
}
