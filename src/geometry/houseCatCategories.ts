/**
 * @file The categories of HouseCat6D and their symmetry.
 */

/** Class id = index + 1. */
export const houseCatCategories = [
  "box",
  "bottle",
  "can",
  "cup",
  "remote",
  "teapot",
  "cutlery",
  "glass",
  "shoe",
  "tube",
] as const;

/** Those whose rotation about y the evaluation does not count; of handles it asks nothing. */
export const houseCatTurnsAboutY: readonly string[] = ["bottle", "can", "glass"];
