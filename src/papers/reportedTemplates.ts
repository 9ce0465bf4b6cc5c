/**
 * @file Every number of paper C's tables, with its place, for tables that put ours beside them.
 */
export {
  type ReportedSeenUnseen,
  type ReportedTemplateMethod,
  type ReportedTless,
  reportedLinemod,
  reportedOccluded,
  reportedParameters,
  reportedTless,
} from "./reported/templateTables";
