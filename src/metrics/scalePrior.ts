/**
 * @file The ceiling of whoever knows all of a photo but its scale: the size of the category's mean.
 */
import { assertInput } from "../check";
import type { OrientedBox } from "../geometry/box";
import type { NocsCategory } from "../geometry/symmetry";
import { norm, scale, type Vector3 } from "../geometry/vector";
import type { BoxTruth } from "./boxError";

/** What a category says of an object's size. */
export interface SizePrior {
  /** Mean extents, metres. */
  size: Vector3;
  /** Geometric mean of the boxes' diagonals, metres. */
  diagonal: number;
}

/** The prior of each category that occurs. @throws InputError for no object, or one without extent */
export function sizePriors(
  objects: readonly { category: NocsCategory; size: Vector3 }[],
): Partial<Record<NocsCategory, SizePrior>> {
  assertInput(objects.length > 0, "sizePriors: got no objects; give those of a training split");
  const priors: Partial<Record<NocsCategory, SizePrior>> = {};
  for (const category of new Set(objects.map((object) => object.category))) {
    const sizes = objects.filter((object) => object.category === category).map(({ size }) => size);
    assertInput(
      sizes.every((size) => size.every((extent) => extent > 0)),
      `sizePriors: a ${category} has no extent; every extent must be positive`,
    );
    const mean = (axis: 0 | 1 | 2): number => sizes.reduce((sum, size) => sum + size[axis], 0) / sizes.length;
    priors[category] = {
      size: [mean(0), mean(1), mean(2)],
      diagonal: Math.exp(sizes.reduce((sum, size) => sum + Math.log(norm(size)), 0) / sizes.length),
    };
  }
  return priors;
}

/**
 * The answer of one who sees rotation, bearing and proportions without error and takes the scale from the category: a
 * photo of the object scaled by k about the camera is the same photo, so with k = prior diagonal/true diagonal
 *
 * R̂ = R, t̂ = k·t, ŝ = k·s (or ŝ = the category's mean size, `proportions: "mean"`).
 *
 * @throws InputError for a category without a prior
 */
export function scalePriorAnswer(
  { category, box }: BoxTruth,
  priors: Partial<Record<NocsCategory, SizePrior>>,
  { proportions = "seen" }: { proportions?: "seen" | "mean" } = {},
): OrientedBox {
  const prior = priors[category];
  assertInput(prior, `scalePriorAnswer: there is no prior of ${category}; give sizePriors of a split that shows it`);
  const k = prior.diagonal / norm(box.size);
  return {
    rotation: box.rotation,
    translation: scale(box.translation, k),
    size: proportions === "seen" ? scale(box.size, k) : prior.size,
  };
}
