/**
 * @file The picture of a figure for readers without a kernel and without scripts.
 */
import { assertInput } from "../check";
import type { Figure } from "./figure";
import { plotlySvg } from "./plotlySvg";
import { projectedSvg } from "./projectedSvg";

const spatial = new Set(["scatter3d", "mesh3d"]);
const flat = new Set(["scatter", "bar", "histogram", "heatmap", "contour", "box", "violin"]);

/**
 * `figure` as SVG: 3-D figures by `projectedSvg`, 2-D figures by `plotlySvg`.
 *
 * @throws InputError for a kind of trace that neither can draw, or a mixture of 2-D and 3-D
 */
export function staticSvg(figure: Figure): string {
  const kinds = figure.data.map((trace) => String(trace.type ?? "scatter"));
  if (kinds.length > 0 && kinds.every((kind) => spatial.has(kind))) return projectedSvg(figure);
  const foreign = kinds.find((kind) => !flat.has(kind));
  assertInput(
    foreign === undefined,
    `staticSvg: can't draw a trace of type ${foreign} here; use ${[...flat].join(", ")} or, alone, ${[...spatial].join(" and ")}`,
  );
  return plotlySvg(figure);
}
