/**
 * @file One look for every figure: colours that colour-blind readers can tell apart, a light page, one font.
 */

/** Okabe and Ito's eight colours (Color Universal Design, 2008), the darkest contrasts first, by what they stand for. */
export const palette = {
  blue: "#0072b2",
  vermilion: "#d55e00",
  green: "#009e73",
  purple: "#cc79a7",
  orange: "#e69f00",
  sky: "#56b4e9",
  yellow: "#f0e442",
  black: "#000000",
  grey: "#8c8c8c",
} as const;

/** The colours of a sequence of traces, in order. */
export const colorway: readonly string[] = [
  palette.blue,
  palette.vermilion,
  palette.green,
  palette.purple,
  palette.orange,
  palette.sky,
  palette.grey,
];

/** x, y and z axes of a pose. Red–green–blue is the custom, but red and green look alike to one man in twelve. */
export const axisColors: readonly [string, string, string] = [palette.vermilion, palette.green, palette.blue];

/** A perceptually even scale from dark blue to yellow (Cividis), made for colour-blind readers; value 0 to 1. */
export const colorscale: readonly (readonly [number, string])[] = [
  [0, "#00224e"],
  [0.125, "#123570"],
  [0.25, "#3b496c"],
  [0.375, "#575d6d"],
  [0.5, "#707173"],
  [0.625, "#8a8678"],
  [0.75, "#a59c74"],
  [0.875, "#c3b369"],
  [1, "#fee838"],
];

/**
 * A scale for angles, alike at both ends: dark blue at 0°, light yellow at ±180°, orange on the positive side, sky blue
 * on the negative. Dark against light tells 0 from 180, yellow against blue tells the sides, for colour-blind readers too.
 */
export const rollColorscale: readonly (readonly [number, string])[] = [
  [0, "#f7f0b5"],
  [0.25, "#4fa8dc"],
  [0.5, "#14213d"],
  [0.75, "#e07b00"],
  [1, "#f7f0b5"],
];

const axis = {
  gridcolor: "#e6e6e6",
  linecolor: "#808080",
  zerolinecolor: "#bfbfbf",
  ticks: "outside",
  automargin: true,
};
const sceneAxis = { backgroundcolor: "#ffffff", gridcolor: "#e0e0e0", zerolinecolor: "#bfbfbf", showspikes: false };

/** What every layout starts from. */
export const baseLayout: Readonly<Record<string, unknown>> = {
  width: 700,
  height: 420,
  colorway,
  font: { family: "Helvetica, Arial, sans-serif", size: 13, color: "#222222" },
  paper_bgcolor: "#ffffff",
  plot_bgcolor: "#ffffff",
  margin: { l: 60, r: 20, t: 48, b: 52 },
  hovermode: "closest",
  legend: { bgcolor: "rgba(255,255,255,0.8)" },
};

/** An axis of a 2-D figure. */
export const plotAxis = (title: string, extra: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...axis,
  title: { text: title },
  ...extra,
});

/** An axis of a 3-D scene. */
export const spaceAxis = (title: string): Record<string, unknown> => ({ ...sceneAxis, title: { text: title } });
