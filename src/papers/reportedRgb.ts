/**
 * @file Every number that paper B prints, with its place, for tables that put ours beside them.
 */
export {
  type ReportedBoxAccuracy,
  type ReportedRgbMethod,
  type ReportedRgbRow,
  type ReportedRgbTracking,
  reportedMetricDepth,
  reportedRgbAggregations,
  reportedRgbHypotheses,
  reportedRgbMethods,
  reportedRgbTracking,
} from "./reported/rgbTables";
export { reportedRgbNumbers } from "./reported/rgbTextNumbers";
