/**
 * @file The volume of the part of one box that lies in another, by clipping its faces: what a 3-D IoU is made of.
 *
 * An evaluation asks for it millions of times, so the polyhedron lies in two buffers that are written in turn.
 */
import type { Pose } from "./pose";
import type { Vector3 } from "./vector";

/** Corners of a face that find room: six planes make fourteen of a square, rounding may add a few. */
const roomForCorners = 128;
const roomForFaces = 16;

/** A convex polyhedron. */
interface Solid {
  faces: number;
  /** Corners of each face, in order around it. */
  corners: Int32Array;
  /** x, y, z; face f begins at 3·f·`roomForCorners`. */
  points: Float64Array;
}

const emptySolid = (): Solid => ({
  faces: 0,
  corners: new Int32Array(roomForFaces),
  points: new Float64Array(3 * roomForFaces * roomForCorners),
});

const [solidA, solidB] = [emptySolid(), emptySolid()];
const cap = new Float64Array(3 * roomForCorners);
const capOrder = new Int32Array(roomForCorners);
const capAngles = new Float64Array(roomForCorners);

/** The faces of a box by the signs of their corners' coordinates, each in order around its face. */
const boxFaces: readonly (readonly Vector3[])[] = [
  [[1, 1, 1], [1, 1, -1], [1, -1, -1], [1, -1, 1]],
  [[-1, 1, 1], [-1, -1, 1], [-1, -1, -1], [-1, 1, -1]],
  [[1, 1, 1], [-1, 1, 1], [-1, 1, -1], [1, 1, -1]],
  [[1, -1, 1], [1, -1, -1], [-1, -1, -1], [-1, -1, 1]],
  [[1, 1, 1], [1, -1, 1], [-1, -1, 1], [-1, 1, 1]],
  [[1, 1, -1], [-1, 1, -1], [-1, -1, -1], [1, -1, -1]],
]; // biome-ignore format: a face a line

function fillBox(solid: Solid, { rotation: r, translation: t }: Pose, size: Vector3): void {
  solid.faces = boxFaces.length;
  boxFaces.forEach((face, f) => {
    solid.corners[f] = face.length;
    for (let k = 0; k < face.length; k++) {
      const [x, y, z] = [(face[k][0] * size[0]) / 2, (face[k][1] * size[1]) / 2, (face[k][2] * size[2]) / 2];
      const at = 3 * (f * roomForCorners + k);
      solid.points[at] = r[0] * x + r[1] * y + r[2] * z + t[0];
      solid.points[at + 1] = r[3] * x + r[4] * y + r[5] * z + t[1];
      solid.points[at + 2] = r[6] * x + r[7] * y + r[8] * z + t[2];
    }
  });
}

/** Whether a corner lies beyond the plane. */
function reaches({ faces, corners, points }: Solid, axis: number, sign: number, limit: number): boolean {
  for (let f = 0; f < faces; f++) {
    const begin = 3 * f * roomForCorners + axis;
    for (let i = begin; i < begin + 3 * corners[f]; i += 3) if (sign * points[i] > limit) return true;
  }
  return false;
}

/** Adds the face whose corners are the first `count` of `cap`, put in order by their angle about their middle (or what grows with it). */
function close(solid: Solid, count: number, axis: number): void {
  const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
  let [middleU, middleV] = [0, 0];
  for (let i = 0; i < 3 * count; i += 3) {
    middleU += cap[i + u];
    middleV += cap[i + v];
  }
  middleU /= count;
  middleV /= count;
  for (let i = 0; i < count; i++) {
    const [du, dv] = [cap[3 * i + u] - middleU, cap[3 * i + v] - middleV];
    const along = du / (Math.abs(du) + Math.abs(dv) || 1);
    const angle = dv < 0 ? along - 1 : 1 - along; // from −2 to 2 as the angle goes from −π to π
    let k = i; // by insertion: there are few of them
    for (; k > 0 && capAngles[k - 1] > angle; k--) {
      capAngles[k] = capAngles[k - 1];
      capOrder[k] = capOrder[k - 1];
    }
    capAngles[k] = angle;
    capOrder[k] = i;
  }
  let at = 3 * solid.faces * roomForCorners;
  for (let k = 0; k < count; k++)
    for (let i = 3 * capOrder[k]; i < 3 * capOrder[k] + 3; i++) solid.points[at++] = cap[i];
  solid.corners[solid.faces++] = count;
}

/**
 * The part of a convex polyhedron in sign·x[axis] ≤ limit, closed by a new face on the plane.
 *
 * The cut points of all faces are the corners of that face; the polyhedron is convex, so their order is the order of
 * their angles. Equal points are harmless: they add a triangle without area.
 */
function clip(from: Solid, to: Solid, axis: number, sign: number, limit: number): Solid {
  if (!reaches(from, axis, sign, limit)) return from;
  const { points } = from;
  to.faces = 0;
  let cut = 0;
  for (let f = 0; f < from.faces; f++) {
    const begin = 3 * f * roomForCorners;
    const end = begin + 3 * from.corners[f];
    const first = 3 * to.faces * roomForCorners;
    let at = first;
    for (let a = begin; a < end; a += 3) {
      const b = a + 3 < end ? a + 3 : begin;
      const beyondA = sign * points[a + axis] - limit;
      const beyondB = sign * points[b + axis] - limit;
      if (beyondA <= 0) for (let i = 0; i < 3; i++) to.points[at++] = points[a + i];
      if (beyondA <= 0 === beyondB <= 0 || cut === roomForCorners) continue;
      const t = beyondA / (beyondA - beyondB);
      for (let i = 0; i < 3; i++) {
        const value = points[a + i] + t * (points[b + i] - points[a + i]);
        to.points[at++] = value;
        cap[3 * cut + i] = value;
      }
      cut++;
    }
    if (at - first > 6) to.corners[to.faces++] = (at - first) / 3;
  }
  if (cut > 2) close(to, cut, axis);
  return to;
}

/** The volume of a convex polyhedron: tetrahedra from one of its corners to the triangles of its faces. */
function volume({ faces, corners, points }: Solid): number {
  if (faces === 0) return 0;
  const [px, py, pz] = [points[0], points[1], points[2]];
  let sixfold = 0;
  for (let f = 0; f < faces; f++) {
    const begin = 3 * f * roomForCorners;
    const [ax, ay, az] = [points[begin] - px, points[begin + 1] - py, points[begin + 2] - pz];
    let faceSum = 0;
    for (let i = begin + 3; i + 3 < begin + 3 * corners[f]; i += 3) {
      const [bx, by, bz] = [points[i] - px, points[i + 1] - py, points[i + 2] - pz];
      const [cx, cy, cz] = [points[i + 3] - px, points[i + 4] - py, points[i + 5] - pz];
      faceSum += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
    }
    // All triangles of a face turn the same way, faces may not: the sign is taken off per face.
    sixfold += Math.abs(faceSum);
  }
  return sixfold / 6;
}

/**
 * vol(A ∩ B) for a box A in the frame of another, B, in which B is |x| ≤ `upright`/2: the faces of A are clipped by B's six
 * planes. Exact up to rounding. Nothing is checked: `boxIntersectionVolume` does.
 *
 * @param pose of A in B's frame
 */
export function volumeInside(pose: Pose, size: Vector3, upright: Vector3): number {
  fillBox(solidA, pose, size);
  let solid = solidA;
  for (let axis = 0; axis < 3; axis++)
    for (let sign = 1; sign >= -1; sign -= 2)
      solid = clip(solid, solid === solidA ? solidB : solidA, axis, sign, upright[axis] / 2);
  return volume(solid);
}
