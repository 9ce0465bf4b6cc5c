/**
 * @file What was found and what is there, paired by class and image: made once, judged at any thresholds.
 */
import { assertFinite, InputError } from "../check";
import { type Preferences, preferencesOf } from "./greedyMatch";
import type { PoseError } from "./poseError";

/** One image of an evaluation: what was predicted in it, and what is there. */
export interface Evaluated<P, T> {
  predictions: readonly P[];
  truths: readonly T[];
}

/** What every prediction says. */
export interface Scored {
  category: string;
  score: number;
}

/**
 * Categories and scores of images, checked before they are matched.
 *
 * @throws InputError naming `where` for a category that is not in `categories` or a score that is not finite
 */
export function assertEvaluated(
  where: string,
  images: readonly Evaluated<Scored, { category: string }>[],
  categories: readonly string[],
): void {
  images.forEach(({ predictions, truths }, i) => {
    for (const { category } of [...predictions, ...truths])
      if (!categories.includes(category))
        throw new InputError(
          `${where}: image ${i} has the category ${category}; expected one of ${categories.join(", ")}`,
        );
    assertFinite(
      `${where}, scores of image ${i}`,
      predictions.map(({ score }) => score),
    );
  });
}

/** What is there of one class in one image. */
export interface ClassImage<P, T> extends Evaluated<P, T> {
  /** −overlap of each pair in float32, as the reference keeps it; row-major, predictions by descending score. */
  cost: Float32Array;
  byOverlap: Preferences;
}

/** The images of each class; images without it are left out. */
export interface Detections<P, T> {
  byCategory: ReadonlyMap<string, readonly ClassImage<P, T>[]>;
  /** Errors of a prediction against each of the truths that are judged with it. */
  errors: (prediction: P, truths: readonly T[]) => PoseError[];
}

/** What makes detections of images. */
export interface PairOptions<P, T> {
  categories: readonly string[];
  /** Overlap of a prediction and a truth of its class in one image, in [0, 1]. */
  overlap: (prediction: P, truth: T) => number;
  errors: Detections<P, T>["errors"];
}

/** Pair predictions and truths of the same class, image by image, and compute the overlap of each pair. */
export function pairDetections<P extends Scored, T extends { category: string }>(
  images: readonly Evaluated<P, T>[],
  { categories, overlap, errors }: PairOptions<P, T>,
): Detections<P, T> {
  const ofClass = (category: string): ClassImage<P, T>[] =>
    images.flatMap((image) => {
      const truths = image.truths.filter((t) => t.category === category);
      const predictions = image.predictions.filter((p) => p.category === category);
      if (predictions.length + truths.length === 0) return [];
      predictions.sort((a, b) => b.score - a.score);
      const cost = Float32Array.from(predictions.flatMap((p) => truths.map((t) => -overlap(p, t))));
      return [{ truths, predictions, cost, byOverlap: preferencesOf(cost, predictions.length, truths.length) }];
    });
  return { byCategory: new Map(categories.map((category) => [category, ofClass(category)])), errors };
}
