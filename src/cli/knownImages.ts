/**
 * @file Where a stopped run goes on.
 */
import type { ResultRow } from "../papers/benchmarks/resultFile";

/** The places of the images that have rows already; if there are any, it is said beside what the command prints. */
export function knownImages(path: string | undefined, rows: readonly ResultRow[]): Set<number> {
  const known = new Set(rows.map(({ at }) => at));
  if (known.size > 0) console.error(`${path}: going on after ${known.size} images`);
  return known;
}
