/**
 * @file Tables 1–4 of paper A, as printed. Percent of poses within n° m cm unless it says otherwise.
 */

/** Days of training on NOCS, one RTX 4090 (Table 1). */
export const reportedTrainingTime: readonly { method: string; place: string; days: number }[] = [
  { method: "from scratch", place: "Table 1", days: 11 },
  { method: "joint, full convergence", place: "Table 1", days: 7.5 },
  { method: "joint, to the best of from scratch at 10°5cm", place: "Table 1", days: 0.5 },
];

/** Accuracy and speed of one way of inference. */
export interface ReportedInference {
  at5deg2cm: number;
  at10deg2cm: number;
  framesPerSecond: number;
}

/** A row of Table 2 (REAL275): left and right of the slash. */
export interface ReportedHypotheses {
  method: string;
  place: string;
  /** K */
  hypotheses: number;
  ranker: boolean;
  singleFrame: ReportedInference;
  tracking: ReportedInference;
  millionParameters: number;
}

type Triple = readonly [at5deg2cm: number, at10deg2cm: number, framesPerSecond: number];

const inference = ([at5deg2cm, at10deg2cm, framesPerSecond]: Triple): ReportedInference => ({
  at5deg2cm,
  at10deg2cm,
  framesPerSecond,
});

const row = (
  method: string,
  hypotheses: number,
  ranker: boolean,
  singleFrame: Triple,
  tracking: Triple,
  millionParameters: number,
): ReportedHypotheses => ({
  method,
  place: "Table 2",
  hypotheses,
  ranker,
  singleFrame: inference(singleFrame),
  tracking: inference(tracking),
  millionParameters,
});

/** One hypothesis against many, single frame and tracking (Table 2, REAL275). */
export const reportedHypotheses: readonly ReportedHypotheses[] = [
  row("GenPose, K = 1", 1, false, [13.5, 21.5, 8.25], [29.7, 40.4, 36.8], 2.2),
  row("GenPose, K = 20, no ranker", 20, false, [47.9, 66.6, 7.67], [59.0, 70.6, 31.8], 2.2),
  row("GenPose, K = 50, no ranker", 50, false, [49.4, 68.5, 6.97], [60.9, 78.2, 25.7], 2.2),
  row("GenPose, K = 20, ranker", 20, true, [50.8, 71.3, 7.04], [62.8, 80.3, 27.2], 4.4),
  row("GenPose, K = 50, ranker", 50, true, [52.1, 72.4, 6.2], [63.5, 81.4, 20.6], 4.4),
  row("joint, K = 50", 50, false, [50.8, 69.7, 7.03], [61.6, 79.5, 25.6], 2.2),
  row("score scaling, K = 1", 1, false, [52.2, 72.2, 8.21], [63.1, 81.6, 36.1], 2.2),
  row("joint + score scaling, K = 1", 1, false, [52.6, 73.4, 8.23], [64.6, 82.2, 36.4], 2.2),
];

/** A method among others (Tables 3 and 4); undefined where the paper prints a dash. */
export interface ReportedComparison {
  method: string;
  place: string;
  input: "RGB-D" | "D";
  /** Uses a shape prior. */
  prior: boolean;
  /** K */
  hypotheses: number;
  at5deg2cm?: number;
  at10deg2cm?: number;
  millionParameters?: number;
}

type Row = readonly [
  method: string,
  input: "RGB-D" | "D",
  prior: boolean,
  hypotheses: number,
  at5deg2cm: number | undefined,
  at10deg2cm: number | undefined,
  millionParameters: number | undefined,
];

const comparison = (place: string, rows: readonly Row[]): readonly ReportedComparison[] =>
  rows.map(([method, input, prior, hypotheses, at5deg2cm, at10deg2cm, millionParameters]) => ({
    method,
    place,
    input,
    prior,
    hypotheses,
    at5deg2cm,
    at10deg2cm,
    millionParameters,
  }));

/** REAL275 (Table 3a). "joint, K = 50" has 4.4 M parameters here and 2.2 M in Table 2, as printed. */
export const reportedReal275: readonly ReportedComparison[] = comparison("Table 3a", [
  ["NOCS", "RGB-D", false, 1, 7.2, 13.8, undefined],
  ["DualPoseNet", "RGB-D", false, 1, 29.3, 50.0, 67.9],
  ["VI-Net", "RGB-D", false, 1, 50.0, 70.8, 27.3],
  ["AG-Pose", "RGB-D", false, 1, 54.7, 74.7, 207.6],
  ["SPD", "RGB-D", true, 1, 19.3, 43.2, 18.3],
  ["CR-Net", "RGB-D", true, 1, 27.8, 47.2, undefined],
  ["SecondPose", "RGB-D", true, 1, 56.2, 74.7, 33.6],
  ["GPV-Pose", "D", false, 1, 32.0, 50.0, undefined],
  ["SSP-Pose", "D", true, 1, 34.7, undefined, undefined],
  ["RBP-Pose", "D", true, 1, 38.2, 63.1, undefined],
  ["HS-Pose", "D", false, 1, 46.5, 68.6, 6.1],
  ["GenPose, K = 50", "D", false, 50, 52.1, 72.4, 2.2],
  ["GenPose, K = 1", "D", false, 1, 13.5, 21.5, 2.2],
  ["score scaling, K = 1", "D", false, 1, 52.2, 72.2, 2.2],
  ["joint, K = 50", "D", false, 50, 50.8, 69.7, 4.4],
  ["joint + score scaling, K = 1", "D", false, 1, 52.6, 73.4, 2.2],
]);

/** CAMERA25 (Table 3b). */
export const reportedCamera25: readonly ReportedComparison[] = comparison("Table 3b", [
  ["NOCS", "RGB-D", false, 1, 32.3, 48.2, undefined],
  ["DualPoseNet", "RGB-D", false, 1, 64.7, 77.2, 67.9],
  ["VI-Net", "RGB-D", false, 1, 74.1, 79.3, 27.3],
  ["AG-Pose", "RGB-D", false, 1, 77.8, 85.5, 207.6],
  ["SPD", "RGB-D", true, 1, 54.3, 73.3, 18.3],
  ["CR-Net", "RGB-D", true, 1, 72.0, 81.0, undefined],
  ["GPV-Pose", "D", false, 1, 72.1, undefined, undefined],
  ["SSP-Pose", "D", true, 1, 64.7, undefined, undefined],
  ["RBP-Pose", "D", true, 1, 73.5, 82.1, undefined],
  ["HS-Pose", "D", false, 1, 73.3, 80.4, 6.1],
  ["GenPose, K = 50", "D", false, 50, 79.9, 84.6, 2.2],
  ["GenPose, K = 1", "D", false, 1, 32.8, 35.9, 2.2],
  ["score scaling, K = 1", "D", false, 1, 80.0, 84.8, 2.2],
  ["joint, K = 50", "D", false, 50, 78.7, 84.2, 4.4],
  ["joint + score scaling, K = 1", "D", false, 1, 80.4, 85.1, 2.2],
]);

/** HouseCat6D (Table 4, upper half). */
export const reportedHouseCat6d: readonly ReportedComparison[] = comparison("Table 4, HouseCat6D", [
  ["VI-Net", "RGB-D", false, 1, 8.4, 20.5, 27.3],
  ["SecondPose", "RGB-D", true, 1, 11.0, 25.3, 33.6],
  ["FS-Net", "D", false, 1, 3.3, 17.1, 41.2],
  ["GPV-Pose", "D", false, 1, 3.5, 17.8, undefined],
  ["GenPose, K = 50", "D", false, 50, 8.5, 25.3, 4.4],
  ["GenPose, K = 1", "D", false, 1, 0.3, 1.7, 2.2],
  ["score scaling, K = 1", "D", false, 1, 8.9, 26.2, 2.2],
]);

/** ROPE (Table 4, lower half): not accuracy but VUS@5°2cm and VUS@10°2cm. */
export const reportedRope: readonly ReportedComparison[] = comparison("Table 4, ROPE", [
  ["SGPA", "RGB-D", true, 1, 4.3, 9.3, undefined],
  ["NOCS", "RGB-D", false, 1, 0.0, 0.0, undefined],
  ["IST-Net", "RGB-D", false, 1, 2.0, 5.3, 2.1],
  ["GenPose++, K = 50", "RGB-D", false, 50, 10.0, 19.5, 4.4],
  ["GenPose++, K = 1", "RGB-D", false, 1, 1.9, 3.9, 2.2],
  ["score scaling, K = 1", "RGB-D", false, 1, 10.9, 20.8, 2.2],
]);
