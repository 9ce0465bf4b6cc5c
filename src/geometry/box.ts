/**
 * @file Oriented boxes: corners, exact volume of the intersection of two, IoU.
 */
import { assertFinite, InputError } from "../check";
import { invert, type Pose, transformPoint } from "./pose";
import type { Vector3 } from "./vector";

/** A box with its centre at `translation`, axes along the columns of `rotation` and extents `size` (metres). */
export interface OrientedBox extends Pose {
  size: Vector3;
}

/** A convex polygon in space: x, y, z of its corners in order. Flat, because an evaluation clips millions. */
type Polygon = number[];

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

function assertBox(where: string, { rotation, translation, size }: OrientedBox): void {
  assertFinite(where, rotation);
  assertFinite(where, translation);
  assertFinite(where, size);
  // The sentence is made only where it is needed: an evaluation asks millions of times.
  if (!(size[0] > 0 && size[1] > 0 && size[2] > 0))
    throw new InputError(`${where}: the box has the size ${size.join(" × ")}; every extent must be positive`);
}

/** Whether no corner lies beyond the plane. */
function inside(polyhedron: readonly Polygon[], axis: 0 | 1 | 2, sign: 1 | -1, limit: number): boolean {
  for (const face of polyhedron) for (let i = axis; i < face.length; i += 3) if (sign * face[i] > limit) return false;
  return true;
}

/** The corners of a plane face by their angle about their middle. */
function ordered(cap: Polygon, axis: 0 | 1 | 2): Polygon {
  const [u, v, count] = [(axis + 1) % 3, (axis + 2) % 3, cap.length / 3];
  let [middleU, middleV] = [0, 0];
  for (let i = 0; i < cap.length; i += 3) {
    middleU += cap[i + u];
    middleV += cap[i + v];
  }
  middleU /= count;
  middleV /= count;
  const order: number[] = [];
  const angles: number[] = [];
  // by insertion: there are few of them
  for (let i = 0; i < count; i++) {
    const angle = Math.atan2(cap[3 * i + v] - middleV, cap[3 * i + u] - middleU);
    let k = i;
    for (; k > 0 && angles[k - 1] > angle; k--) {
      angles[k] = angles[k - 1];
      order[k] = order[k - 1];
    }
    angles[k] = angle;
    order[k] = i;
  }
  const sorted: Polygon = [];
  for (const i of order) sorted.push(cap[3 * i], cap[3 * i + 1], cap[3 * i + 2]);
  return sorted;
}

/**
 * The part of a convex polyhedron (its faces) in sign·x[axis] ≤ limit, closed by a new face on the plane.
 *
 * The cut points of all faces are the corners of that face; the polyhedron is convex, so their order is the order of
 * their angles. Equal points are harmless: they add a triangle without area.
 */
function clip(polyhedron: Polygon[], axis: 0 | 1 | 2, sign: 1 | -1, limit: number): Polygon[] {
  if (inside(polyhedron, axis, sign, limit)) return polyhedron;
  const clipped: Polygon[] = [];
  const cap: Polygon = [];
  for (const face of polyhedron) {
    const kept: Polygon = [];
    for (let a = 0; a < face.length; a += 3) {
      const b = a + 3 < face.length ? a + 3 : 0;
      const beyondA = sign * face[a + axis] - limit;
      const beyondB = sign * face[b + axis] - limit;
      if (beyondA <= 0) kept.push(face[a], face[a + 1], face[a + 2]);
      if (beyondA <= 0 !== beyondB <= 0) {
        const t = beyondA / (beyondA - beyondB);
        const x = face[a] + t * (face[b] - face[a]);
        const y = face[a + 1] + t * (face[b + 1] - face[a + 1]);
        const z = face[a + 2] + t * (face[b + 2] - face[a + 2]);
        kept.push(x, y, z);
        cap.push(x, y, z);
      }
    }
    if (kept.length > 6) clipped.push(kept);
  }
  if (cap.length > 6) clipped.push(ordered(cap, axis));
  return clipped;
}

/** The volume of a convex polyhedron: tetrahedra from one of its corners to the triangles of its faces. */
function volume(polyhedron: Polygon[]): number {
  if (polyhedron.length === 0) return 0;
  const [px, py, pz] = polyhedron[0];
  let sixfold = 0;
  for (const face of polyhedron) {
    let faceSum = 0;
    const [ax, ay, az] = [face[0] - px, face[1] - py, face[2] - pz];
    for (let i = 3; i + 3 < face.length; i += 3) {
      const [bx, by, bz] = [face[i] - px, face[i + 1] - py, face[i + 2] - pz];
      const [cx, cy, cz] = [face[i + 3] - px, face[i + 4] - py, face[i + 5] - pz];
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
  let polyhedron: Polygon[] = [];
  for (const face of faces) {
    const polygon: Polygon = [];
    for (const corner of face) polygon.push(corners[corner][0], corners[corner][1], corners[corner][2]);
    polyhedron.push(polygon);
  }
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
