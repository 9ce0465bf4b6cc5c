/**
 * @file Features of many numbers laid out in the plane by UMAP (McInnes et al. 2018): neighbours stay neighbours.
 */
import { UMAP } from "umap-js";
import { assertFinite, assertInput, assertShape } from "../check";
import type { Rng } from "../random";

/** How near is near. */
export interface UmapOptions {
  /** Neighbours that each point tries to keep: few show clusters, many the whole. */
  neighbors?: number;
  /** Least distance of points in the picture. */
  minDist?: number;
}

const defaults = { neighbors: 15, minDist: 0.1 } satisfies UmapOptions;

/**
 * N points of the plane for N features; the same features, options and seed give the same points.
 *
 * Distances between far clusters and sizes of clusters mean nothing in such a picture: only who is beside whom.
 *
 * @param features N × F, one row per object
 * @returns N × 2
 * @throws InputError if the features are not N rows of finite numbers, or N is not above the number of neighbours
 */
export function umapEmbedding(
  features: ArrayLike<number>,
  count: number,
  rng: Rng,
  options: UmapOptions = {},
): Float64Array {
  const { neighbors, minDist } = { ...defaults, ...options };
  assertInput(
    Number.isInteger(count) && count > neighbors && features.length > 0 && features.length % count === 0,
    `umapEmbedding: ${features.length} numbers, ${count} rows and ${neighbors} neighbours do not fit; pass N × F numbers with N above the number of neighbours`,
  );
  const size = features.length / count;
  assertShape("umapEmbedding", features, [count, size]);
  assertFinite("umapEmbedding", features);
  const rows = Array.from({ length: count }, (_, i) =>
    Array.from({ length: size }, (__, k) => features[i * size + k] as number),
  );
  const umap = new UMAP({ nNeighbors: neighbors, minDist, random: () => rng.uniform() });
  return Float64Array.from(umap.fit(rows).flat());
}
