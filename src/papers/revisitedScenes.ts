/**
 * @file Scenes that are rendered once and seen several times, some steps apart: rendering is what costs.
 */
import { assertInput } from "../check";

/** How a batch is made of scenes. */
export interface RevisitedScenesOptions<T> {
  batchSize: number;
  /** How often a scene is seen; divides the batch. */
  visits: number;
  /** Scene `index`, whatever was made before. */
  make: (index: number) => T;
}

/** Steps between two visits to a scene. */
const visitLag = 16;

/**
 * The scene of row b of the batch of a step, a function of both alone. Scenes before the first are those that come last:
 * the first steps see them, too.
 *
 * @throws InputError if the visits do not divide the batch
 */
export function revisitedScenes<T>({
  batchSize,
  visits,
  make,
}: RevisitedScenesOptions<T>): (step: number, b: number) => T {
  const fresh = batchSize / visits;
  assertInput(
    Number.isInteger(fresh),
    `revisitedScenes: a batch of ${batchSize} cannot be made of scenes that are seen ${visits} times; let visits divide it`,
  );
  const kept = new Map<number, T>();
  return (step, b) => {
    // Group k was rendered k·visitLag steps ago.
    const group = step + (visits - 1 - Math.floor(b / fresh)) * visitLag;
    const index = group * fresh + (b % fresh);
    const known = kept.get(index);
    if (known !== undefined) return known;
    const made = make(index);
    kept.set(index, made);
    for (const old of kept.keys()) if (old < step * fresh) kept.delete(old);
    return made;
  };
}
