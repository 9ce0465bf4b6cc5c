/**
 * @file What belongs to a data set besides its frames, looked at without stopping at what is damaged.
 */

/** A part: models, labels, targets. */
export interface DatasetPart {
  name: string;
  /** "2,750 ground-truth pickles", "8 models". */
  found: string;
  /** What is needed and not there, or why it cannot be read; undefined if nothing is missing. */
  missing?: string;
}

/** The frames of a split, each as FOLDER/NAME. */
export interface SplitFrames {
  all: readonly string[];
  /** Those that have the files that their reader needs. */
  complete: readonly string[];
}

/** A part as `look` finds it; where that throws, its sentence is what is missing. */
export function datasetPart(name: string, look: () => Omit<DatasetPart, "name">): DatasetPart {
  try {
    return { name, ...look() };
  } catch (error) {
    return { name, found: "cannot be read", missing: (error as Error).message };
  }
}

/** "1 model", "2,750 models". */
export const count = (n: number, what: string): string => `${n.toLocaleString("en")} ${n === 1 ? what : `${what}s`}`;

/** The first ten of a list, and how many more there are. */
export const someOf = (names: readonly string[]): string =>
  names.length <= 10
    ? names.join(", ")
    : `${names.slice(0, 10).join(", ")} and ${(names.length - 10).toLocaleString("en")} more`;
