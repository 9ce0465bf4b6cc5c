/**
 * @file Which of an object's equivalent poses the hypotheses chose: a box with like faces has several.
 */
import { assertInput } from "../check";
import type { Pose } from "../geometry/pose";
import { geodesicDistance } from "../geometry/so3";
import { type Matrix3, multiply } from "../geometry/vector";

/** How the hypotheses share the modes. */
export interface ModeShares {
  /** The part of all hypotheses that belongs to each mode, in the order of `modes`. */
  shares: number[];
  /** The part that belongs to none; with the shares it adds up to 1. */
  outside: number;
  /** Index of each hypothesis' mode, −1 for none. */
  modeOf: number[];
}

/** When a hypothesis belongs to a mode. */
export interface ModeSharesOptions {
  /** Farthest angle from the mode, degrees. */
  withinDeg?: number;
}

const defaults = { withinDeg: 30 } satisfies ModeSharesOptions;

/**
 * The share of hypotheses per mode: mode g is the rotation R*·g, and a hypothesis belongs to the nearest mode if that is
 * within `withinDeg`.
 *
 * @param modes rotations of the object that leave it as it is, the identity among them (`symmetryGroup`)
 * @throws InputError without a hypothesis or a mode, or unless 0 < withinDeg ≤ 180
 */
export function modeShares(
  hypotheses: readonly Pose[],
  truth: Pose,
  modes: readonly Matrix3[],
  options: ModeSharesOptions = {},
): ModeShares {
  const { withinDeg } = { ...defaults, ...options };
  assertInput(hypotheses.length > 0, "modeShares: got no hypothesis; pass at least one");
  assertInput(modes.length > 0, "modeShares: got no mode; pass the rotations that leave the object as it is");
  assertInput(
    withinDeg > 0 && withinDeg <= 180,
    `modeShares: withinDeg is ${withinDeg}; pass degrees above 0, at most 180`,
  );
  const centres = modes.map((mode) => multiply(truth.rotation, mode));
  const modeOf = hypotheses.map(({ rotation }) => {
    const angles = centres.map((centre) => geodesicDistance(rotation, centre));
    const nearest = angles.indexOf(Math.min(...angles));
    return (180 / Math.PI) * angles[nearest] <= withinDeg ? nearest : -1;
  });
  const share = (mode: number): number => modeOf.filter((m) => m === mode).length / hypotheses.length;
  return { shares: modes.map((_, mode) => share(mode)), outside: share(-1), modeOf };
}
