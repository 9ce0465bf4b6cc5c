/**
 * @file Oriented boxes: corners, exact volume of the intersection of two, IoU.
 */
import { assertFinite, assertInput } from "../check";
import { invert, type Pose, transformPoint } from "./pose";
import type { Vector3 } from "./vector";

/** A box with its centre at `translation`, axes along the columns of `rotation` and extents `size` (metres). */
export interface OrientedBox extends Pose {
  size: Vector3;
}

/** A convex polygon in space, its corners in order. */
type Polygon = Vector3[];

/** The eight corners; bit 2 of the index is −x, bit 1 −y, bit 0 −z, so corner 0 is (+, +, +)/2. */
export function boxCorners(box: OrientedBox): Vector3[] {
  const [x, y, z] = [box.size[0] / 2, box.size[1] / 2, box.size[2] / 2];
  return Array.from({ length: 8 }, (_, i) => transformPoint(box, [i & 4 ? -x : x, i & 2 ? -y : y, i & 1 ? -z : z]));
}

/** The faces as indices of `boxCorners`, each in order around its face. */
const faces = [
  [0, 1, 3, 2],
  [4, 6, 7, 5],
  [0, 4, 5, 1],
  [2, 3, 7, 6],
  [0, 2, 6, 4],
  [1, 5, 7, 3],
] as const;

/** The product of the extents. */
export const boxVolume = (box: OrientedBox): number => box.size[0] * box.size[1] * box.size[2];

function assertBox(where: string, box: OrientedBox): void {
  assertFinite(where, [...box.rotation, ...box.translation, ...box.size]);
  assertInput(
    box.size.every((s) => s > 0),
    `${where}: the box has the size ${box.size.join(" × ")}; every extent must be positive`,
  );
}

/**
 * The part of a convex polyhedron (its faces) in sign·x[axis] ≤ limit, closed by a new face on the plane.
 *
 * The cut points of all faces are the corners of that face; the polyhedron is convex, so their order is the order of
 * their angles. Equal points are harmless: they add a triangle without area.
 */
function clip(polyhedron: Polygon[], axis: 0 | 1 | 2, sign: 1 | -1, limit: number): Polygon[] {
  if (polyhedron.every((face) => face.every((p) => sign * p[axis] <= limit))) return polyhedron;
  const clipped: Polygon[] = [];
  const cap: Polygon = [];
  for (const face of polyhedron) {
    const kept: Polygon = [];
    for (let i = 0; i < face.length; i++) {
      const a = face[i];
      const b = face[(i + 1) % face.length];
      const beyondA = sign * a[axis] - limit;
      const beyondB = sign * b[axis] - limit;
      if (beyondA <= 0) kept.push(a);
      if (beyondA <= 0 !== beyondB <= 0) {
        const t = beyondA / (beyondA - beyondB);
        const cut: Vector3 = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])];
        kept.push(cut);
        cap.push(cut);
      }
    }
    if (kept.length > 2) clipped.push(kept);
  }
  if (cap.length > 2) {
    const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
    const middleU = cap.reduce((sum, p) => sum + p[u], 0) / cap.length;
    const middleV = cap.reduce((sum, p) => sum + p[v], 0) / cap.length;
    const angled = cap.map((p) => ({ p, angle: Math.atan2(p[v] - middleV, p[u] - middleU) }));
    clipped.push(angled.sort((p, q) => p.angle - q.angle).map(({ p }) => p));
  }
  return clipped;
}

/** The volume of a convex polyhedron: tetrahedra from one of its corners to the triangles of its faces. */
function volume(polyhedron: Polygon[]): number {
  if (polyhedron.length === 0) return 0;
  const apex = polyhedron[0][0];
  let sixfold = 0;
  for (const face of polyhedron) {
    let faceSum = 0;
    const [ax, ay, az] = [face[0][0] - apex[0], face[0][1] - apex[1], face[0][2] - apex[2]];
    for (let i = 1; i + 1 < face.length; i++) {
      const [bx, by, bz] = [face[i][0] - apex[0], face[i][1] - apex[1], face[i][2] - apex[2]];
      const [cx, cy, cz] = [face[i + 1][0] - apex[0], face[i + 1][1] - apex[1], face[i + 1][2] - apex[2]];
      faceSum += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
    }
    // All triangles of a face turn the same way, faces may not: the sign is taken off per face.
    sixfold += Math.abs(faceSum);
  }
  return sixfold / 6;
}

/**
 * vol(A ∩ B), exact up to rounding: the faces of A are clipped by the six planes of B, in B's frame, where they are
 * |x| ≤ size/2.
 * @throws InputError for a box that is not finite or has an extent that is not positive
 */
export function boxIntersectionVolume(a: OrientedBox, b: OrientedBox): number {
  assertBox("boxIntersectionVolume", a);
  assertBox("boxIntersectionVolume", b);
  const [ta, tb] = [a.translation, b.translation];
  const reach = (Math.hypot(...a.size) + Math.hypot(...b.size)) / 2;
  if (Math.hypot(ta[0] - tb[0], ta[1] - tb[1], ta[2] - tb[2]) >= reach) return 0;
  const toB = invert(b);
  const corners = boxCorners(a).map((corner) => transformPoint(toB, corner));
  let polyhedron: Polygon[] = faces.map((face) => face.map((i) => corners[i]));
  for (const axis of [0, 1, 2] as const)
    for (const sign of [1, -1] as const) polyhedron = clip(polyhedron, axis, sign, b.size[axis] / 2);
  return volume(polyhedron);
}

/**
 * vol(A ∩ B) / vol(A ∪ B), in [0, 1].
 * @throws InputError for a box that is not finite or has an extent that is not positive
 */
export function boxIou(a: OrientedBox, b: OrientedBox): number {
  const intersection = boxIntersectionVolume(a, b);
  return Math.min(1, intersection / (boxVolume(a) + boxVolume(b) - intersection));
}
