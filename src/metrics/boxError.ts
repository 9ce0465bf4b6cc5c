/**
 * @file How far pose and size are from the truth, and how often they are near enough (paper B, section 4.2).
 */
import { assertInput } from "../check";
import type { OrientedBox } from "../geometry/box";
import type { NocsCategory } from "../geometry/symmetry";
import { symmetricAboutY, symmetryOf } from "../geometry/symmetry";
import { norm, subtract } from "../geometry/vector";
import { orientedIou3d, publishedNocsIou3d } from "./iou3d";
import { type PoseError, poseError } from "./poseError";

/** An object whose pose and size are known. */
export interface BoxTruth {
  category: NocsCategory;
  box: OrientedBox;
  /** Only asked for mugs: with its handle hidden a mug is symmetric. True where left out. */
  handleVisible?: boolean;
}

/** Errors of one answer. */
export interface BoxError extends PoseError {
  /** |‖t‖ − ‖t*‖|, cm: what the unknown scale does. */
  distanceCm: number;
  /** The angle between the rays to the centres, as centimetres at the true distance. */
  bearingCm: number;
  /** IoU of the boxes, exact (`orientedIou3d`). */
  iou: number;
  /** What NOCS publishes under that name (`publishedNocsIou3d`). */
  publishedIou: number;
}

/** All errors of an answer. @throws InputError for a box that is not finite or has an extent that is not positive */
export function boxError(predicted: OrientedBox, { category, box, handleVisible = true }: BoxTruth): BoxError {
  const symmetric = symmetricAboutY(category, handleVisible);
  const [found, distance] = [norm(predicted.translation), norm(box.translation)];
  const chord = subtract(
    predicted.translation.map((x) => x / found) as unknown as OrientedBox["translation"],
    box.translation.map((x) => x / distance) as unknown as OrientedBox["translation"],
  );
  return {
    ...poseError(predicted, box, symmetryOf(category, handleVisible)),
    distanceCm: 100 * Math.abs(found - distance),
    bearingCm: 200 * distance * Math.asin(Math.min(1, norm(chord) / 2)),
    iou: orientedIou3d(predicted, box, symmetric),
    publishedIou: publishedNocsIou3d(predicted, box, symmetric),
  };
}

/** Percent of answers; the columns of paper B's tables, and the right IoU beside the published. */
export interface BoxAccuracy {
  at10deg: number;
  at10cm: number;
  at10deg10cm: number;
  at10deg5cm: number;
  at5deg5cm: number;
  iou50: number;
  iou75: number;
  publishedIou50: number;
  publishedIou75: number;
}

const near: Readonly<Record<keyof BoxAccuracy, (error: BoxError) => boolean>> = {
  at10deg: (e) => e.errorDeg <= 10,
  at10cm: (e) => e.errorCm <= 10,
  at10deg10cm: (e) => e.errorDeg <= 10 && e.errorCm <= 10,
  at10deg5cm: (e) => e.errorDeg <= 10 && e.errorCm <= 5,
  at5deg5cm: (e) => e.errorDeg <= 5 && e.errorCm <= 5,
  iou50: (e) => e.iou > 0.5,
  iou75: (e) => e.iou > 0.75,
  publishedIou50: (e) => e.publishedIou > 0.5,
  publishedIou75: (e) => e.publishedIou > 0.75,
};

/** Names of `BoxAccuracy`. */
export const boxAccuracyColumns = Object.keys(near) as readonly (keyof BoxAccuracy)[];

/**
 * Percent of the answers within n° and m cm (≤) or with an IoU above (>) a threshold, as the NOCS evaluation compares.
 * One answer per known object, without scores; the mAP of detections is `nocsMap`.
 *
 * @throws InputError for no error
 */
export function boxAccuracy(errors: readonly BoxError[]): BoxAccuracy {
  assertInput(errors.length > 0, "boxAccuracy: got no errors; evaluate at least one answer");
  const percent = (column: keyof BoxAccuracy): number =>
    (100 * errors.filter((error) => near[column](error)).length) / errors.length;
  return Object.fromEntries(boxAccuracyColumns.map((column) => [column, percent(column)])) as unknown as BoxAccuracy;
}
