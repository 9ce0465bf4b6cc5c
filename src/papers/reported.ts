/**
 * @file Every number that paper A prints, with its place, for tables that put ours beside them.
 */
import { reportedHypotheses } from "./reported/mainTables";
import { type ReportedAccuracy, reportedSteps } from "./reported/supplementTables";

export {
  type ReportedComparison,
  type ReportedHypotheses,
  type ReportedInference,
  reportedCamera25,
  reportedHouseCat6d,
  reportedHypotheses,
  reportedReal275,
  reportedRope,
  reportedTrainingTime,
} from "./reported/mainTables";
export {
  type FourAccuracies,
  type ReportedAccuracy,
  type ReportedCrossCategory,
  type ReportedSteps,
  reportedCrossCategory,
  reportedScalings,
  reportedSteps,
} from "./reported/supplementTables";
export { type ReportedNumber, reportedNumbers } from "./reported/textNumbers";

/** Single-frame pose estimation on REAL275 with and without score scaling (Tables 2 and S1). */
export const reportedSingleFrame: readonly ReportedAccuracy[] = [
  ...reportedHypotheses.map(({ method, place, singleFrame }) => {
    const { at5deg2cm, at10deg2cm } = singleFrame;
    return { method, place, at5deg2cm, at10deg2cm };
  }),
  ...reportedSteps.map(({ method, place, at5deg2cm, at10deg2cm }) => ({ method, place, at5deg2cm, at10deg2cm })),
];
