/**
 * @file Shares as the files of paper C's experiments hold them.
 */

/** Percent with one digit. */
export const percent = (share: number): number => Math.round(1000 * share) / 10;
