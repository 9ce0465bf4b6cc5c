/**
 * @file Point clouds as flat Float32Arrays (N × 3, metres): sampling, neighbourhoods, back-projection.
 *
 * Farthest point sampling and ball query keep the float32 arithmetic and the tie rules of the CUDA kernels that
 * PointNet++ and GenPose train with, so that a network of theirs sees the same groups here.
 */
import { assertInput, assertShape } from "../check";
import type { Rng } from "../random";
import type { Camera } from "./camera";
import type { Vector3 } from "./vector";

const f = Math.fround;

/**
 * Bound on the relative error of a squared distance in float32 (five roundings of 2⁻²⁴, with room). Where float64
 * decides by more than that, float32 decides alike, and its slow roundings need not be repeated.
 */
const margin = 1e-6;

/** ‖(dx, dy, dz)‖² as a float32 kernel computes it. */
function squaredDistance(dx: number, dy: number, dz: number): number {
  const x = f(dx);
  const y = f(dy);
  const z = f(dz);
  return f(f(f(x * x) + f(y * y)) + f(z * z));
}

/** Number of points of a flat cloud. @throws InputError if the length is no multiple of three. */
function pointCount(where: string, points: Float32Array): number {
  assertInput(
    points.length % 3 === 0,
    `${where}: ${points.length} numbers are no N × 3 cloud; pass x, y, z of each point`,
  );
  return points.length / 3;
}

/** Rank tables by number of points, largest block 1024 threads as in the kernel. */
const tieRanks = new Map<number, Int32Array>();

/**
 * Which of two equally far points the kernel's tree reduction keeps: the one with the lower rank. Thread k mod T
 * (T = largest power of two ≤ n, at most 1024) looks at point k; the reduction halves the block and keeps the lower
 * half on ties, so the last comparison (bit 0 of the thread) weighs most: threads are ordered by their reversed bits,
 * the points of one thread by index.
 */
function tieRank(n: number): Int32Array {
  const known = tieRanks.get(n);
  if (known) return known;
  const bits = Math.min(10, Math.floor(Math.log2(n)));
  const threads = 1 << bits;
  const perThread = Math.ceil(n / threads);
  const rank = Int32Array.from({ length: n }, (_, k) => {
    let reversed = 0;
    for (let bit = 0, thread = k % threads; bit < bits; bit++, thread >>= 1) reversed = (reversed << 1) | (thread & 1);
    return reversed * perThread + Math.floor(k / threads);
  });
  tieRanks.set(n, rank);
  return rank;
}

/** Indices of a farthest-point order and whether a tie decided one of them. */
export interface FarthestPointOrder {
  indices: Int32Array;
  tied: boolean;
}

/**
 * `farthestPointSample` for inner use: no checks, and it tells whether two points were ever equally far. Without ties
 * the first m of the order are the farthest point sample of the order itself, so deeper levels need no search.
 */
export function farthestPointOrder(points: Float32Array, count: number): FarthestPointOrder {
  const n = points.length / 3;
  // float32 values in float64 arrays: no conversion in the loop.
  const xs = new Float64Array(n);
  const ys = new Float64Array(n);
  const zs = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    xs[k] = points[3 * k];
    ys[k] = points[3 * k + 1];
    zs[k] = points[3 * k + 2];
  }
  const nearest = new Float64Array(n).fill(1e10);
  const rank = tieRank(n);
  const indices = new Int32Array(count);
  let last = 0;
  let tied = false;
  for (let j = 1; j < count; j++) {
    const x = xs[last];
    const y = ys[last];
    const z = zs[last];
    let best = -1;
    let far = 0;
    let shared = false;
    for (let k = 0; k < n; k++) {
      const dx = xs[k] - x;
      const dy = ys[k] - y;
      const dz = zs[k] - z;
      let d = nearest[k];
      if (dx * dx + dy * dy + dz * dz < d * (1 + margin)) {
        const exact = squaredDistance(dx, dy, dz);
        if (exact < d) {
          d = exact;
          nearest[k] = exact;
        }
      }
      if (d >= best) {
        if (d > best) {
          best = d;
          far = k;
          shared = false;
        } else {
          shared = true;
          if (rank[k] < rank[far]) far = k;
        }
      }
    }
    tied ||= shared;
    indices[j] = far;
    last = far;
  }
  return { indices, tied };
}

/**
 * Farthest point sampling: start at point 0, then take again and again the point farthest from all taken ones.
 *
 * The rule of GenPose's `sampling_gpu.cu` (from PointNet++): float32 distances, strict >, ties as its block reduction
 * resolves them.
 *
 * @param points N × 3, metres
 * @returns `count` indices
 * @throws InputError if the cloud has fewer than `count` points
 */
export function farthestPointSample(points: Float32Array, count: number): Int32Array {
  const n = pointCount("farthestPointSample", points);
  assertInput(
    Number.isInteger(count) && count >= 1 && count <= n,
    `farthestPointSample: asked for ${count} of ${n} points; ask for 1 to ${n}, or bring the cloud to size with samplePoints`,
  );
  return farthestPointOrder(points, count).indices;
}

/**
 * Ball query: for each centre the first `count` points, in index order, with ‖p − c‖² < radius² (float32, strict).
 * Missing neighbours repeat the first one; a ball without points gives zeros (GenPose's `ball_query_gpu.cu`).
 *
 * @param points N × 3, metres
 * @param centres S × 3, metres
 * @returns S × count indices
 * @throws InputError for an empty cloud, a radius or a count that is not positive
 */
export function ballQuery(points: Float32Array, centres: Float32Array, radius: number, count: number): Int32Array {
  const n = pointCount("ballQuery", points);
  const s = pointCount("ballQuery", centres);
  assertInput(n > 0, "ballQuery: the cloud is empty; pass at least one point");
  assertInput(radius > 0, `ballQuery: the radius is ${radius}; it must be positive, in metres`);
  assertInput(Number.isInteger(count) && count >= 1, `ballQuery: asked for ${count} neighbours; ask for at least 1`);
  const neighbours = new Int32Array(s * count);
  ballQueryInto(neighbours, 0, points, centres, radius, count, 0);
  return neighbours;
}

/** `ballQuery` for inner use: writes index + `indexOffset` into `out` from `at` on; no checks. */
export function ballQueryInto(
  out: Int32Array,
  at: number,
  points: Float32Array,
  centres: Float32Array,
  radius: number,
  count: number,
  indexOffset: number,
): void {
  const coordinates = Float64Array.from(points);
  const radiusSquared = f(f(radius) * f(radius));
  const surely = radiusSquared * (1 - margin);
  const possibly = radiusSquared * (1 + margin);
  for (let c = 0, row = at; c < centres.length; c += 3, row += count) {
    const x = centres[c];
    const y = centres[c + 1];
    const z = centres[c + 2];
    let found = 0;
    for (let k = 0; k < coordinates.length && found < count; k += 3) {
      const dx = x - coordinates[k];
      const dy = y - coordinates[k + 1];
      const dz = z - coordinates[k + 2];
      const d = dx * dx + dy * dy + dz * dz;
      if (d < possibly && (d < surely || squaredDistance(dx, dy, dz) < radiusSquared))
        out[row + found++] = k / 3 + indexOffset;
    }
    const filler = found > 0 ? out[row] : indexOffset;
    for (; found < count; found++) out[row + found] = filler;
  }
}

/** The mean of the points, float64. @throws InputError for an empty cloud. */
export function centroid(points: Float32Array): Vector3 {
  const n = pointCount("centroid", points);
  assertInput(n > 0, "centroid: the cloud is empty; pass at least one point");
  let x = 0;
  let y = 0;
  let z = 0;
  for (let k = 0; k < points.length; k += 3) {
    x += points[k];
    y += points[k + 1];
    z += points[k + 2];
  }
  return [x / n, y / n, z / n];
}

/**
 * The points of all masked pixels with a depth: ((u − cx)·z/fx, (v − cy)·z/fy, z), row by row.
 *
 * @param depth camera.height × camera.width, metres along z; zero, negative and non-finite values are skipped
 * @param mask same shape, non-zero on the object
 * @returns N × 3, metres; N may be 0
 * @throws InputError if depth or mask do not have the camera's size
 */
export function backProjectMask(depth: Float32Array, mask: ArrayLike<number>, camera: Camera): Float32Array {
  const { width, height, fx, fy, cx, cy } = camera;
  assertShape("backProjectMask depth", depth, [height, width]);
  assertShape("backProjectMask mask", mask, [height, width]);
  const points: number[] = [];
  for (let v = 0, i = 0; v < height; v++)
    for (let u = 0; u < width; u++, i++) {
      const z = depth[i];
      if (mask[i] && z > 0 && z < Infinity) points.push(((u - cx) * z) / fx, ((v - cy) * z) / fy, z);
    }
  return Float32Array.from(points);
}

/**
 * A cloud of exactly `count` points, GenPose's rule (`datasets_genpose.py`): a larger cloud gives a random subset
 * without replacement, a smaller one is repeated as a whole as often as it fits, then its first points fill the rest.
 *
 * @param points N × 3
 * @param draws how many such clouds; they go on through one permutation, so that they have no point in common while
 *   there are enough
 * @returns draws × count × 3
 * @throws InputError for an empty cloud
 */
export function samplePoints(points: Float32Array, count: number, rng: Rng, draws = 1): Float32Array {
  const n = pointCount("samplePoints", points);
  assertInput(n > 0, `samplePoints: asked for ${count} of 0 points; the mask is empty or the depth missing under it`);
  assertInput(Number.isInteger(count) && count >= 1, `samplePoints: asked for ${count} points; ask for at least 1`);
  assertInput(Number.isInteger(draws) && draws >= 1, `samplePoints: asked for ${draws} draws; ask for at least 1`);
  const order = n > count ? rng.permutation(n) : undefined;
  const sample = new Float32Array(3 * count * draws);
  for (let k = 0; k < count * draws; k++) {
    // A small cloud is repeated anew in every draw.
    const from = 3 * (order ? order[k % n] : (k % count) % n);
    sample[3 * k] = points[from];
    sample[3 * k + 1] = points[from + 1];
    sample[3 * k + 2] = points[from + 2];
  }
  return sample;
}
