/**
 * @file What a report must say of the images that it was made of, whatever the protocol.
 */
import { assertInput } from "../../check";
import type { JudgedPrediction, PoseImage } from "./poseRows";

/**
 * Notes on truths that are no ground truth, and on predictions that are no pose or size.
 *
 * @param isNone whether a protocol finds nothing to judge in a prediction
 * @throws InputError if all predictions are none: then the files are of another form, and figures would be zeros
 */
export function imageNotes(images: readonly PoseImage[], isNone: (prediction: JudgedPrediction) => boolean): string[] {
  const predictions = images.flatMap((image) => image.predictions);
  const none = predictions.filter(isNone);
  const why = none[0]?.unusable ?? "";
  assertInput(
    none.length === 0 || predictions.some(({ pose, hypotheses = [] }) => [pose, ...hypotheses].some((one) => one)),
    `${why}; and of all ${predictions.length} predictions none is a pose, so there is nothing to judge`,
  );
  const fitted = images.filter(({ truths }) => truths.some((truth) => truth.fitted)).length;
  return [
    ...(none.length > 0
      ? [
          `predictions that are no pose, or a box without a size: ${none.length} of ${predictions.length}; they count as wrong, the one is never within a threshold, the other overlaps nothing (the first: ${why})`,
        ]
      : []),
    ...(fitted > 0
      ? [
          `${fitted} of ${images.length} images have no ground truth in gts/ or a _label.pkl: what is true was fitted to their coord and depth, so these are not the data set's published figures`,
        ]
      : []),
  ];
}
