/**
 * @file Real pictures of seen objects in contrastive training (paper C, section 4.1.2: queries are real where there are
 * any): kept in memory, drawn in batches, in turn with toys.
 */
import { assertInput } from "../../check";
import { Rng } from "../../random";
import type { BatchStream } from "../batchStream";
import { batchOf, type ViewBatch, type ViewBatchOptions, type ViewPair, type ViewSizes } from "./viewBatch";

/** A pair of a real picture. */
export interface RealPair extends ViewPair {
  objectId: number;
  /** Number of the template's view: two pairs of one object and view are no negatives of each other. */
  view: number;
}

/** Real pictures that a network learns from. */
export interface RealPictures {
  pairs: readonly RealPair[];
  /** Where they come from, in a word; a training that is resumed must have the same. */
  source: string;
}

/** Pairs of different views, as many as there are, at most `count`; then the first again. */
function ofDifferentViews(shuffled: readonly RealPair[], count: number): RealPair[] {
  const chosen = new Map<number, RealPair>();
  for (const pair of shuffled) if (chosen.size < count && !chosen.has(pair.view)) chosen.set(pair.view, pair);
  const pairs = [...chosen.values()];
  return Array.from({ length: count }, (_, i) => pairs[i % pairs.length]);
}

/**
 * Batches of real pictures, a function of the step: `viewsPerObject` pictures of each of some objects, as occluded and
 * developed as `viewBatches` has them.
 *
 * @throws InputError if there are no pairs
 */
export function realBatches(
  pairs: readonly RealPair[],
  { seed, batchSize, viewsPerObject }: Pick<ViewBatchOptions, "seed" | "batchSize" | "viewsPerObject">,
  sizes: ViewSizes,
): (step: number) => ViewBatch {
  assertInput(
    pairs.length > 0,
    "realBatches: there are no pictures of these objects; choose others, or the other half",
  );
  const inRandomOrder = <T>(rng: Rng, items: readonly T[]): T[] =>
    Array.from(rng.permutation(items.length), (i) => items[i]);
  const ids = [...new Set(pairs.map(({ objectId }) => objectId))];
  return (step) => {
    const rng = new Rng(seed).split("real pairs").split(step);
    const objects = inRandomOrder(rng.split("objects"), ids);
    const chosen = Array.from({ length: batchSize / viewsPerObject }, (_, k) => {
      const own = pairs.filter(({ objectId }) => objectId === objects[k % objects.length]);
      return ofDifferentViews(inRandomOrder(rng.split("pictures").split(k), own), viewsPerObject);
    });
    return batchOf(chosen.flat(), rng.split("visit"), sizes);
  };
}

/** The pairs of `bopPairs`, kept. */
export async function keptPairs(pairs: AsyncIterable<ViewBatch & Omit<RealPair, keyof ViewPair>>): Promise<RealPair[]> {
  const kept: RealPair[] = [];
  for await (const { objectId, view, queries, templates, masks } of pairs)
    kept.push({ objectId, view, query: queries, template: templates, mask: masks });
  return kept;
}

/** Toys and real pictures in turn. It closes the toys' stream. */
export const inTurn = (toys: BatchStream<ViewBatch>, real: (step: number) => ViewBatch): BatchStream<ViewBatch> => ({
  batch: async (step) => (step % 2 === 0 ? toys.batch(step / 2) : real((step - 1) / 2)),
  close: toys.close,
});
