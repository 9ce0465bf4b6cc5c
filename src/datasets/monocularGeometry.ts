/**
 * @file What a large pretrained network tells of a picture's geometry (Omnidata, Depth Anything): relative depth and
 * normals, without metres.
 */
import { assertFinite, assertInput, assertShape } from "../check";
import type { Matrix3 } from "../geometry/vector";
import type { ColorImage } from "./imageCrop";

/** Relative depth and normals over a whole picture. */
export interface MonocularGeometry {
  /** H × W; grows with the distance, in a unit and from a zero that differ from picture to picture. */
  depth: Float32Array;
  /** H × W × 3, unit vectors in the camera frame that point to the camera; 0 where unknown. */
  normals: Float32Array;
}

/** From a whole picture to its geometry. */
export interface GeometryProvider {
  /** @throws InputError if the picture does not have the camera's size */
  geometryOf: (image: ColorImage) => Promise<MonocularGeometry>;
  dispose: () => void;
}

/**
 * Depth without unit and zero: (d − median)/mean|d − median|, the normal form of relative depth (MiDaS, Ranftl et al.
 * 2022, eq. 5, 6). Depths that differ by a positive factor and a shift come out the same. All equal: 0.
 *
 * @param known 0 where there is no depth; such values take no part and come out as 0, the median
 * @throws InputError for no known depth, or one that is not finite
 */
export function standardizeDepth(depth: Float32Array, known?: ArrayLike<number>): Float32Array {
  if (known) assertShape("standardizeDepth, known", known, [depth.length]);
  const sorted = new Float64Array(known ? depth.filter((_, i) => known[i]) : depth).sort();
  assertInput(sorted.length > 0, "standardizeDepth: no depth is known; give at least one");
  assertFinite("standardizeDepth", sorted);
  const median = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  let spread = 0;
  for (const d of sorted) spread += Math.abs(d - median) / sorted.length;
  // Equal up to rounding is equal: dividing by the rounding would make noise of the size of a signal.
  const factor = spread > 1e-6 * Math.abs(median) ? 1 / spread : 0;
  return depth.map((d, i) => (known && !known[i] ? 0 : (d - median) * factor));
}

/** Each of N × 3 normals turned by Q: `mapCrop` moves them, this turns them. */
export function turnNormals(normals: Float32Array, turn: Matrix3): Float32Array {
  const turned = new Float32Array(normals.length);
  const [a, b, c, d, e, f, g, h, k] = turn;
  for (let i = 0; i < normals.length; i += 3) {
    const [x, y, z] = [normals[i], normals[i + 1], normals[i + 2]];
    turned[i] = a * x + b * y + c * z;
    turned[i + 1] = d * x + e * y + f * z;
    turned[i + 2] = g * x + h * y + k * z;
  }
  return turned;
}
