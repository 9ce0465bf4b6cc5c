/**
 * @file Histograms, counted here so that the figure holds the counts, not the samples.
 */
import { assertFinite, assertInput } from "../check";
import { type Figure, figure } from "./figure";
import { roundNumbers } from "./roundNumbers";
import { plotAxis } from "./template";

/** One set of samples. */
export interface SampleSet {
  name: string;
  values: ArrayLike<number>;
}

/** Bins and titles. */
export interface PlotHistogramOptions {
  title?: string;
  /** What the values are, with their unit. */
  x?: string;
  bins?: number;
  /** Ends of the first and of the last bin; the range of the values if left out. */
  range?: readonly [number, number];
}

const defaults = { title: "", x: "value", bins: 36 } satisfies PlotHistogramOptions;

/**
 * Share of the samples in each bin, for one or more sets side by side over the same bins. Values outside `range` count
 * in the total but in no bin.
 *
 * @throws InputError if a set is empty or has a value that is not finite, or the bins are no positive integer
 */
export function plotHistogram(sets: SampleSet | readonly SampleSet[], options: PlotHistogramOptions = {}): Figure {
  const { title, x, bins, range } = { ...defaults, ...options };
  const list = Array.isArray(sets) ? (sets as readonly SampleSet[]) : [sets as SampleSet];
  assertInput(
    list.length > 0 && list.every((set) => set.values.length > 0),
    "plotHistogram: got no values; pass { name, values } with at least one",
  );
  assertInput(Number.isInteger(bins) && bins > 0, `plotHistogram: bins is ${bins}; pass a positive integer`);
  for (const set of list) assertFinite(`plotHistogram ${set.name}`, set.values);
  const [low, high] = range ?? rangeOf(list);
  const width = (high - low) / bins;
  assertInput(
    width > 0,
    `plotHistogram: the range [${low}, ${high}] is empty; pass range: [low, high] with low < high`,
  );
  const centres = Array.from({ length: bins }, (_, i) => low + (i + 0.5) * width);
  const traces = list.map((set) => ({
    type: "bar",
    name: set.name,
    x: roundNumbers(centres, 5),
    y: roundNumbers(shares(set.values, low, width, bins)),
    opacity: list.length > 1 ? 0.65 : 1,
    marker: { line: { width: 0 } },
  }));
  return figure(traces, title, {
    xaxis: plotAxis(x, { range: [low, high] }),
    yaxis: plotAxis("share of samples"),
    barmode: "overlay",
    bargap: 0.04,
    showlegend: list.length > 1,
  });
}

function rangeOf(sets: readonly SampleSet[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values } of sets)
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i] as number);
      high = Math.max(high, values[i] as number);
    }
  return low < high ? [low, high] : [low - 0.5, high + 0.5]; // all values alike: a bin of width one around them
}

function shares(values: ArrayLike<number>, low: number, width: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const bin = ((values[i] as number) - low) / width;
    if (bin >= 0 && bin <= bins) counts[Math.min(bins - 1, Math.floor(bin))] += 1; // the last bin owns its upper end
  }
  return counts.map((count) => count / values.length);
}
