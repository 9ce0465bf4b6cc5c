/**
 * @file Numbers that paper A prints, with their place, for tables that put ours beside them. REAL275 unless it says
 * otherwise; percent.
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

/** Single-frame pose estimation with and without score scaling (Tables 2 and S1). */
export const reportedSingleFrame: readonly ReportedAccuracy[] = [
  { method: "GenPose, K = 1", place: "Table 2", at5deg2cm: 13.5, at10deg2cm: 21.5 },
  { method: "GenPose, K = 50, no ranker", place: "Table 2", at5deg2cm: 49.4, at10deg2cm: 68.5 },
  { method: "GenPose, K = 50, ranker", place: "Table 2", at5deg2cm: 52.1, at10deg2cm: 72.4 },
  { method: "joint, K = 50", place: "Table 2", at5deg2cm: 50.8, at10deg2cm: 69.7 },
  { method: "joint + score scaling, K = 1", place: "Table 2", at5deg2cm: 52.6, at10deg2cm: 73.4 },
  { method: "DDIM 500, K = 1", place: "Table S1", at5deg2cm: 15.9, at10deg2cm: 23.6 },
  { method: "DDIM 500 + score scaling, K = 1", place: "Table S1", at5deg2cm: 52.7, at10deg2cm: 72.7 },
  { method: "DDIM 10 + score scaling, K = 1", place: "Table S1", at5deg2cm: 50.8, at10deg2cm: 71.3 },
];

/** Score scaling schedules, K = 1 (Table S2). */
export const reportedScalings: readonly ReportedAccuracy[] = [
  { method: "constant", place: "Table S2", at5deg2cm: 52.7, at5deg5cm: 61.2, at10deg2cm: 73.2, at10deg5cm: 84.5 },
  { method: "linear", place: "Table S2", at5deg2cm: 52.7, at5deg5cm: 61.1, at10deg2cm: 73.2, at10deg5cm: 84.4 },
  { method: "exponential", place: "Table S2", at5deg2cm: 52.6, at5deg5cm: 61.0, at10deg2cm: 73.4, at10deg5cm: 84.5 },
];
