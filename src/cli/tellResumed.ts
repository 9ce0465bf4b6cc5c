/**
 * @file What is said where a stopped run goes on.
 */
import type { ResultRow } from "../papers/benchmarks/resultFile";

/** Say how many images are known already, if any, beside what the command prints. */
export function tellResumed(path: string | undefined, rows: readonly ResultRow[]): void {
  const images = new Set(rows.map(({ at }) => at)).size;
  if (images > 0) console.error(`${path}: going on after ${images} images`);
}
