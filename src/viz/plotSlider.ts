/**
 * @file Figures as the pictures of one animation, with a slider and a play button that need no kernel.
 */
import { assertInput } from "../check";
import type { Figure, Trace } from "./figure";

/** One picture and what the slider calls it. */
export interface Step {
  label: string;
  figure: Figure;
}

/** How the animation looks. */
export interface PlotSliderOptions {
  /** What the slider changes: "t = " before each label. */
  prefix?: string;
  /** Milliseconds for each picture when played. */
  milliseconds?: number;
  /** The picture shown at rest, also on paper. */
  start?: "first" | "last";
}

const defaults = { prefix: "", milliseconds: 120, start: "last" } satisfies PlotSliderOptions;

/** Pixels that the controls add to the height and to the lower margin. */
export const sliderRoom = { height: 70, margin: 90 } as const;

/**
 * One figure of many: a slider over `steps`. Traces that are the same in every step are stored once; of the layouts,
 * pictures and titles may differ.
 *
 * @throws InputError if there is no step or the steps differ in their number of traces
 */
export function plotSlider(steps: readonly Step[], options: PlotSliderOptions = {}): Figure {
  const { prefix, milliseconds, start } = { ...defaults, ...options };
  assertInput(steps.length > 0, "plotSlider: got no step; pass [{ label, figure }]");
  const first = steps[0].figure;
  for (const { label, figure } of steps)
    assertInput(
      figure.data.length === first.data.length,
      `plotSlider: step ${label} has ${figure.data.length} traces, the first has ${first.data.length}; draw the same traces in every step`,
    );
  const moving = first.data.map((_, i) => i).filter((i) => differs(steps.map((step) => step.figure.data[i])));
  const changing = ["images", "title"].filter((key) => {
    const first = JSON.stringify(steps[0].figure.layout[key]);
    return steps.some(({ figure }) => JSON.stringify(figure.layout[key]) !== first);
  });
  const active = start === "last" ? steps.length - 1 : 0;
  const play = (duration: number): Record<string, unknown> => ({
    mode: "immediate",
    fromcurrent: true,
    frame: { duration, redraw: true }, // 3-D traces move only when redrawn
    transition: { duration: 0 },
  });
  const frames = steps.map((step, i) => ({
    name: String(i),
    data: moving.map((trace) => step.figure.data[trace]),
    traces: moving,
    ...(changing.length > 0 && {
      layout: Object.fromEntries(changing.map((key) => [key, step.figure.layout[key]])),
    }),
  }));
  const slider = {
    active,
    currentvalue: { prefix, font: { size: 13 }, xanchor: "right" }, // clear of the title of the x axis
    pad: { t: 46, b: 8 },
    x: 0.18,
    len: 0.8,
    steps: steps.map(({ label }, i) => ({ label, method: "animate", args: [[String(i)], play(0)] })),
  };
  const button = {
    type: "buttons",
    direction: "left",
    showactive: false,
    x: 0.01,
    y: 0,
    xanchor: "left",
    yanchor: "top",
    pad: { t: 56 },
    buttons: [
      {
        label: "▶",
        method: "animate",
        args: [frames.map(({ name }) => name), { ...play(milliseconds), fromcurrent: false }],
      },
      { label: "❚❚", method: "animate", args: [[null], play(0)] },
    ],
  };
  const margin = first.layout.margin as Record<string, number> | undefined;
  return {
    data: steps[active].figure.data,
    layout: {
      ...steps[active].figure.layout,
      height: Number(first.layout.height ?? 420) + sliderRoom.height,
      margin: { ...margin, b: (margin?.b ?? 52) + sliderRoom.margin },
      sliders: [slider],
      updatemenus: [button],
    },
    frames,
  };
}

const differs = (traces: readonly Trace[]): boolean => {
  const first = JSON.stringify(traces[0]);
  return traces.some((trace) => trace !== traces[0] && JSON.stringify(trace) !== first);
};
