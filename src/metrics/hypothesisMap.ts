/**
 * @file mAP of detections that come with K hypotheses each, as GenPose evaluates them.
 */
import { assertInput } from "../check";
import { bestOf, type PoseEnergies, rankPoses } from "../estimation/energyRanking";
import { meanPose } from "../estimation/meanPose";
import type { Pose } from "../geometry/pose";
import { categories, isCategory, symmetricAboutY } from "../geometry/symmetry";
import { detectionMap, type NocsMap } from "./detectionMap";
import { assertEvaluated, type Evaluated, pairDetections } from "./detections";
import { type PixelBox, pixelBoxIou } from "./pixelBoxIou";
import { noPose, type PoseError, publishedRotationErrorDeg, translationErrorCm } from "./poseError";

/** A detection with K hypotheses of its pose. */
export interface DetectedHypotheses {
  category: string;
  score: number;
  pixelBox: PixelBox;
  /** Undefined where one of them is none: then it is never within a threshold. */
  hypotheses: readonly Pose[] | undefined;
  energies: PoseEnergies;
}

/** An object that is there. */
export interface TruePose {
  category: string;
  pose: Pose;
  pixelBox: PixelBox;
  /** Only asked for mugs; true where left out. */
  handleVisible?: boolean;
}

/** Options of `hypothesisMap`; thresholds as in `nocsMap`. */
export interface HypothesisMapOptions {
  categories?: readonly string[];
  withinDeg?: readonly number[];
  withinCm?: readonly number[];
  /** Overlaps in the image. */
  iouThresholds?: readonly number[];
  poseIou?: number | undefined;
  /** What ranks the hypotheses: their energies, or the truth itself (an upper bound). */
  ranker?: "energy" | "truth";
  /** From the best hypotheses to errors: those of their mean, or the least error of any (an upper bound). */
  pooling?: "average" | "nearest";
  /** The share of the hypotheses that is kept. */
  share?: number;
  /**
   * Which detection a box in the image belongs to: its own, or, as published, the one of the same rank by score. The
   * published evaluation sorts classes, poses and scores of an image, but not the boxes.
   */
  boxOrder?: "own" | "published";
  symmetric?: (category: string, handleVisible: boolean) => boolean;
  skipAbsent?: boolean;
}

const defaults = {
  categories,
  withinDeg: [5, 10],
  withinCm: [2, 5],
  iouThresholds: [0.1, 0.5],
  poseIou: 0.1,
  ranker: "energy",
  pooling: "average",
  share: 0.6,
  boxOrder: "own",
  symmetric: (category: string, handleVisible: boolean): boolean =>
    isCategory(category) && symmetricAboutY(category, handleVisible),
  skipAbsent: false,
} satisfies HypothesisMapOptions;

/** One image of the evaluation. */
export type HypothesesImage = Evaluated<DetectedHypotheses, TruePose>;

function checkImages(images: readonly HypothesesImage[], allowed: readonly string[]): void {
  assertEvaluated("hypothesisMap", images, allowed);
  images.forEach(({ predictions }, i) => {
    for (const { hypotheses } of predictions)
      assertInput(
        hypotheses === undefined || hypotheses.length > 0,
        `hypothesisMap: a detection of image ${i} has no hypothesis; give at least one`,
      );
  });
}

/** The same detections, the boxes of each class handed out by rank instead of by detection. */
function withPublishedBoxes({ predictions, truths }: HypothesesImage): HypothesesImage {
  const classes = [...new Set(predictions.map(({ category }) => category))];
  const reordered = classes.flatMap((name) => {
    const own = predictions.filter(({ category }) => category === name);
    return [...own].sort((a, b) => b.score - a.score).map((p, rank) => ({ ...p, pixelBox: own[rank].pixelBox }));
  });
  return { predictions: reordered, truths };
}

/**
 * The evaluation of GenPose (`sgpa_utils.py`, compute_mAP): detections are matched by their boxes in the image; of each,
 * rotations and translations are ranked apart, the best share is kept, and its mean (or its best member) is judged.
 *
 * Errors are the published ones (`publishedRotationErrorDeg`). Class and handle visibility are the truth's.
 * @throws InputError for a category outside `categories`, a detection without hypotheses, or numbers that are not finite
 */
export function hypothesisMap(images: readonly HypothesesImage[], options: HypothesisMapOptions = {}): NocsMap {
  const settings = { ...defaults, ...options };
  const { ranker, pooling, share, symmetric } = settings;
  checkImages(images, settings.categories);
  const errorOf = ({ rotation, translation }: Pose, t: TruePose): PoseError => ({
    errorDeg: publishedRotationErrorDeg(
      rotation,
      t.pose.rotation,
      symmetric(t.category, t.handleVisible ?? true) ? "aboutY" : "none",
    ),
    errorCm: translationErrorCm(translation, t.pose.translation),
  });
  const least = (poses: readonly Pose[], truths: readonly TruePose[], of: keyof PoseError): number[] =>
    poses.map((pose) => -Math.min(...truths.map((t) => errorOf(pose, t)[of])));
  const errors = ({ hypotheses, energies }: DetectedHypotheses, truths: readonly TruePose[]): PoseError[] => {
    if (truths.length === 0) return [];
    if (!hypotheses) return truths.map(() => noPose);
    const ranking =
      ranker === "energy"
        ? energies
        : { rotation: least(hypotheses, truths, "errorDeg"), translation: least(hypotheses, truths, "errorCm") };
    const best = bestOf(rankPoses(hypotheses, ranking).poses, share);
    const judged = pooling === "average" ? [meanPose(best)] : best;
    return truths.map((t) => {
      const each = judged.map((pose) => errorOf(pose, t));
      return {
        errorDeg: Math.min(...each.map((e) => e.errorDeg)),
        errorCm: Math.min(...each.map((e) => e.errorCm)),
      };
    });
  };
  const ordered = settings.boxOrder === "published" ? images.map(withPublishedBoxes) : images;
  const overlap = (p: DetectedHypotheses, t: TruePose): number => pixelBoxIou(p.pixelBox, t.pixelBox);
  return detectionMap(pairDetections(ordered, { categories: settings.categories, overlap, errors }), settings);
}
