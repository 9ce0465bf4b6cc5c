/**
 * @file mAP of the NOCS benchmarks: 3-D IoU and n° m cm, as REAL275 and CAMERA25 tables report it.
 */
import { assertFinite, InputError } from "../check";
import type { OrientedBox } from "../geometry/box";
import type { Pose } from "../geometry/pose";
import { categories, isCategory, symmetricAboutY } from "../geometry/symmetry";
import type { Vector3 } from "../geometry/vector";
import { type ClassPrecision, detectionMap, type NocsMap } from "./detectionMap";
import { assertEvaluated, type Detections, type Evaluated, pairDetections } from "./detections";
import { type Iou3d, publishedNocsIou3d } from "./iou3d";
import { noPose, publishedRotationErrorDeg, translationErrorCm } from "./poseError";

export type { ClassPrecision, NocsMap };

/** A box that a method predicts. */
export interface DetectedObject {
  category: string;
  /** Without a size it overlaps nothing; undefined (no pose at all) it is also never within a threshold. */
  box: (Pose & { size: Vector3 | undefined }) | undefined;
  score: number;
}

/** A box that is there. */
export interface TrueObject {
  category: string;
  box: OrientedBox;
  /** Only asked for mugs; true where left out. */
  handleVisible?: boolean;
}

/** One image with boxes in space. */
export type EvaluatedImage = Evaluated<DetectedObject, TrueObject>;

/** Options of `nocsMap`. */
export interface NocsMapOptions {
  /** The classes, and the mean is over all of them. */
  categories?: readonly string[];
  /** Rotation thresholds in degrees; 360 is appended. */
  withinDeg?: readonly number[];
  /** Translation thresholds in centimetres; 100 is appended. */
  withinCm?: readonly number[];
  iouThresholds?: readonly number[];
  /**
   * Published figures judge poses only in pairs that match at this IoU: missed objects and false alarms drop out, so
   * that the "mAP" does not see them. `undefined` judges all.
   */
  poseIou?: number | undefined;
  /** `publishedNocsIou3d` for published figures; `orientedIou3d` is right. */
  iou3d?: Iou3d;
  /** Whether only the y axis of the object counts. */
  symmetric?: (category: string, handleVisible: boolean) => boolean;
  /** Leave classes without ground truth out of the mean; published figures keep them (as NaN or 0). */
  skipAbsent?: boolean;
}

const defaults = {
  categories,
  withinDeg: [5, 10],
  withinCm: [2, 5],
  iouThresholds: [0.25, 0.5, 0.75],
  poseIou: 0.1,
  iou3d: publishedNocsIou3d,
  symmetric: (category: string, handleVisible: boolean): boolean =>
    isCategory(category) && symmetricAboutY(category, handleVisible),
  skipAbsent: false,
} satisfies NocsMapOptions;

const isWhole = (box: DetectedObject["box"]): box is OrientedBox => box?.size !== undefined;

function checkImages(images: readonly EvaluatedImage[], allowed: readonly string[]): void {
  assertEvaluated("nocsMap", images, allowed);
  images.forEach(({ predictions, truths }, i) => {
    for (const { box } of [...predictions, ...truths]) {
      if (!box) continue;
      const { rotation, translation, size = [1, 1, 1] } = box;
      for (const values of [rotation, translation, size]) assertFinite(`nocsMap, a box of image ${i}`, values);
      if (!size.every((extent) => extent > 0))
        throw new InputError(
          `nocsMap: a box of image ${i} has the size ${size.join(" × ")}; every extent must be positive`,
        );
    }
  });
}

/**
 * The images of an evaluation with the overlaps of their boxes, which `detectionMap` judges at any thresholds: for several
 * maps of the same boxes.
 *
 * @throws InputError for a category outside `categories` or a score or box that is not finite
 */
export function nocsDetections(
  images: readonly EvaluatedImage[],
  options: Pick<NocsMapOptions, "categories" | "iou3d" | "symmetric"> = {},
): Detections<DetectedObject, TrueObject> {
  const { categories, iou3d, symmetric } = { ...defaults, ...options };
  checkImages(images, categories);
  const turns = (t: TrueObject): boolean => symmetric(t.category, t.handleVisible ?? true);
  return pairDetections(images, {
    categories,
    overlap: (p, t) => (isWhole(p.box) ? iou3d(p.box, t.box, turns(t)) : 0),
    errors: ({ box }, truths) =>
      truths.map((t) =>
        box
          ? {
              errorDeg: publishedRotationErrorDeg(box.rotation, t.box.rotation, turns(t) ? "aboutY" : "none"),
              errorCm: translationErrorCm(box.translation, t.box.translation),
            }
          : noPose,
      ),
  });
}

/**
 * The evaluation of NOCS (utils.py, compute_degree_cm_mAP) and object-deformnet (lib/utils.py, compute_mAP).
 *
 * Per image and class the predictions are matched greedily (`detectionMap`); AP per class over all images, then the mean
 * over the classes. Class and handle visibility are the truth's.
 *
 * Sizes differ between methods that predict none: without one, give the true box's size and read only the pose figures.
 * @throws InputError for a category outside `categories` or a score or box that is not finite
 */
export const nocsMap = (images: readonly EvaluatedImage[], options: NocsMapOptions = {}): NocsMap =>
  detectionMap(nocsDetections(images, options), { ...defaults, ...options });
