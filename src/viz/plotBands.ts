/**
 * @file Curves that were measured several times: their mean, and the band that they fill.
 */
import { assertInput } from "../check";
import type { Figure, Trace } from "./figure";
import { type PlotCurvesOptions, plotCurves } from "./plotCurves";
import { roundNumbers } from "./roundNumbers";
import { colorway } from "./template";

/** One quantity, measured in several runs (seeds, hypotheses, objects) at the same x. */
export interface Band {
  name: string;
  /** Left out: 0, 1, 2, … */
  x?: ArrayLike<number>;
  /** One curve per run, all as long as x. */
  runs: readonly ArrayLike<number>[];
  /** #rrggbb; the band has a fifth of its opacity. */
  color?: string;
  dash?: "solid" | "dash" | "dot";
}

/** Titles and scales, and what line and band show. */
export interface PlotBandsOptions extends PlotCurvesOptions {
  /** The line: mean or median of the runs. */
  center?: "mean" | "median";
  /** The band: from the lowest to the highest run, or between two quantiles such as [0.1, 0.9]. */
  band?: "minmax" | readonly [number, number];
}

const defaults = { center: "mean", band: "minmax" } satisfies PlotBandsOptions;

/**
 * One line and one translucent band per quantity. Where a run has a number that is not finite it is left out; where no
 * run has one, line and band have a gap.
 *
 * @throws InputError if there is no quantity, one has no run, its runs and x differ in length, or the quantiles are not
 *   0 ≤ low < high ≤ 1
 */
export function plotBands(bands: readonly Band[], options: PlotBandsOptions = {}): Figure {
  const { center, band, ...look } = { ...defaults, ...options };
  assertInput(bands.length > 0, "plotBands: got no quantity; pass [{ name, x, runs }]");
  const [low, high] = band === "minmax" ? [0, 1] : band;
  assertInput(
    low >= 0 && low < high && high <= 1,
    `plotBands: the band runs from quantile ${low} to ${high}; pass two of 0 ≤ low < high ≤ 1`,
  );
  const colors = bands.map(({ color }, i) => color ?? colorway[i % colorway.length]);
  const parts = bands.map((quantity, i) => {
    const x = checkedAbscissa(quantity);
    const columns = Array.from(x, (_, j) => finiteSorted(quantity.runs.map((run) => run[j])));
    const y = columns.map((column) => (center === "mean" ? mean(column) : quantile(column, 0.5)));
    const edges = columns.map((column) => [quantile(column, low), quantile(column, high)] as const);
    return { curve: { ...quantity, x, y, color: colors[i] }, area: area(quantity.name, x, edges, colors[i]) };
  });
  const lines = plotCurves(
    parts.map(({ curve }) => curve),
    look,
  );
  const curves = lines.data.map((trace, i) => ({ ...trace, legendgroup: bands[i].name }));
  return { ...lines, data: [...parts.flatMap(({ area }) => area), ...curves] };
}

function checkedAbscissa({ name, x, runs }: Band): ArrayLike<number> {
  assertInput(runs.length > 0, `plotBands ${name}: got no run; pass one curve per seed`);
  const abscissa = x ?? Array.from({ length: runs[0].length }, (_, i) => i);
  runs.forEach((run, k) => {
    assertInput(
      run.length === abscissa.length,
      `plotBands ${name}: run ${k} has ${run.length} numbers, x has ${abscissa.length}; they must be as many`,
    );
  });
  return abscissa;
}

const finiteSorted = (values: readonly number[]): number[] => values.filter(Number.isFinite).sort((a, b) => a - b);

const mean = (values: readonly number[]): number =>
  values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : Number.NaN;

/** The quantile q of sorted values, linear between neighbours; NaN of none. */
function quantile(sorted: readonly number[], q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** Closed outlines between the edges, one for each stretch without a gap. */
function area(
  name: string,
  x: ArrayLike<number>,
  edges: readonly (readonly [number, number])[],
  color: string,
): Trace[] {
  const traces: Trace[] = [];
  for (let start = 0; start < edges.length; start++) {
    if (Number.isNaN(edges[start][0])) continue;
    let end = start;
    while (end < edges.length && !Number.isNaN(edges[end][0])) end++;
    const forth = Array.from({ length: end - start }, (_, i) => start + i);
    const back = [...forth].reverse();
    traces.push({
      type: "scatter",
      mode: "lines",
      name: `${name}, band`,
      x: roundNumbers([...forth, ...back].map((j) => x[j])),
      y: roundNumbers([...forth.map((j) => edges[j][0]), ...back.map((j) => edges[j][1])]),
      fill: "toself",
      fillcolor: `${color}33`, // #rrggbbaa: a fifth
      line: { width: 0 },
      hoverinfo: "skip",
      legendgroup: name,
      showlegend: false,
    });
    start = end;
  }
  return traces;
}
