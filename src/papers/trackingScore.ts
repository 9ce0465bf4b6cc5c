/**
 * @file How well, and how fast, an object was tracked.
 */
import { symmetryOf } from "../geometry/symmetry";
import { meanOfNumbers, medianOfNumbers } from "../metrics/averages";
import { orientedIou3d } from "../metrics/iou3d";
import { accuracyAt, type PoseError, poseError } from "../metrics/poseError";
import { thresholds } from "./evaluation";
import type { TrackedFrame } from "./trackPoses";

/** What the tracking tables of 6-PACK, CAPTRA and GenPose report, and Table 2 (right) of paper A. */
export interface TrackingScore {
  /** Frames in which the object could be seen; the others are not judged. */
  frames: number;
  /** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm. */
  accuracy: number[];
  meanDeg: number;
  meanCm: number;
  /** Mean 3-D IoU in percent, exact, of boxes of the true size. */
  meanIou: number;
  /** Of the median frame, from the cloud to the pose. */
  framesPerSecond: number;
  /** Mean number of score calls. */
  nfe: number;
  /** Times that it was looked for from scratch. */
  restarts: number;
}

/** Error of a tracked frame. @returns undefined for a hidden frame, and one without truth or answer */
export function frameError({ sample, pose, status }: TrackedFrame): PoseError | undefined {
  if (status === "hidden" || !pose || !sample.pose) return undefined;
  return poseError(pose, sample.pose, symmetryOf(sample.category, sample.handleVisible));
}

/** Scores over frames, of one sequence or of many. @throws InputError if there is no frame that can be judged */
export function trackingScore(tracked: readonly TrackedFrame[]): TrackingScore {
  const judged = tracked.flatMap((frame) => {
    const error = frameError(frame);
    return error ? [{ frame, error }] : [];
  });
  const errors = judged.map(({ error }) => error);
  const accuracy = thresholds.map(([deg, cm]) => 100 * accuracyAt(errors, deg, cm));
  const ious = judged.flatMap(({ frame: { sample, pose } }) => {
    const { pose: truth, size } = sample;
    if (!pose || !truth || !size) return [];
    const symmetric = symmetryOf(sample.category, sample.handleVisible) === "aboutY";
    return [orientedIou3d({ ...pose, size }, { ...truth, size }, symmetric)];
  });
  return {
    frames: judged.length,
    accuracy,
    meanDeg: meanOfNumbers(errors.map((e) => e.errorDeg)),
    meanCm: meanOfNumbers(errors.map((e) => e.errorCm)),
    meanIou: 100 * meanOfNumbers(ious),
    framesPerSecond: 1000 / medianOfNumbers(judged.map(({ frame }) => frame.ms)),
    nfe: meanOfNumbers(judged.map(({ frame }) => frame.nfe)),
    restarts: judged.filter(({ frame }, i) => frame.status === "found" && i > 0).length,
  };
}
