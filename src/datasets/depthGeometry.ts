/**
 * @file Where a depth image is there, it can stand in for a monocular network: its relative depth and its normals.
 */
import { assertFinite, assertInput, assertShape } from "../check";
import type { Camera } from "../geometry/camera";
import { cross, dot, norm, type Vector3 } from "../geometry/vector";
import type { GeometryProvider, MonocularGeometry } from "./monocularGeometry";

/** Options of `depthGeometry`. */
export interface DepthGeometryOptions {
  /** Pixels between the neighbours that a normal is computed from, on each side; more is smoother. */
  reach?: number;
}

const defaults = { reach: 3 } satisfies DepthGeometryOptions;

/**
 * Relative depth and normals of a measured depth: n ∝ (p(u, v+r) − p(u, v−r)) × (p(u+r, v) − p(u−r, v)) with the
 * back-projected points p, turned to the camera. Holes take the depth of the nearest known pixel of their row; the depth
 * is brought to [0, 1], so its metres do not leak.
 *
 * @param depth H × W, metres, 0 where nothing was measured
 * @throws InputError if the depth does not have the camera's size, is not finite or 0 everywhere
 */
export function depthGeometry(
  depth: Float32Array,
  camera: Camera,
  options: DepthGeometryOptions = {},
): MonocularGeometry {
  const { reach } = { ...defaults, ...options };
  const { width, height, fx, fy, cx, cy } = camera;
  assertShape("depthGeometry", depth, [height, width]);
  assertFinite("depthGeometry", depth);
  assertInput(Number.isInteger(reach) && reach > 0, `depthGeometry: reach is ${reach}; give a whole number of pixels`);
  const known = depth.filter((z) => z > 0);
  assertInput(known.length > 0, "depthGeometry: the depth is 0 everywhere; give an image with a measured depth");
  const filled = fillRows(depth, width, height);
  const point = (u: number, v: number): Vector3 => {
    const z = filled[v * width + u];
    return [((u - cx) * z) / fx, ((v - cy) * z) / fy, z];
  };
  const normals = new Float32Array(3 * depth.length);
  const within = (value: number, length: number): number => Math.min(length - 1, Math.max(0, value));
  for (let v = 0, i = 0; v < height; v++)
    for (let u = 0; u < width; u++, i += 3) {
      const [left, right] = [point(within(u - reach, width), v), point(within(u + reach, width), v)];
      const [top, bottom] = [point(u, within(v - reach, height)), point(u, within(v + reach, height))];
      const along: Vector3 = [right[0] - left[0], right[1] - left[1], right[2] - left[2]];
      const down: Vector3 = [bottom[0] - top[0], bottom[1] - top[1], bottom[2] - top[2]];
      const n = cross(down, along);
      const length = norm(n);
      if (length === 0) continue;
      const sign = dot(n, point(u, v)) > 0 ? -1 : 1;
      for (let k = 0; k < 3; k++) normals[i + k] = (sign * n[k]) / length;
    }
  const [low, high] = known.reduce(([a, b], z) => [Math.min(a, z), Math.max(b, z)], [Infinity, 0]);
  return { depth: filled.map((z) => (high > low ? (z - low) / (high - low) : 0)), normals };
}

/** Holes take the nearest known value of their row; empty rows that of the row above, the first ones that below. */
function fillRows(depth: Float32Array, width: number, height: number): Float32Array {
  const filled = depth.slice();
  const full = new Uint8Array(height);
  for (let v = 0; v < height; v++) {
    const row = filled.subarray(v * width, (v + 1) * width);
    const source = row.slice();
    let last = -1;
    for (let u = 0; u <= width; u++) {
      if (u < width && !(source[u] > 0)) continue;
      for (let hole = last + 1; hole < u; hole++) {
        const nearer = last >= 0 && (u === width || hole - last <= u - hole) ? last : u;
        if (nearer < width) row[hole] = source[nearer];
      }
      last = u;
    }
    full[v] = row[0] > 0 ? 1 : 0;
  }
  const copyRow = (from: number, to: number): void => {
    filled.copyWithin(to * width, from * width, (from + 1) * width);
    full[to] = 1;
  };
  for (let v = 1; v < height; v++) if (full[v] === 0 && full[v - 1] === 1) copyRow(v - 1, v);
  for (let v = height - 2; v >= 0; v--) if (full[v] === 0 && full[v + 1] === 1) copyRow(v + 1, v);
  return filled;
}

/** A provider that always gives this geometry: the embedded one of a rendered photo, or one from a measured depth. */
export const fixedGeometry = (geometry: MonocularGeometry): GeometryProvider => ({
  geometryOf: () => Promise.resolve(geometry),
  dispose: () => {},
});

/** No geometry at all: depth and normals 0, as where a network leaves the condition out. */
export const noGeometry: GeometryProvider = {
  geometryOf: ({ camera }) => {
    const pixels = camera.width * camera.height;
    return Promise.resolve({ depth: new Float32Array(pixels), normals: new Float32Array(3 * pixels) });
  },
  dispose: () => {},
};
