/**
 * @file Tables 1–4 of paper C, as printed. Percent; Acc15 with class in Tables 1 and 2, VSD recall in Table 3.
 */

/** Accuracy on the objects that were trained on and on those that were not. */
export interface ReportedSeenUnseen {
  seen: number;
  unseen: number;
}

/** A row of Tables 1 and 2. */
export interface ReportedTemplateMethod {
  method: string;
  backbone: string;
  place: string;
  /** Splits 1, 2, 3: which objects are kept from training. */
  splits: readonly [ReportedSeenUnseen, ReportedSeenUnseen, ReportedSeenUnseen];
  /** As printed: for some rows it is not the mean of the splits. */
  average: ReportedSeenUnseen;
}

type Row = readonly [method: string, backbone: string, ...percent: number[]];

const pair = (numbers: readonly number[], i: number): ReportedSeenUnseen => ({
  seen: numbers[2 * i],
  unseen: numbers[2 * i + 1],
});

const rows = (place: string, table: readonly Row[]): ReportedTemplateMethod[] =>
  table.map(([method, backbone, ...numbers]) => ({
    method,
    backbone,
    place,
    splits: [pair(numbers, 0), pair(numbers, 1), pair(numbers, 2)],
    average: pair(numbers, 3),
  }));

/** LINEMOD (Table 1). */
export const reportedLinemod: readonly ReportedTemplateMethod[] = rows("Table 1", [
  ["Balntas et al.", "Wohlhart et al.", 87.0, 13.2, 83.1, 15.5, 85.1, 18.2, 85.0, 15.2],
  ["Wohlhart et al.", "Wohlhart et al.", 89.2, 14.1, 85.4, 16.3, 83.3, 16.7, 86.3, 16.7],
  ["MPL", "MPL", 91.5, 36.0, 87.9, 39.3, 87.2, 39.7, 88.9, 38.3],
  ["Zhao et al.", "ResNet", 96.9, 87.5, 94.4, 76.2, 93.1, 73.7, 93.8, 79.2],
  ["Template-pose", "ResNet", 99.3, 94.4, 99.0, 97.4, 99.2, 88.7, 99.1, 93.5],
  ["VA", "SD 1.5", 99.4, 97.4, 99.5, 99.3, 99.4, 95.6, 99.4, 98.3],
  ["NA", "SD 1.5", 99.5, 97.5, 99.6, 99.6, 99.7, 96.0, 99.6, 98.2],
  ["CWA", "SD 1.5", 99.5, 98.3, 99.6, 98.9, 99.8, 96.3, 99.7, 98.2],
  ["CWA", "SD 2.0", 99.6, 98.1, 99.4, 99.5, 99.6, 97.5, 99.5, 98.4],
  ["CWA", "OpenCLIP", 99.4, 97.0, 99.7, 98.5, 99.7, 95.9, 99.6, 97.1],
  ["CWA", "DINOv2", 99.7, 96.6, 99.6, 99.1, 99.5, 97.8, 99.6, 97.8],
]);

/** Occluded LINEMOD (Table 2). */
export const reportedOccluded: readonly ReportedTemplateMethod[] = rows("Table 2", [
  ["Balntas et al.", "Wohlhart et al.", 19.2, 9.3, 23.1, 5.1, 15.0, 5.1, 19.1, 6.5],
  ["Wohlhart et al.", "Wohlhart et al.", 18.3, 8.2, 21.9, 7.5, 17.6, 7.6, 19.5, 7.8],
  ["MPL", "MPL", 31.3, 18.6, 34.5, 15.9, 29.2, 17.7, 31.7, 17.4],
  ["Zhao et al.", "ResNet", 54.9, 40.1, 63.4, 32.7, 49.9, 37.5, 56.1, 36.8],
  ["Template-pose", "ResNet", 77.3, 71.4, 84.1, 72.7, 76.8, 85.3, 79.4, 76.3],
  ["VA", "SD 1.5", 80.2, 79.4, 87.2, 78.0, 80.2, 95.6, 82.5, 84.6],
  ["NA", "SD 1.5", 81.9, 81.4, 88.5, 79.0, 79.5, 96.0, 83.3, 85.5],
  ["CWA", "SD 1.5", 81.5, 81.6, 86.0, 79.8, 80.8, 96.3, 82.8, 85.9],
  ["CWA", "SD 2.0", 82.9, 81.0, 88.1, 79.1, 79.2, 95.5, 83.4, 85.2],
  ["CWA", "OpenCLIP", 79.8, 76.5, 85.7, 73.9, 80.1, 91.9, 81.9, 81.1],
  ["CWA", "DINOv2", 84.1, 73.7, 96.1, 74.3, 79.0, 86.3, 83.1, 78.1],
]);

/** A row of Table 3. */
export interface ReportedTless {
  method: string;
  place: string;
  /** Templates of an object, thousands. */
  thousandTemplates: number;
  /** VSD recall on objects 1–18, on 19–30, and the average over all. */
  recall: { seen: number; unseen: number; average: number };
}

/** T-LESS (Table 3). */
export const reportedTless: readonly ReportedTless[] = (
  [
    ["Implicit", 92, 35.6, 42.45, 38.34],
    ["MPL", 92, 35.25, 33.17, 34.42],
    ["Template-pose", 92, 59.62, 57.75, 58.87],
    ["Template-pose", 21, 59.14, 56.91, 58.25],
    ["CWA", 21, 70.87, 71.26, 71.03],
  ] as const
).map(([method, thousandTemplates, seen, unseen, average]) => ({
  method,
  place: "Table 3",
  thousandTemplates,
  recall: { seen, unseen, average },
}));

/** Trainable parameters, millions (Table 4). */
export const reportedParameters: readonly { method: string; place: string; millions: number }[] = (
  [
    ["Template-pose", 24.04],
    ["VA", 2.53],
    ["NA", 13.28],
    ["CWA", 13.29],
  ] as const
).map(([method, millions]) => ({ method, place: "Table 4", millions }));
