/**
 * @file Tables S1–S3 of paper A's supplement, as printed. REAL275; percent of poses within n° m cm.
 */

/** mAP at n° m cm as printed; undefined where the paper leaves it out. */
export interface ReportedAccuracy {
  method: string;
  place: string;
  at5deg2cm: number;
  at5deg5cm?: number;
  at10deg2cm: number;
  at10deg5cm?: number;
}

/** A row of Table S1. */
export interface ReportedSteps extends ReportedAccuracy {
  steps: number;
  framesPerSecond: number;
  millionParameters: number;
}

const steps = (
  method: string,
  steps: number,
  framesPerSecond: number,
  at5deg2cm: number,
  at10deg2cm: number,
  millionParameters: number = 2.2,
): ReportedSteps => ({
  method,
  place: "Table S1",
  steps,
  framesPerSecond,
  at5deg2cm,
  at10deg2cm,
  millionParameters,
});

/** DDIM at several numbers of steps, K = 1, and methods of one forward pass (Table S1). */
export const reportedSteps: readonly ReportedSteps[] = [
  steps("DDIM 500, K = 1", 500, 2.7, 15.9, 23.6),
  steps("DDIM 500 + score scaling, K = 1", 500, 2.7, 52.7, 72.7),
  steps("DDIM 200 + score scaling, K = 1", 200, 6.81, 52.7, 72.8),
  steps("DDIM 100 + score scaling, K = 1", 100, 14.1, 52.6, 72.7),
  steps("DDIM 50 + score scaling, K = 1", 50, 25.4, 52.4, 72.6),
  steps("DDIM 10 + score scaling, K = 1", 10, 42.9, 50.8, 71.3),
  steps("HS-Pose", 1, 50, 46.5, 68.6, 6.1),
  steps("Query6DoF", 1, 34.9, 49.0, 68.7, 19.4),
];

/** Score scaling schedules, K = 1 (Table S2). */
export const reportedScalings: readonly Required<ReportedAccuracy>[] = [
  { method: "constant", place: "Table S2", at5deg2cm: 52.7, at5deg5cm: 61.2, at10deg2cm: 73.2, at10deg5cm: 84.5 },
  { method: "linear", place: "Table S2", at5deg2cm: 52.7, at5deg5cm: 61.1, at10deg2cm: 73.2, at10deg5cm: 84.4 },
  { method: "exponential", place: "Table S2", at5deg2cm: 52.6, at5deg5cm: 61.0, at10deg2cm: 73.4, at10deg5cm: 84.5 },
];

/** 5°2cm, 5°5cm, 10°2cm, 10°5cm. */
export type FourAccuracies = readonly [number, number, number, number];

/** Accuracy on a category when training saw it, and when it was left out (Table S3). */
export interface ReportedCrossCategory {
  category: "bowl" | "bottle";
  method: "SAR-Net" | "GenPose" | "paper A";
  place: string;
  seen: FourAccuracies;
  unseen: FourAccuracies;
}

const cross = (
  category: ReportedCrossCategory["category"],
  method: ReportedCrossCategory["method"],
  seen: FourAccuracies,
  unseen: FourAccuracies,
): ReportedCrossCategory => ({ category, method, place: "Table S3", seen, unseen });

/** Left and right of the slash in Table S3. */
export const reportedCrossCategory: readonly ReportedCrossCategory[] = [
  cross("bowl", "SAR-Net", [58.1, 66.0, 83.7, 93.6], [36.4, 47.3, 59.4, 81.5]),
  cross("bowl", "GenPose", [85.4, 92.6, 93.1, 100.0], [64.5, 72.5, 87.2, 98.6]),
  cross("bowl", "paper A", [87.4, 93.4, 93.9, 100.0], [65.7, 72.3, 88.4, 99.1]),
  cross("bottle", "SAR-Net", [43.5, 54.0, 61.3, 79.8], [11.7, 23.0, 33.6, 68.0]),
  cross("bottle", "GenPose", [52.6, 60.9, 81.4, 92.7], [39.0, 53.2, 73.6, 94.6]),
  cross("bottle", "paper A", [54.8, 65.4, 81.3, 93.4], [42.1, 57.0, 74.4, 93.1]),
];
