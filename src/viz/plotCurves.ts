/**
 * @file Curves of one variable.
 */
import { assertInput } from "../check";
import { type Figure, figure } from "./figure";
import { roundNumbers } from "./roundNumbers";
import { plotAxis } from "./template";

/** One curve. Without `x`, the numbers 0, 1, 2, … stand for it. */
export interface Curve {
  name: string;
  x?: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Dots at the samples as well ("lines+markers"), or dots alone. */
  mode?: "lines" | "lines+markers" | "markers";
  dash?: "solid" | "dash" | "dot";
  color?: string;
}

/** Titles and scales of the axes. */
export interface PlotCurvesOptions {
  title?: string;
  /** What x is, with its unit. */
  x?: string;
  /** What y is, with its unit. */
  y?: string;
  logX?: boolean;
  logY?: boolean;
  /** Large x on the left: a diffusion runs from t = 1 down to 0. */
  reverseX?: boolean;
}

const defaults = { title: "", x: "x", y: "y", logX: false, logY: false, reverseX: false } satisfies PlotCurvesOptions;

/**
 * Curves over a common axis.
 *
 * @throws InputError if there is no curve, or if x and y of one differ in length
 */
export function plotCurves(curves: readonly Curve[], options: PlotCurvesOptions = {}): Figure {
  const { title, x, y, logX, logY, reverseX } = { ...defaults, ...options };
  assertInput(curves.length > 0, "plotCurves: got no curve; pass [{ name, x, y }]");
  const traces = curves.map((curve) => {
    const abscissa = curve.x ?? Array.from({ length: curve.y.length }, (_, i) => i);
    assertInput(
      abscissa.length === curve.y.length,
      `plotCurves ${curve.name}: x has ${abscissa.length} numbers, y has ${curve.y.length}; they must be as many`,
    );
    return {
      type: "scatter",
      mode: curve.mode ?? "lines",
      name: curve.name,
      x: roundNumbers(abscissa),
      y: roundNumbers(curve.y),
      line: { width: 2, dash: curve.dash ?? "solid", ...(curve.color ? { color: curve.color } : {}) },
      marker: { size: 6, ...(curve.color ? { color: curve.color } : {}) },
    };
  });
  return figure(traces, title, {
    xaxis: plotAxis(x, { ...scaleOf(logX), ...(reverseX ? { autorange: "reversed" } : {}) }),
    yaxis: plotAxis(y, scaleOf(logY)),
    showlegend: curves.length > 1,
  });
}

/** Powers of ten on a logarithmic axis: prefixes such as µ and n read like units. */
const scaleOf = (log: boolean): Record<string, unknown> =>
  log ? { type: "log", exponentformat: "power" } : { type: "linear" };
