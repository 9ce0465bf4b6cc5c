/**
 * @file AP over thresholds: the curves of paper B's Fig. 3 (and of NOCS's figures).
 */
import { assertInput } from "../check";
import type { ClassPrecision, NocsMap } from "./detectionMap";
import { type EvaluatedImage, type NocsMapOptions, nocsMap } from "./nocsMap";

/** AP in percent over one kind of threshold. */
export interface ApCurve {
  thresholds: number[];
  perCategory: Record<string, number[]>;
  mean: number[];
}

/** AP over rotation (degrees), translation (centimetres) and IoU thresholds. */
export interface ApCurves {
  rotation: ApCurve;
  translation: ApCurve;
  iou: ApCurve;
}

const steps = (to: number, count: number): number[] => Array.from({ length: count + 1 }, (_, i) => (to * i) / count);

const defaults = {
  withinDeg: steps(60, 30),
  withinCm: steps(10, 20),
  iouThresholds: steps(1, 50),
} satisfies NocsMapOptions;

/**
 * AP of each category, and its mean, over rotation thresholds (any translation), translation thresholds (any rotation)
 * and IoU thresholds: a map, read along its edges.
 */
export function curvesOfMap({ withinDeg, withinCm, iouThresholds, perCategory, mean }: NocsMap): ApCurves {
  const curve = (thresholds: number[], along: (precision: ClassPrecision, i: number) => number): ApCurve => {
    const values = (precision: ClassPrecision): number[] => thresholds.map((_, i) => 100 * along(precision, i));
    return {
      thresholds,
      perCategory: Object.fromEntries(
        Object.entries(perCategory).map(([category, precision]) => [category, values(precision)]),
      ),
      mean: values(mean),
    };
  };
  // The appended 360° and 100 cm: the last row and column ask nothing of the other error.
  const [anyDeg, anyCm] = [withinDeg.length - 1, withinCm.length - 1];
  return {
    rotation: curve(withinDeg.slice(0, -1), ({ poseAp }, i) => poseAp[i][anyCm]),
    translation: curve(withinCm.slice(0, -1), ({ poseAp }, i) => poseAp[anyDeg][i]),
    iou: curve(iouThresholds.slice(), ({ iouAp }, i) => iouAp[i]),
  };
}

/**
 * The curves of `nocsMap`.
 *
 * @throws InputError as `nocsMap` does, or for an empty list of thresholds
 */
export function apCurves(images: readonly EvaluatedImage[], options: NocsMapOptions = {}): ApCurves {
  const settings = { ...defaults, ...options };
  for (const name of ["withinDeg", "withinCm", "iouThresholds"] as const)
    assertInput(settings[name].length > 0, `apCurves: ${name} is empty; give at least one threshold`);
  return curvesOfMap(nocsMap(images, settings));
}
