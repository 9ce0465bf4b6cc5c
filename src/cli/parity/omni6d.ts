/**
 * @file Parity with the evaluation of Omni6DPose: symmetry groups, calibration, VUS, AUC and AP.
 */
import { geodesicDistance } from "../../geometry/so3";
import { type ObjectSymmetry, symmetryGroup } from "../../geometry/symmetryGroup";
import { type Matrix3, multiply, transpose } from "../../geometry/vector";
import { stepwiseAveragePrecision } from "../../metrics/averagePrecision";
import { calibrateRotation } from "../../metrics/calibrateRotation";
import { type DetectionError, type Omni6dClassMetrics, omni6dError, omni6dMetrics } from "../../metrics/omni6dMetrics";
import { boxOf, flatten, matrix3Of, rowsOf } from "./flatten";
import type { ParityCase, ParityComparison, ParityRunner } from "./types";

const degreesBetween = (a: Matrix3, b: Matrix3): number => (180 / Math.PI) * geodesicDistance(a, b);

/** The reference takes arccos of a rounded trace: up to 2e-6° where the angle is 0. */
const nearZeroDeg = { abs: 1e-4 };

/** A group is compared as a set: each of the reference's elements beside ours that is nearest to it. */
function groupComparison(symmetry: string, split: number, elements: unknown): ParityComparison {
  const ours = symmetryGroup(symmetry as ObjectSymmetry, split);
  const reference = rowsOf(elements).map(matrix3Of);
  const nearest = reference.map((r) =>
    ours.reduce((a, b) => (geodesicDistance(b, r) < geodesicDistance(a, r) ? b : a)),
  );
  const distinct = new Set(nearest).size;
  return {
    quantity: `${symmetry}: size, elements`,
    ours: [ours.length, distinct, ...nearest.flat()],
    reference: [reference.length, reference.length, ...reference.flat()],
  };
}

const symmetryRotation: ParityRunner = ({ inputs, outputs }) => {
  if (inputs.split !== undefined)
    return Object.entries(outputs).map(([symmetry, elements]) =>
      groupComparison(symmetry, Number(inputs.split), elements),
    );
  const symmetry = String(inputs.symmetry) as ObjectSymmetry;
  const [predicted, truth] = [matrix3Of(inputs.R_pred), matrix3Of(inputs.R_gt)];
  const calibrated = calibrateRotation(predicted, truth, symmetry);
  const exact = calibrateRotation(predicted, truth, symmetry, { steps: "exact" });
  // The reference has no list for "any" either.
  const size = symmetry === "any" ? 0 : symmetryGroup(symmetry).length;
  return [
    {
      quantity: "rot_canonical",
      ours: multiply(transpose(predicted), calibrated),
      reference: flatten(outputs.rot_canonical),
    },
    {
      quantity: "calibrated_theta_deg",
      ours: [degreesBetween(calibrated, truth)],
      reference: flatten(outputs.calibrated_theta_deg),
      tolerance: nearZeroDeg,
    },
    {
      quantity: "precise_theta_deg",
      ours: [degreesBetween(exact, truth)],
      reference: flatten(outputs.precise_theta_deg),
      tolerance: nearZeroDeg,
    },
    { quantity: "group size", ours: [size], reference: flatten(outputs.group_size_split100) },
  ];
};

const names: readonly (readonly [string, keyof Omni6dClassMetrics])[] = [
  ["iou_mean", "iouMean"],
  ["iou_acc", "iouAccuracy"],
  ["iou_auc", "iouAuc"],
  ["iou_ap", "iouAp"],
  ["deg_mean", "degMean"],
  ["sht_mean", "cmMean"],
  ["pose_acc", "poseAccuracy"],
  ["deg_auc", "degAuc"],
  ["sht_auc", "cmAuc"],
  ["pose_vus", "poseVus"],
  ["pose_ap", "poseAp"],
];

/** Class figures beside the reference's; null there is left out here. */
function metricsComparisons(
  quantity: string,
  ours: Omni6dClassMetrics,
  expected: Record<string, unknown>,
  tolerance: { abs: number } | undefined,
): ParityComparison[] {
  return names
    .filter(([name]) => expected[name] !== undefined)
    .map(([name, key]) => ({
      quantity: `${quantity}, ${name}`,
      ours: flatten(ours[key] ?? []),
      reference: expected[name] === null ? [] : flatten(expected[name]),
      ...(tolerance ? { tolerance } : {}),
    }));
}

/** Errors from whole detections, with what the reference measured of each, or from recorded errors. */
function errorsOf(
  { inputs, outputs }: ParityCase,
  categories: readonly string[],
  tolerance: { abs: number },
): { errors: DetectionError[]; comparisons: ParityComparison[] } {
  const scores = inputs.scores ? flatten(inputs.scores) : undefined;
  const scored = (i: number): { score?: number } => (scores ? { score: scores[i] } : {});
  if (inputs.gt_affine === undefined) {
    const [ious, degrees, centimetres] = [flatten(inputs.iou), flatten(inputs.degree), flatten(inputs.shift_cm)];
    const errors = categories.map((category, i) => ({
      category,
      iou: ious[i],
      errorDeg: degrees[i],
      errorCm: centimetres[i],
      ...scored(i),
    }));
    return { errors, comparisons: [] };
  }
  const [truths, truthSizes] = [rowsOf(inputs.gt_affine), rowsOf(inputs.gt_size)];
  const [predictions, predictedSizes] = [rowsOf(inputs.pred_affine), rowsOf(inputs.pred_size)];
  const symmetries = rowsOf(inputs.symmetry).map((name) => String(name) as ObjectSymmetry);
  const measured = (i: number, steps: number | "exact"): Omit<DetectionError, "category" | "score"> =>
    omni6dError(boxOf(predictions[i], predictedSizes[i]), boxOf(truths[i], truthSizes[i]), symmetries[i], { steps });
  const errors = categories.map((category, i) => ({ category, ...measured(i, 100), ...scored(i) }));
  const exact = categories.map((_, i) => measured(i, "exact").errorDeg);
  const comparison = (quantity: string, ours: number[], reference: unknown): ParityComparison => ({
    quantity,
    ours,
    reference: flatten(reference),
    tolerance,
  });
  return {
    errors,
    comparisons: [
      comparison(
        "iou",
        errors.map((e) => e.iou),
        outputs.iou,
      ),
      comparison(
        "degree",
        errors.map((e) => e.errorDeg),
        outputs.degree,
      ),
      comparison(
        "shift_cm",
        errors.map((e) => e.errorCm),
        outputs.shift_cm,
      ),
      comparison("degree_precise", exact, outputs.degree_precise),
    ],
  };
}

const vusMetrics: ParityRunner = (parityCase) => {
  const { inputs, outputs } = parityCase;
  if (inputs.indicator !== undefined) {
    const ap = stepwiseAveragePrecision(flatten(inputs.indicator), flatten(inputs.scores), Number(inputs.n_gt));
    return [{ quantity: "ap", ours: [ap], reference: flatten(outputs.ap) }];
  }
  const categories = rowsOf(inputs.class_labels).map(String);
  const whole = inputs.gt_affine !== undefined;
  const tolerance = { abs: 1e-5 }; // of whole detections, as the file's note says
  const { errors, comparisons } = errorsOf(parityCase, categories, tolerance);
  const truths = inputs.gt_n_objects as Record<string, number> | null | undefined;
  const counts = truths && Object.fromEntries(Object.entries(truths).map(([name, n]) => [name, Number(n)]));
  const result = omni6dMetrics(errors, counts ? { truths: counts } : {});
  const own = whole ? tolerance : undefined;
  return [
    ...comparisons,
    ...metricsComparisons("mean", result.mean, outputs.class_means as Record<string, unknown>, own),
    ...Object.entries((outputs.per_class ?? {}) as Record<string, Record<string, unknown>>).flatMap(
      ([name, expected]) => metricsComparisons(`class ${name}`, result.perCategory[name], expected, own),
    ),
  ];
};

/** Components of this file. */
export const omni6dParity: Record<string, ParityRunner> = {
  cutoop_symmetry_rotation: symmetryRotation,
  cutoop_vus_metrics: vusMetrics,
};
