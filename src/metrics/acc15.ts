/**
 * @file Acc15: how often template matching finds the object's class and its view to within 15°.
 */
import { assertInput } from "../check";
import { rotationY } from "../geometry/rotation";
import { relativeAnglePytorch3d } from "../geometry/so3";
import { dot, type Matrix3, multiply, normalize, type Vector3 } from "../geometry/vector";

/** A query and what was found for it; directions are `viewDirection`s. */
export interface ViewMatch {
  object: number;
  direction: Vector3;
  foundObject: number;
  foundDirection: Vector3;
  /** Turning by 180° about z maps the object to itself. */
  symmetric: boolean;
}

/** Scores of a set; shares, not percent. */
export interface ViewScore {
  /** Mean error of the view, degrees. */
  meanErrorDeg: number;
  /** View within the limit. */
  view: number;
  /** Class right. */
  class: number;
  /** Both: the paper's Acc15 (eq. 9). */
  viewAndClass: number;
  count: number;
}

/** How errors are counted. */
export interface ViewScoreOptions {
  /** Degrees; an error that equals it is right. */
  limitDeg?: number;
  /**
   * How symmetric objects are treated. `intended`: the smaller of the errors to the true view and to the one half a turn
   * about z away. `published`: 0, because the code compares the turned true view with itself.
   */
  symmetric?: "intended" | "published";
}

const degrees = 180 / Math.PI;

/** Angle between two directions in degrees. */
const angleDeg = (a: Vector3, b: Vector3): number =>
  degrees * Math.acos(Math.max(-1, Math.min(1, dot(normalize(a), normalize(b)))));

/**
 * The error of the view in degrees: the angle between directions, whatever the image's rotation (paper C's code; its
 * eq. 8 writes the rotations' whole angle, and divides by π what is then compared with 15°).
 */
export function viewErrorDeg(match: ViewMatch, options: Pick<ViewScoreOptions, "symmetric"> = {}): number {
  const { direction, foundDirection, symmetric } = match;
  if (!symmetric) return angleDeg(direction, foundDirection);
  if (options.symmetric === "published") return 0;
  const turned: Vector3 = [-direction[0], -direction[1], direction[2]];
  return Math.min(angleDeg(direction, foundDirection), angleDeg(turned, foundDirection));
}

/**
 * Scores of all matches, and of each object's (paper C, eq. 9; template-pose's `calculate_score`).
 *
 * @throws InputError for no matches
 */
export function acc15(
  matches: readonly ViewMatch[],
  options: ViewScoreOptions = {},
): ViewScore & { byObject: Readonly<Record<number, ViewScore>> } {
  assertInput(matches.length > 0, "acc15: there are no matches; give at least one query");
  const { limitDeg = 15 } = options;
  const score = (some: readonly ViewMatch[]): ViewScore => {
    const errors = some.map((match) => viewErrorDeg(match, options));
    const right = some.map(({ object, foundObject }) => object === foundObject);
    const share = (holds: (i: number) => boolean): number => some.filter((_, i) => holds(i)).length / some.length;
    return {
      meanErrorDeg: errors.reduce((a, b) => a + b, 0) / some.length,
      view: share((i) => errors[i] <= limitDeg),
      class: share((i) => right[i]),
      viewAndClass: share((i) => right[i] && errors[i] <= limitDeg),
      count: some.length,
    };
  };
  const objects = [...new Set(matches.map(({ object }) => object))].sort((a, b) => a - b);
  return {
    ...score(matches),
    byObject: Object.fromEntries(objects.map((id) => [id, score(matches.filter(({ object }) => object === id))])),
  };
}

/**
 * Errors of whole rotations as the later code of template-pose counts them: PyTorch3D's relative angle, which gives 0.405°
 * for equal rotations; for objects of symmetry 1 the smaller one with the estimate turned by 180° about y before.
 */
export const templatePoseErrorDeg = (found: Matrix3, truth: Matrix3, symmetric: boolean): number => {
  const error = (r: Matrix3): number => degrees * relativeAnglePytorch3d(r, truth);
  return symmetric ? Math.min(error(found), error(multiply(rotationY(Math.PI), found))) : error(found);
};
