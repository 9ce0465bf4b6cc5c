/**
 * @file What a parity file holds and what a comparison of one quantity yields.
 */

/** One case of a parity file: inputs given to the reference code and the outputs it gave. */
export interface ParityCase {
  name: string;
  // The files are read from disk: their content is checked where it is used.
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  /** What the file has beside its cases: lists that several of them use. */
  shared?: Record<string, unknown>;
}

/** A parity file. */
export interface ParityFile {
  component: string;
  tolerance: { abs?: number; rel?: number; exact?: boolean; float32_abs?: number; note?: string };
  cases: ParityCase[];
}

/** One quantity of a case: our numbers beside the reference's, flattened. */
export interface ParityComparison {
  quantity: string;
  ours: ArrayLike<number>;
  reference: ArrayLike<number>;
  /** A tolerance of this quantity's own, where the file's notes give one (float32 variants, counts). */
  tolerance?: { abs?: number; rel?: number };
}

/** Runs one case of a component through the library. */
export type ParityRunner = (parityCase: ParityCase) => ParityComparison[];
