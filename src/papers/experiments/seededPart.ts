/**
 * @file Names of the parts that are measured seed by seed: "ARM, seed 0", "ARM, seed 1", …
 */

/** The part of an arm with a seed. */
export const seededPart = (arm: string, seed: number): string => `${arm}, seed ${seed}`;

/** The arm of a part; a part without seed is its own. */
export const armOfPart = (part: string): string => part.replace(/, seed \d+$/, "");
