/**
 * @file Parity of paper B's parts: scale-invariant translation, Mean Shift++.
 */
import { meanShiftPlusPlus } from "../../estimation/meanShiftPlusPlus";
import type { Modes } from "../../estimation/modes";
import { siteOfTranslation, translationOfSite } from "../../geometry/siteTranslation";
import { flatten, rowsOf, vector3Of } from "./flatten";
import type { ParityRunner } from "./types";

const siteTranslation: ParityRunner = ({ inputs, outputs }) => {
  const [fx, , cx, , fy, cy] = flatten(inputs.K);
  const [x, y] = flatten(inputs.crop_center);
  const [w, h] = flatten(inputs.bbox_wh);
  const frame = {
    camera: { fx, fy, cx, cy, width: 640, height: 480 },
    cropCenter: [x, y] as const,
    boxSize: [w, h] as const,
    cropSide: Number(inputs.crop_side),
    outSize: Number(inputs.out_size),
  };
  const reference = flatten(outputs.site);
  return [
    { quantity: "site", ours: siteOfTranslation(vector3Of(inputs.t), frame), reference },
    {
      quantity: "translation of site",
      ours: translationOfSite(vector3Of(outputs.site), frame),
      reference: flatten(outputs.decoded_t),
    },
    {
      quantity: "zoom",
      ours: [frame.outSize / frame.cropSide],
      reference: flatten(outputs.resize_ratio),
    },
  ];
};

/** The published code sorts modes by their numbers, ours by their members. */
function byRows(
  { centers, counts, labels }: Modes,
  dimension: number,
): { centers: number[]; counts: number[]; labels: number[] } {
  const rows = Array.from(counts, (count, i) => ({
    row: Array.from(centers.subarray(i * dimension, (i + 1) * dimension)),
    count,
    label: i,
  }));
  rows.sort((a, b) => a.row.map((x, d) => x - b.row[d]).find((difference) => difference !== 0) ?? 0);
  return {
    centers: rows.flatMap(({ row }) => row),
    counts: rows.map(({ count }) => count),
    labels: Array.from(labels, (label) => rows.findIndex((row) => row.label === label)),
  };
}

const meanShift: ParityRunner = ({ inputs, outputs }) => {
  const points = flatten(inputs.x);
  const dimension = flatten(rowsOf(inputs.x)[0]).length;
  const [bandwidth, tolerance] = [Number(inputs.bandwidth), Number(inputs.threshold)];
  const options = { tolerance, cells: "truncate" } as const;
  const once = meanShiftPlusPlus(points, dimension, bandwidth, { ...options, maxIterations: 1 });
  const modes = meanShiftPlusPlus(points, dimension, bandwidth, options);
  const sorted = byRows(modes, dimension);
  return [
    {
      quantity: "points after one iteration",
      ours: Array.from(once.labels).flatMap((label) =>
        Array.from(once.centers.subarray(label * dimension, (label + 1) * dimension)),
      ),
      reference: flatten(outputs.after_1_iteration),
    },
    { quantity: "modes", ours: sorted.centers, reference: flatten(outputs.modes_sorted_rows) },
    { quantity: "labels", ours: sorted.labels, reference: flatten(outputs.labels), tolerance: { abs: 0 } },
    { quantity: "counts", ours: sorted.counts, reference: flatten(outputs.counts), tolerance: { abs: 0 } },
    {
      quantity: "largest mode",
      ours: modes.centers.subarray(0, dimension),
      reference: flatten(outputs.largest_mode),
    },
  ];
};

/** Components of this file. */
export const rgbParity: Readonly<Record<string, ParityRunner>> = {
  site_translation: siteTranslation,
  meanshiftpp: meanShift,
};
