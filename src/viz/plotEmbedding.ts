/**
 * @file Points of the plane that stand for objects, coloured by what the objects are.
 */
import { assertFinite, assertInput } from "../check";
import { type Figure, figure, type Trace } from "./figure";
import { roundNumbers } from "./roundNumbers";
import { colorscale, colorway, plotAxis, rollColorscale } from "./template";

/** What the points are coloured by, and titles. */
export interface PlotEmbeddingOptions {
  title?: string;
  /** A name for each point: one colour and one form a name. */
  labels?: readonly string[];
  /** Instead of names: a number for each point, on the colour scale. */
  values?: ArrayLike<number>;
  /** What `values` are, with their unit. */
  valueTitle?: string;
  /** `values` are angles in degrees: −180 and 180 get the same colour. */
  cyclic?: boolean;
}

const symbols = ["circle", "square", "diamond", "cross", "triangle-up", "x", "star"];

/**
 * A map of N points, such as `umapEmbedding`'s. Its axes have no unit and no meaning of their own.
 *
 * @param points N × 2
 * @throws InputError if there is no point, or not one label or value a point
 */
export function plotEmbedding(points: ArrayLike<number>, options: PlotEmbeddingOptions = {}): Figure {
  const { title = "", labels, values, valueTitle = "value", cyclic = false } = options;
  const count = points.length / 2;
  assertInput(
    Number.isInteger(count) && count > 0,
    `plotEmbedding: got ${points.length} numbers; pass x and y of each point`,
  );
  assertFinite("plotEmbedding", points);
  for (const [name, list] of Object.entries({ labels, values }))
    assertInput(
      list === undefined || list.length === count,
      `plotEmbedding: ${count} points but ${list?.length} ${name}; pass one for each point`,
    );
  const all = Array.from({ length: count }, (_, i) => i);
  const scatter = (name: string, rows: readonly number[], marker: Trace): Trace => ({
    type: "scatter",
    mode: "markers",
    name,
    x: roundNumbers(rows.map((i) => points[2 * i])),
    y: roundNumbers(rows.map((i) => points[2 * i + 1])),
    marker: { size: 7, line: { width: 0 }, opacity: 0.85, ...marker },
  });
  const names = [...new Set(labels ?? ["objects"])];
  const traces = values
    ? [
        scatter(valueTitle, all, {
          color: roundNumbers(values),
          colorscale: cyclic ? rollColorscale : colorscale,
          ...(cyclic ? { cmin: -180, cmax: 180 } : {}),
          colorbar: { title: { text: valueTitle }, thickness: 14 },
        }),
      ]
    : names.map((name, k) =>
        scatter(name, labels ? all.filter((i) => labels[i] === name) : all, {
          color: colorway[k % colorway.length],
          symbol: symbols[k % symbols.length],
        }),
      );
  const bare = { showticklabels: false, ticks: "", zeroline: false };
  return figure(traces, title, {
    xaxis: plotAxis("", bare),
    yaxis: plotAxis("", { ...bare, scaleanchor: "x" }),
    showlegend: !values && names.length > 1,
  });
}
