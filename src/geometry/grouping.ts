/**
 * @file The geometric half of PointNet++: which points are centres, which are their neighbours, and where those lie
 * relative to the centre. Plain typed arrays (all transferable), no tensors: a worker thread can make them while the
 * network trains.
 */
import { assertInput, assertShape } from "../check";
import { ballQueryInto, centroid, farthestPointOrder } from "./pointcloud";

/** One ball of a multi-scale group. */
export interface GroupingScale {
  /** Metres. */
  radius: number;
  /** Neighbours K of a centre. */
  samples: number;
}

/** One set abstraction level: S centres, chosen by farthest point sampling, each with one group a scale. */
export interface GroupingLevel {
  centroids: number;
  scales: readonly GroupingScale[];
}

/** How a cloud is taken apart. */
export interface GroupingConfig {
  /** Points N of a cloud. */
  points: number;
  levels: readonly GroupingLevel[];
  /** Subtract the cloud's centroid first, so that no level sees where the object stands. */
  centred: boolean;
  /** Divide relative coordinates by the radius, so that they fill the unit ball. */
  relativeToRadius: boolean;
  /** Factor on the last level's coordinates (metres otherwise). */
  coordinateScale: number;
}

/** The groups of one scale, for a batch of B clouds with S centres and K neighbours. */
export interface GroupedScale {
  /** B × S × K, rows of the level's flattened [B·N] input. */
  neighbours: Int32Array;
  /** B × S × K × 3: neighbour − centre, metres or radii. */
  relative: Float32Array;
}

/** The groups of one level. */
export interface GroupedLevel {
  /** B × S, rows of the level's flattened [B·N] input. */
  centres: Int32Array;
  /** B × S × 3, metres, less the centroid if centred. */
  xyz: Float32Array;
  scales: GroupedScale[];
}

/** What a PointNet++ encoder reads instead of clouds. */
export interface Grouping {
  batch: number;
  levels: GroupedLevel[];
  /** B × S × 3: the last level's centres × coordinateScale. */
  coordinates: Float32Array;
}

/** Which points are centres and neighbours: rigid motion of the clouds leaves it as it is. */
export interface GroupIndices {
  batch: number;
  levels: { centres: Int32Array; neighbours: Int32Array[] }[];
}

/** The chosen rows of a flattened cloud. */
function gatherPoints(points: Float32Array, rows: Int32Array): Float32Array {
  const gathered = new Float32Array(3 * rows.length);
  for (let i = 0, o = 0; i < rows.length; i++) {
    const from = 3 * rows[i];
    gathered[o++] = points[from];
    gathered[o++] = points[from + 1];
    gathered[o++] = points[from + 2];
  }
  return gathered;
}

/** B clouds, each less its centroid. */
function centre(clouds: Float32Array, batch: number): Float32Array {
  const centred = new Float32Array(clouds.length);
  const size = clouds.length / batch;
  for (let b = 0; b < batch; b++) {
    const [x, y, z] = centroid(clouds.subarray(b * size, (b + 1) * size));
    for (let k = b * size; k < (b + 1) * size; k += 3) {
      centred[k] = clouds[k] - x;
      centred[k + 1] = clouds[k + 1] - y;
      centred[k + 2] = clouds[k + 2] - z;
    }
  }
  return centred;
}

/** B × N × 3 clouds as the levels see them. @throws InputError if they do not have the configured size. */
function prepare(where: string, config: GroupingConfig, clouds: Float32Array, batch: number): Float32Array {
  assertInput(Number.isInteger(batch) && batch >= 1, `${where}: the batch is ${batch}; pass at least one cloud`);
  assertShape(where, clouds, [batch, config.points, 3]);
  return config.centred ? centre(clouds, batch) : clouds;
}

/**
 * Centres by farthest point sampling and neighbours by ball query, level upon level.
 *
 * @param clouds B × N × 3, metres
 * @throws InputError if the clouds do not have the configured size or a level wants more centres than it has points
 */
export function groupIndices(config: GroupingConfig, clouds: Float32Array, batch: number): GroupIndices {
  let points = prepare("groupIndices", config, clouds, batch);
  let n = config.points;
  // Whether the points of cloud b lie in farthest-point order without ties: then the next centres are the first ones.
  const ordered = new Array<boolean>(batch).fill(false);
  const levels: GroupIndices["levels"] = [];
  for (const { centroids, scales } of config.levels) {
    assertInput(
      centroids <= n,
      `groupIndices: a level wants ${centroids} centres of ${n} points; ask for at most ${n}`,
    );
    const centres = new Int32Array(batch * centroids);
    const neighbours = scales.map(({ samples }) => new Int32Array(batch * centroids * samples));
    for (let b = 0; b < batch; b++) {
      const cloud = points.subarray(3 * b * n, 3 * (b + 1) * n);
      const own = centres.subarray(b * centroids, (b + 1) * centroids);
      if (ordered[b]) for (let i = 0; i < centroids; i++) own[i] = i;
      else {
        const order = farthestPointOrder(cloud, centroids);
        own.set(order.indices);
        ordered[b] = !order.tied;
      }
      const centreXyz = gatherPoints(cloud, own);
      scales.forEach(({ radius, samples }, q) => {
        ballQueryInto(neighbours[q], b * centroids * samples, cloud, centreXyz, radius, samples, b * n);
      });
      for (let i = 0; i < centroids; i++) own[i] += b * n;
    }
    levels.push({ centres, neighbours });
    points = gatherPoints(points, centres);
    n = centroids;
  }
  return { batch, levels };
}

/** Neighbour − centre, times `factor`: S·K × 3. */
function relativeCoordinates(
  points: Float32Array,
  centreXyz: Float32Array,
  neighbours: Int32Array,
  factor: number,
): Float32Array {
  const samples = (3 * neighbours.length) / centreXyz.length;
  const relative = new Float32Array(3 * neighbours.length);
  for (let c = 0, i = 0, o = 0; c < centreXyz.length; c += 3) {
    const x = centreXyz[c];
    const y = centreXyz[c + 1];
    const z = centreXyz[c + 2];
    for (const end = i + samples; i < end; i++) {
      const k = 3 * neighbours[i];
      relative[o++] = (points[k] - x) * factor;
      relative[o++] = (points[k + 1] - y) * factor;
      relative[o++] = (points[k + 2] - z) * factor;
    }
  }
  return relative;
}

/**
 * Coordinates of known groups: use it with the indices of a cloud that has only been moved rigidly since (which saves
 * the search in every epoch).
 *
 * @param indices of `groupIndices` with the same configuration
 * @param clouds B × N × 3, metres
 * @throws InputError if the clouds do not have the configured size
 */
export function groupCoordinates(config: GroupingConfig, indices: GroupIndices, clouds: Float32Array): Grouping {
  let points = prepare("groupCoordinates", config, clouds, indices.batch);
  assertInput(
    indices.levels.length === config.levels.length,
    `groupCoordinates: the indices have ${indices.levels.length} levels, the configuration ${config.levels.length}; make them with the same one`,
  );
  const levels = indices.levels.map(({ centres, neighbours }, l) => {
    const xyz = gatherPoints(points, centres);
    const scales = neighbours.map((rows, q) => ({
      neighbours: rows,
      relative: relativeCoordinates(
        points,
        xyz,
        rows,
        config.relativeToRadius ? 1 / config.levels[l].scales[q].radius : 1,
      ),
    }));
    points = xyz;
    return { centres, xyz, scales };
  });
  return { batch: indices.batch, levels, coordinates: points.map((v) => v * config.coordinateScale) };
}

/**
 * Groups of a batch of clouds, ready for `encode`.
 *
 * @param clouds B × N × 3, metres, camera frame (centred here if the configuration says so)
 * @throws InputError if the clouds do not have the configured size
 */
export const group = (config: GroupingConfig, clouds: Float32Array, batch: number): Grouping =>
  groupCoordinates(config, groupIndices(config, clouds, batch), clouds);

/** The array buffers of a grouping, for `postMessage(grouping, buffersOf(grouping))`. */
export const buffersOf = (grouping: Grouping): ArrayBuffer[] => {
  const arrays = [
    grouping.coordinates,
    ...grouping.levels.flatMap(({ centres, xyz, scales }) => [
      centres,
      xyz,
      ...scales.flatMap(({ neighbours, relative }) => [neighbours, relative]),
    ]),
  ];
  return [...new Set(arrays.map((array) => array.buffer as ArrayBuffer))];
};
