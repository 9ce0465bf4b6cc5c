/**
 * @file A figure is data: Plotly's traces and layout, nothing drawn yet. Figures compose, compare and are tested as values.
 */
import { baseLayout } from "./template";

/** One of Plotly's traces. */
export type Trace = Readonly<Record<string, unknown>>;

/** One picture of an animation: the traces `traces` (by index) get the properties in `data`, the layout those in `layout`. */
export interface FigureFrame {
  name: string;
  data: readonly Trace[];
  traces: readonly number[];
  layout?: Readonly<Record<string, unknown>>;
}

/** What Plotly needs to draw. */
export interface Figure {
  data: readonly Trace[];
  layout: Readonly<Record<string, unknown>>;
  frames?: readonly FigureFrame[];
}

/** A figure in the house's look; `layout` is laid over it. */
export const figure = (
  data: readonly Trace[],
  title: string,
  layout: Readonly<Record<string, unknown>> = {},
): Figure => ({ data, layout: { ...baseLayout, title: { text: title, x: 0.02, xanchor: "left" }, ...layout } });

/** The title of a figure, for lists and for readers without pictures. */
export function figureTitle(fig: Figure): string {
  const title = fig.layout.title as { text?: unknown } | string | undefined;
  const text = typeof title === "string" ? title : title?.text;
  return typeof text === "string" && text !== "" ? text : "figure";
}
