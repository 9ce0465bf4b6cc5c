/**
 * @file The ends of the learning curves of a stored experiment as rows of a table.
 */
import { meanOfNumbers } from "../../metrics/averages";
import { thresholds } from "../evaluation";
import type { ExperimentResult } from "./experiment";
import { armCurves } from "./learningCurve";
import { type PlotArmCurvesOptions, withoutFirst } from "./plotArmCurves";

/** "24.9 (23.8 … 26.0)": mean, lowest and highest; one number has no spread. */
const withSpread = (values: readonly number[]): string =>
  values.length === 1
    ? values[0].toFixed(1)
    : `${meanOfNumbers(values).toFixed(1)} (${Math.min(...values).toFixed(1)} … ${Math.max(...values).toFixed(1)})`;

/**
 * One row an arm: its seeds, the percentages at the last measurement (mean over seeds, lowest … highest), and 10°5cm
 * averaged over all measurements after the skipped steps, which is how fast the arm converged.
 */
export function armRows(
  result: Pick<ExperimentResult, "parts">,
  { head = "guided", skip = () => 0 }: Pick<PlotArmCurvesOptions, "head" | "skip"> = {},
): Record<string, string | number>[] {
  const byThreshold = thresholds.map((_, i) =>
    armCurves(result, head, i).map((arm) => withoutFirst(arm, skip(arm.name)).runs),
  );
  return armCurves(result, head).map(({ name, runs }, k) => ({
    arm: name,
    seeds: runs.length,
    ...Object.fromEntries(
      thresholds.map(([deg, cm], i) => [
        `${deg}°${cm}cm`,
        withSpread(byThreshold[i][k].map((run) => run[run.length - 1])),
      ]),
    ),
    "10°5cm on the way": withSpread(byThreshold[thresholds.length - 1][k].map(meanOfNumbers)),
  }));
}
