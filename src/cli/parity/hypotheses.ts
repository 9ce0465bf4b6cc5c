/**
 * @file Parity with GenPose's evaluation of many hypotheses per detection.
 */

import type { Pose } from "../../geometry/pose";
import { categories } from "../../geometry/symmetry";
import { type HypothesesImage, hypothesisMap } from "../../metrics/hypothesisMap";
import { type PixelBox, pixelBoxIou } from "../../metrics/pixelBoxIou";
import { boxOf, flatten, rowsOf } from "./flatten";
import { comparedMaps } from "./metrics";
import type { ParityRunner } from "./types";

const pixelBoxOf = (nested: unknown): PixelBox => flatten(nested) as unknown as PixelBox;

/** The pose of a 4 × 4 matrix; its scale, if it has one, is taken off. */
function poseOf(matrix: unknown): Pose {
  const { rotation, translation } = boxOf(matrix, [1, 1, 1]);
  return { rotation, translation };
}

function imageOf(result: Record<string, unknown>): HypothesesImage {
  const rows = (key: string): unknown[] => (Array.isArray(result[key]) ? (result[key] as unknown[]) : []);
  const [truePoses, trueBoxes, visible] = [rows("gt_RTs"), rows("gt_bboxes"), rows("gt_handle_visibility")];
  const [scores, boxes] = [rows("pred_scores"), rows("pred_bboxes")];
  const [hypotheses, energies] = [rows("multi_hypothesis_pred_RTs"), rows("energy")];
  return {
    truths: rows("gt_class_ids").map((id, i) => ({
      category: categories[Number(id) - 1],
      pose: poseOf(truePoses[i]),
      pixelBox: pixelBoxOf(trueBoxes[i]),
      handleVisible: Number(visible[i]) !== 0,
    })),
    predictions: rows("pred_class_ids").map((id, i) => ({
      category: categories[Number(id) - 1],
      score: Number(scores[i]),
      pixelBox: pixelBoxOf(boxes[i]),
      hypotheses: rowsOf(hypotheses[i]).map(poseOf),
      energies: {
        rotation: rowsOf(energies[i]).map((pair) => flatten(pair)[0]),
        translation: rowsOf(energies[i]).map((pair) => flatten(pair)[1]),
      },
    })),
  };
}

const mapOfHypotheses: ParityRunner = ({ inputs, outputs }) => {
  if (inputs.box1 !== undefined) {
    const iou = pixelBoxIou(pixelBoxOf(inputs.box1), pixelBoxOf(inputs.box2));
    return [{ quantity: "iou", ours: [iou], reference: flatten(outputs.iou) }];
  }
  const images = rowsOf(inputs.results).map((result) => imageOf(result as Record<string, unknown>));
  return Object.entries(outputs).flatMap(([variant, values]) => {
    const expected = values as Record<string, unknown>;
    const result = hypothesisMap(images, {
      withinDeg: flatten(inputs.degree_thresholds),
      withinCm: flatten(inputs.shift_thresholds),
      iouThresholds: flatten(inputs.iou_thresholds),
      poseIou: inputs.use_matches_for_pose ? Number(inputs.iou_pose_thres) : undefined,
      pooling: variant.startsWith("nearest") ? "nearest" : "average",
      ranker: variant.endsWith("gt_ranker") ? "truth" : "energy",
      share: Number(inputs.ratio),
      boxOrder: "published",
    });
    return comparedMaps(variant, result, expected);
  });
};

/** Components of this file. */
export const hypothesesParity: Record<string, ParityRunner> = { genpose_map_multihypothesis: mapOfHypotheses };
