/**
 * @file Takes the points of a mask's border that lie on the background out of a sensor's point cloud.
 */
import { assertFinite, assertInput } from "../check";

const defaults = {
  /** Side of a voxel, metres; surfaces more than two voxels apart (3 cm) are separate. */
  cell: 0.015,
  /** A voxel is part of a surface if it has this part of the cloud's median density around it. */
  density: 0.25,
  /** Separate surfaces with at least this part of the largest one's points stay: an occluder can cut an object in two. */
  smallestPart: 0.1,
  /** If less than this part of the points would stay, the cloud is not one object with a border, and all stay. */
  smallestRest: 0.5,
} satisfies CleanCloudOptions;

/** Options of `cleanCloud`. */
export interface CleanCloudOptions {
  cell?: number;
  density?: number;
  smallestPart?: number;
  smallestRest?: number;
}

/** What stays of a cloud. */
export interface CleanedCloud {
  /** M × 3. */
  points: Float32Array;
  /** Their indices in the given cloud, ascending. */
  indices: Int32Array;
}

/** A voxel: which points lie in it, how many in and around it, and whether it stays. */
interface Voxel {
  key: number;
  points: number[];
  density: number;
  dense: boolean;
  kept: boolean;
}

/**
 * The points of a masked cloud that belong to the object: density clustering (DBSCAN's idea, Ester et al. 1996) on
 * voxels.
 *
 * A mask that is one or two pixels too wide adds a thin ring of background. The ring touches the object where it stands
 * on the table, so distance alone does not separate it; its low density does, since it is only a pixel or two wide.
 * A voxel is dense if it and its 26 neighbours hold at least `density` times the median over all points. Dense voxels
 * that touch form parts; the largest part stays, others with at least `smallestPart` of its points too, and the
 * voxels that touch a part that stays. No chance is involved, and the order of the points does not matter.
 *
 * @param points N × 3, metres
 * @throws InputError for NaN, no multiple of three numbers, or a cell that is not positive
 */
export function cleanCloud(points: Float32Array, options: CleanCloudOptions = {}): CleanedCloud {
  const { cell, density, smallestPart, smallestRest } = { ...defaults, ...options };
  assertInput(
    points.length % 3 === 0,
    `cleanCloud: ${points.length} numbers are no N × 3 cloud; pass x, y, z per point`,
  );
  assertInput(cell > 0, `cleanCloud: the cell is ${cell}; give a positive length in metres`);
  assertFinite("cleanCloud", points);
  const count = points.length / 3;
  if (count === 0) return { points: new Float32Array(0), indices: new Int32Array(0) };

  const { voxels, around } = voxelGrid(points, cell);
  const all = [...voxels.values()];
  for (const voxel of all) voxel.density = around(voxel).reduce((sum, { points: { length } }) => sum + length, 0);
  const threshold = density * medianDensity(all, count);
  for (const voxel of all) voxel.dense = voxel.density >= threshold;

  const parts = connectedParts(all, around);
  const sizes = parts.map((part) => part.reduce((sum, voxel) => sum + voxel.points.length, 0));
  const largest = Math.max(...sizes);
  parts.forEach((part, i) => {
    if (sizes[i] < smallestPart * largest) return;
    for (const voxel of part) for (const neighbour of around(voxel)) neighbour.kept = true;
  });

  const indices = Int32Array.from(all.filter(({ kept }) => kept).flatMap((voxel) => voxel.points)).sort();
  if (indices.length < smallestRest * count)
    return { points: points.slice(), indices: Int32Array.from({ length: count }, (_, i) => i) };
  const rest = new Float32Array(3 * indices.length);
  for (let k = 0; k < indices.length; k++) rest.set(points.subarray(3 * indices[k], 3 * indices[k] + 3), 3 * k);
  return { points: rest, indices };
}

/** The occupied voxels by their number, and a voxel's occupied neighbours, itself among them. */
function voxelGrid(
  points: Float32Array,
  cell: number,
): { voxels: Map<number, Voxel>; around: (voxel: Voxel) => Voxel[] } {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  const at = (k: number): number => Math.floor(points[k] / cell);
  for (let k = 0; k < points.length; k++) {
    low[k % 3] = Math.min(low[k % 3], at(k));
    high[k % 3] = Math.max(high[k % 3], at(k));
  }
  // one empty layer on each side, so that a neighbour's number is never that of a voxel across the grid
  const [, ny, nz] = low.map((value, axis) => high[axis] - value + 3);
  const number = (x: number, y: number, z: number): number =>
    ((x - low[0] + 1) * ny + (y - low[1] + 1)) * nz + (z - low[2] + 1);
  const voxels = new Map<number, Voxel>();
  for (let k = 0; k < points.length; k += 3) {
    const key = number(at(k), at(k + 1), at(k + 2));
    const voxel = voxels.get(key);
    if (voxel) voxel.points.push(k / 3);
    else voxels.set(key, { key, points: [k / 3], density: 0, dense: false, kept: false });
  }
  const steps = [-1, 0, 1];
  const offsets = steps.flatMap((x) => steps.flatMap((y) => steps.map((z) => (x * ny + y) * nz + z)));
  return {
    voxels,
    around: (voxel) =>
      offsets.flatMap((offset) => {
        const neighbour = voxels.get(voxel.key + offset);
        return neighbour ? [neighbour] : [];
      }),
  };
}

/** The density around the median point. */
function medianDensity(voxels: readonly Voxel[], count: number): number {
  let seen = 0;
  for (const { density, points } of [...voxels].sort((a, b) => a.density - b.density)) {
    seen += points.length;
    if (2 * seen >= count) return density;
  }
  return 0;
}

/** The dense voxels, grouped by touch. */
function connectedParts(voxels: readonly Voxel[], around: (voxel: Voxel) => Voxel[]): Voxel[][] {
  const seen = new Set<Voxel>();
  const parts: Voxel[][] = [];
  for (const start of voxels) {
    if (!start.dense || seen.has(start)) continue;
    seen.add(start);
    const part = [start];
    for (let i = 0; i < part.length; i++)
      for (const neighbour of around(part[i]))
        if (neighbour.dense && !seen.has(neighbour)) {
          seen.add(neighbour);
          part.push(neighbour);
        }
    parts.push(part);
  }
  return parts;
}
