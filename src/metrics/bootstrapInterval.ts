/**
 * @file How sure a score of a data set is.
 */
import { assertInput } from "../check";
import type { Rng } from "../random";

/** Options of `bootstrapInterval`. */
export interface BootstrapOptions {
  rng: Rng;
  resamples?: number;
  /** Share of the resampled scores that lie inside. */
  level?: number;
}

const defaults = { resamples: 2_000, level: 0.95 };

/**
 * The percentile bootstrap of Efron (1979): groups that belong together (all objects of an image) are drawn with
 * replacement, the score is taken of each draw, and the interval holds the middle 95 % of them.
 *
 * @param score of the members of the drawn groups
 * @throws InputError for fewer than two groups
 */
export function bootstrapInterval<T>(
  groups: readonly (readonly T[])[],
  score: (members: T[]) => number,
  options: BootstrapOptions,
): [low: number, high: number] {
  const { rng, resamples, level } = { ...defaults, ...options };
  assertInput(
    groups.length >= 2 && resamples >= 2 && level > 0 && level < 1,
    `bootstrapInterval: ${groups.length} groups, ${resamples} resamples, level ${level}; give two of each at least and a level between 0 and 1`,
  );
  const scores = Float64Array.from({ length: resamples }, () =>
    score(Array.from(groups, () => groups[rng.integer(groups.length)]).flat()),
  ).sort();
  const at = (share: number): number =>
    scores[Math.min(resamples - 1, Math.max(0, Math.round(share * (resamples - 1))))];
  return [at((1 - level) / 2), at((1 + level) / 2)];
}
