/**
 * @file Parity of errors, IoU and mAP with the evaluations of NOCS, object-deformnet and HouseCat6D.
 */
import type { OrientedBox } from "../../geometry/box";
import { categories, isCategory, symmetricAboutY } from "../../geometry/symmetry";
import { averagePrecision } from "../../metrics/averagePrecision";
import { catreIou3d, publishedNocsIou3d } from "../../metrics/iou3d";
import { type ClassPrecision, type EvaluatedImage, type NocsMap, nocsMap } from "../../metrics/nocsMap";
import { publishedRotationErrorDeg, type RotationSymmetry, translationErrorCm } from "../../metrics/poseError";
import { boxOf, flatten, rowsOf } from "./flatten";
import type { ParityComparison, ParityRunner } from "./types";

const symmetricByName = (name: string, handleVisible: boolean): boolean =>
  isCategory(name) && symmetricAboutY(name, handleVisible);

/** HouseCat6D's evaluation: these turn freely about y; mugs and handles are not asked for. */
const symmetricInHouseCat = (name: string): boolean => ["bottle", "bowl", "can", "glass"].includes(name);

const nocsIou: ParityRunner = ({ inputs, outputs }) => {
  const name = String(inputs.class_1);
  const symmetric = name === inputs.class_2 && symmetricByName(name, Number(inputs.handle_visibility) !== 0);
  const iou = publishedNocsIou3d(boxOf(inputs.RT_1, inputs.size_1), boxOf(inputs.RT_2, inputs.size_2), symmetric);
  return [{ quantity: "iou", ours: [iou], reference: flatten(outputs.iou) }];
};

const houseCatIou: ParityRunner = ({ inputs, outputs }) => {
  const symmetric = symmetricInHouseCat(String(inputs.class));
  const [a, b] = [boxOf(inputs.RT_1, inputs.size_1), boxOf(inputs.RT_2, inputs.size_2)];
  return [
    { quantity: "CATRE", ours: [catreIou3d(a, b, symmetric)], reference: flatten(outputs.iou_catre) },
    { quantity: "VI-Net", ours: [publishedNocsIou3d(a, b, symmetric)], reference: flatten(outputs.iou_housecat_vinet) },
    degreesAndCentimetres("deg_cm", a, b, symmetric ? "aboutY" : "none", outputs.deg_cm, true),
  ];
};

/**
 * Below this angle arccos works on a cosine within 1e-14 of 1: rounding alone decides what comes out of it (and whether
 * the unclipped form gives NaN).
 */
const roundingDeg = 1e-5;

/** The published errors; an angle in the rounding of arccos counts as 0 on both sides. */
function degreesAndCentimetres(
  quantity: string,
  predicted: OrientedBox,
  truth: OrientedBox,
  symmetry: RotationSymmetry,
  expected: unknown,
  clipped: boolean,
): ParityComparison {
  const exactZero = (deg: number): number => (Number.isNaN(deg) || deg < roundingDeg ? 0 : deg);
  const [referenceDeg, referenceCm] = flatten(expected);
  const ourDeg = publishedRotationErrorDeg(predicted.rotation, truth.rotation, symmetry, { clipped });
  const inRounding = publishedRotationErrorDeg(predicted.rotation, truth.rotation, symmetry) < roundingDeg;
  return {
    quantity,
    ours: [inRounding ? exactZero(ourDeg) : ourDeg, translationErrorCm(predicted.translation, truth.translation)],
    reference: [inRounding ? exactZero(referenceDeg) : referenceDeg, referenceCm],
  };
}

const rtErrors: ParityRunner = ({ inputs, outputs }) => {
  const unit = [1, 1, 1];
  const [predicted, truth] = [boxOf(inputs.RT_pred, unit), boxOf(inputs.RT_gt, unit)];
  const name = String(inputs.class);
  const visible = Number(inputs.handle_visibility ?? 1) !== 0;
  const symmetry: RotationSymmetry = symmetricByName(name, visible) ? "aboutY" : "none";
  const comparisons: ParityComparison[] = [];
  for (const [quantity, expected] of Object.entries(outputs)) {
    const ofNocs = quantity.includes("nocs");
    const ofHouseCat = quantity.includes("housecat");
    const halfTurn = ofNocs && ["phone", "eggbox", "glue"].includes(name);
    const houseCatSymmetry = symmetricInHouseCat(name) ? "aboutY" : "none";
    comparisons.push(
      degreesAndCentimetres(
        quantity,
        predicted,
        truth,
        halfTurn ? "halfTurnAboutY" : ofHouseCat ? houseCatSymmetry : symmetry,
        expected,
        !quantity.includes("unclipped"),
      ),
    );
  }
  return comparisons;
};

const precisionOfMatches: ParityRunner = ({ inputs, outputs }) => {
  const matched = flatten(inputs.pred_matches).map((match) => match > -1);
  const { ap, accuracy } = averagePrecision(matched, flatten(inputs.pred_scores), Number(inputs.num_gt));
  return [
    { quantity: "ap", ours: [ap], reference: flatten(outputs.ap) },
    ...(outputs.acc === undefined ? [] : [{ quantity: "acc", ours: [accuracy], reference: flatten(outputs.acc) }]),
  ];
};

/** One image of a result list: ids are indices of BG, bottle, bowl, camera, can, laptop, mug. */
function imageOf(result: Record<string, unknown>): EvaluatedImage {
  const idsOf = (ids: unknown): number[] => (rowsOf(ids).length === 0 ? [] : flatten(ids));
  const sizes = { gt: rowsOf(result.gt_scales), pred: rowsOf(result.pred_scales) };
  const matrices = { gt: rowsOf(result.gt_RTs), pred: rowsOf(result.pred_RTs) };
  const scores = rowsOf(result.pred_scores).map(Number);
  const visible = rowsOf(result.gt_handle_visibility).map(Number);
  return {
    truths: idsOf(result.gt_class_ids).map((id, i) => ({
      category: categories[id - 1],
      box: boxOf(matrices.gt[i], sizes.gt[i]),
      handleVisible: visible[i] !== 0,
    })),
    predictions: idsOf(result.pred_class_ids).map((id, i) => ({
      category: categories[id - 1],
      box: boxOf(matrices.pred[i], sizes.pred[i]),
      score: scores[i],
    })),
  };
}

/** The reference's rows: background (0), the six classes, their mean. */
function referenceRows(result: NocsMap, of: (precision: ClassPrecision) => number[]): number[] {
  const rows = [...categories.map((category) => of(result.perCategory[category])), of(result.mean)];
  return [...rows[0].map(() => 0), ...rows.flat()];
}

const mapQuantities: Readonly<Record<string, (precision: ClassPrecision) => number[]>> = {
  iou_aps: (p) => p.iouAp,
  pose_aps: (p) => p.poseAp.flat(),
  iou_acc: (p) => p.iouAccuracy,
  pose_acc: (p) => p.poseAccuracy.flat(),
};

/** A map's quantities beside those that the reference recorded. */
export const comparedMaps = (variant: string, result: NocsMap, expected: Record<string, unknown>): ParityComparison[] =>
  Object.entries(mapQuantities)
    .filter(([quantity]) => expected[quantity] !== undefined)
    .map(([quantity, of]) => ({
      quantity: `${variant}: ${quantity}`,
      ours: referenceRows(result, of),
      reference: flatten(expected[quantity]),
    }));

const map: ParityRunner = ({ inputs, outputs }) => {
  const images = rowsOf(inputs.results).map((result) => imageOf(result as Record<string, unknown>));
  return Object.entries(outputs).flatMap(([variant, values]) => {
    const expected = values as Record<string, unknown>;
    // NOCS's own run states its thresholds, with the appended 360° and 100 cm at their ends.
    const thresholds = (stated: unknown, given: unknown): number[] =>
      stated === undefined ? flatten(given) : flatten(stated).slice(0, -1);
    const result = nocsMap(images, {
      withinDeg: thresholds(expected.degree, inputs.degree_thresholds),
      withinCm: thresholds(expected.shift, inputs.shift_thresholds),
      iouThresholds: flatten(expected.iou ?? inputs.iou_thresholds),
      poseIou: variant.endsWith("True") ? Number(inputs.iou_pose_thres) : undefined,
    });
    return comparedMaps(variant, result, expected);
  });
};

/** Components of this file. */
export const metricsParity: Record<string, ParityRunner> = {
  nocs_iou3d: nocsIou,
  nocs_map: map,
  nocs_rt_errors: rtErrors,
  nocs_average_precision: precisionOfMatches,
  housecat_catre_iou3d: houseCatIou,
};
