/**
 * @file Tables 1–5 of paper B, as printed. Percent; IoU as NOCS publishes it (`publishedNocsIou3d`).
 *
 * The headings of the three columns beside IoU are lost in the text at hand; they are 10°, 10 cm and 10°10cm, as in the
 * table of DMSR whose rows are repeated, and as the text's own comparison (+14 %, +52 %, +55 %) has them.
 */

/** Accuracy on one data set; undefined where the paper prints a dash. */
export interface ReportedBoxAccuracy {
  iou50?: number;
  iou75?: number;
  at10deg?: number;
  at10cm?: number;
  at10deg10cm?: number;
}

/** A method in Table 1. */
export interface ReportedRgbMethod {
  method: string;
  place: string;
  camera25: ReportedBoxAccuracy;
  real275: ReportedBoxAccuracy;
}

type Cells = readonly (number | undefined)[];

const accuracy = ([iou50, iou75, at10deg, at10cm, at10deg10cm]: Cells): ReportedBoxAccuracy => ({
  iou50,
  iou75,
  at10deg,
  at10cm,
  at10deg10cm,
});

const none = undefined;

const rows: readonly (readonly [method: string, camera25: Cells, real275: Cells])[] = [
  ["Synthesis", [], [none, none, 14.2, 34.0, 4.8]],
  ["MSOS", [32.4, 5.1, 60.8, 29.7, 19.2], [23.4, 3.0, 29.2, 39.5, 9.6]],
  ["OLD-Net", [32.1, 5.4, 74.0, 30.1, 23.4], [25.4, 1.9, 37.0, 38.9, 9.8]],
  ["DMSR", [34.6, 6.5, 81.4, 32.3, 27.4], [28.3, 6.1, 59.5, 37.3, 23.6]],
  ["ours", [22.9, 3.2, 85.6, 22.4, 19.2], [44.1, 6.7, 61.3, 56.1, 32.7]],
  ["ours, NG", [28.2, 4.7, 85.6, 27.8, 23.4], [41.3, 5.8, 67.6, 43.9, 33.4]],
  ["ours, NC", [20.0, 1.9, 85.4, 20.9, 17.7], [33.4, 2.7, 61.5, 51.3, 30.6]],
  ["ours, NGR", [22.9, 3.1, 85.5, 22.1, 18.9], [45.2, 7.2, 67.5, 56.6, 36.6]],
  ["ours, S", [none, none, 98.4, 93.4, 92.2], [none, none, 94.5, 88.0, 83.0]],
];

/** Comparison on CAMERA25 and REAL275 (Table 1): NG without the global feature, NC without the category, NGR, S oracle. */
export const reportedRgbMethods: readonly ReportedRgbMethod[] = rows.map(([method, camera25, real275]) => ({
  method,
  place: "Table 1",
  camera25: accuracy(camera25),
  real275: accuracy(real275),
}));

/** A row of Tables 2–4; REAL275. */
export interface ReportedRgbRow extends ReportedBoxAccuracy {
  method: string;
  place: string;
}

/** The point-cloud network on predicted metric depth (Table 2). */
export const reportedMetricDepth: readonly ReportedRgbRow[] = (
  [
    ["GenPose with UniDepth", 56.6, 26.3, 16.0],
    ["DMSR", 59.5, 37.3, 23.6],
    ["ours", 67.5, 56.6, 36.6],
  ] as const
).map(([method, at10deg, at10cm, at10deg10cm]) => ({ method, place: "Table 2", at10deg, at10cm, at10deg10cm }));

/** How many hypotheses (Table 3). */
export const reportedRgbHypotheses: readonly (ReportedRgbRow & { hypotheses: number })[] = (
  [
    [1, [38.4, 4.9, 61.9, 50.5, 29.2]],
    [10, [44.0, 6.6, 66.5, 56.0, 35.5]],
    [50, [45.2, 7.2, 67.5, 56.6, 36.6]],
    [100, [44.6, 7.1, 67.6, 56.5, 36.5]],
  ] as const
).map(([hypotheses, cells]) => ({ method: `K = ${hypotheses}`, place: "Table 3", hypotheses, ...accuracy(cells) }));

/** Ways from hypotheses to one answer (Table 4). */
export const reportedRgbAggregations: readonly (ReportedRgbRow & { framesPerSecond: number })[] = (
  [
    ["mean of all", [45.2, 7.1, 67.4, 56.5, 36.4], 6.7],
    ["energy ranking, mean", [43.6, 6.3, 68.2, 54.1, 31.5], 3.6],
    ["Mean Shift", [45.2, 7.2, 67.5, 56.6, 36.6], 6.8],
  ] as const
).map(([method, cells, framesPerSecond]) => ({ method, place: "Table 4", ...accuracy(cells), framesPerSecond }));

/** A method in Table 5. */
export interface ReportedRgbTracking {
  method: string;
  place: string;
  framesPerSecond: number;
  /** Mean rotation error, degrees; the heading is lost in the text at hand. */
  errorDeg: number;
  /** Mean translation error, centimetres; the heading is lost in the text at hand. */
  errorCm: number;
}

/** Tracking on REAL275 (Table 5). */
export const reportedRgbTracking: readonly ReportedRgbTracking[] = [
  { method: "ours", place: "Table 5", framesPerSecond: 6.8, errorDeg: 9.0, errorCm: 16.8 },
  { method: "GenPose", place: "Table 5", framesPerSecond: 11.6, errorDeg: 4.2, errorCm: 1.5 },
];
