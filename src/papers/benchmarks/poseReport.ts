/**
 * @file The figures of rows of kind "poses": of a run itself, or of its files that were merged, with the same notes.
 */
import { poseImages } from "./poseRows";
import { type ProtocolOptions, protocols } from "./protocols";
import type { Report } from "./report";
import type { ReportedResults } from "./resultFile";

/**
 * @param protocol a name of `protocols`
 * @throws InputError as `poseImages` and the protocol
 */
export function poseReport(
  { rows, settings, fileOf }: ReportedResults,
  protocol: string,
  options: ProtocolOptions = {},
): Report {
  const report = protocols[protocol](poseImages(rows, fileOf), options);
  if (settings.sizes === "points" && protocol !== "genpose")
    report.notes.push(
      "this network tells no sizes: those of the boxes are the extents of the points that are seen, so IoUs are low",
    );
  return report;
}
