/**
 * @file The volume of the part of one box that lies in another, by clipping: what a 3-D IoU is made of.
 *
 * An evaluation asks for it millions of times: the polyhedron lies in buffers that stay, and no list is made, not even to
 * name three numbers at once. Faces share their corners: a corner is on one side of a plane for all of them, and an edge is
 * cut once.
 */
import type { Pose } from "./pose";
import type { Vector3 } from "./vector";

/** Room for eight corners and what six planes cut (at most eleven edges each), and for what rounding may add. */
const roomForCorners = 256;
const roomForFaces = 32;
/** Corners of a face that find room: six planes make ten of a square. */
const roomInFace = 32;

/** The corners of a convex polyhedron: x, y, z. */
const points = new Float64Array(3 * roomForCorners);
/** Of each corner, how far it is beyond the plane that clips. */
const beyond = new Float64Array(roomForCorners);
/** Whether a corner was cut off. */
const gone = new Uint8Array(roomForCorners);
/** Of a corner where an edge was cut: the edge's ends, and the corner that follows around the new face. */
const endInside = new Int32Array(roomForCorners);
const endBeyond = new Int32Array(roomForCorners);
const next = new Int32Array(roomForCorners);
let corners = 0;

/** Faces as loops of corners, all in the same sense seen from outside; face f begins at f·`roomInFace`. */
interface Faces {
  count: number;
  lengths: Int32Array;
  loops: Int32Array;
}

const noFaces = (): Faces => ({
  count: 0,
  lengths: new Int32Array(roomForFaces),
  loops: new Int32Array(roomForFaces * roomInFace),
});

const [facesA, facesB] = [noFaces(), noFaces()];

/** The faces of a box; its corners as `boxCorners` counts them. */
const boxFaces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]; // biome-ignore format: a line

function fillBox({ rotation: r, translation: t }: Pose, size: Vector3): Faces {
  corners = 8;
  for (let corner = 0; corner < corners; corner++) {
    const x = ((corner & 4 ? -1 : 1) * size[0]) / 2;
    const y = ((corner & 2 ? -1 : 1) * size[1]) / 2;
    const z = ((corner & 1 ? -1 : 1) * size[2]) / 2;
    points[3 * corner] = r[0] * x + r[1] * y + r[2] * z + t[0];
    points[3 * corner + 1] = r[3] * x + r[4] * y + r[5] * z + t[1];
    points[3 * corner + 2] = r[6] * x + r[7] * y + r[8] * z + t[2];
    gone[corner] = 0;
  }
  facesA.count = boxFaces.length;
  for (let f = 0; f < boxFaces.length; f++) {
    facesA.lengths[f] = 4;
    for (let k = 0; k < 4; k++) facesA.loops[f * roomInFace + k] = boxFaces[f][k];
  }
  return facesA;
}

/** Marks the corners beyond the plane. @returns whether there are any */
function cutOff(axis: number, sign: number, limit: number): boolean {
  let any = false;
  for (let corner = 0; corner < corners; corner++) {
    if (gone[corner]) continue;
    beyond[corner] = sign * points[3 * corner + axis] - limit;
    if (beyond[corner] <= 0) continue;
    gone[corner] = 1;
    any = true;
  }
  return any;
}

/** The corner where the plane cuts an edge, made by the first of the edge's two faces that asks; new ones begin at `first`. */
function cutCorner(inside: number, outside: number, first: number): number {
  for (let corner = first; corner < corners; corner++)
    if (endInside[corner] === inside && endBeyond[corner] === outside) return corner;
  const t = beyond[inside] / (beyond[inside] - beyond[outside]);
  for (let i = 0; i < 3; i++) {
    const from = points[3 * inside + i];
    points[3 * corners + i] = from + t * (points[3 * outside + i] - from);
  }
  endInside[corners] = inside;
  endBeyond[corners] = outside;
  gone[corners] = 0;
  return corners++;
}

/**
 * The part of a convex polyhedron in sign·x[axis] ≤ limit, closed by a new face on the plane.
 *
 * A face is left at one cut edge and entered again at another: the new face runs along the same line the other way.
 */
function clip(from: Faces, to: Faces, axis: number, sign: number, limit: number): Faces {
  if (!cutOff(axis, sign, limit)) return from;
  const firstCut = corners;
  to.count = 0;
  for (let f = 0; f < from.count; f++) {
    const begin = f * roomInFace;
    const end = begin + from.lengths[f];
    const start = to.count * roomInFace;
    let at = start;
    let left = -1;
    let entered = -1;
    for (let k = begin, a = from.loops[end - 1]; k < end; k++) {
      const b = from.loops[k];
      if (gone[a] !== gone[b]) {
        const cut = gone[b] ? cutCorner(a, b, firstCut) : cutCorner(b, a, firstCut);
        to.loops[at++] = cut;
        if (gone[b]) left = cut;
        else if (left < 0) entered = cut;
        else {
          next[cut] = left;
          left = -1;
        }
      }
      if (!gone[b]) to.loops[at++] = b;
      a = b;
    }
    if (left >= 0) next[entered] = left;
    if (at > start) to.lengths[to.count++] = at - start;
  }
  close(to, firstCut);
  return to;
}

/** Adds the face on the plane, whose corners are those from `firstCut` on. */
function close(faces: Faces, firstCut: number): void {
  for (let corner = firstCut; corner < corners; corner++) {
    const start = faces.count * roomInFace;
    let at = start;
    // a corner that was walked over follows itself; rounding may make more than one loop
    for (let c = corner; next[c] !== c; ) {
      faces.loops[at++] = c;
      const following = next[c];
      next[c] = c;
      c = following;
    }
    if (at - start > 2) faces.lengths[faces.count++] = at - start;
  }
}

/** The volume of a convex polyhedron: tetrahedra from one of its corners to the triangles of its faces. */
function volume({ count, lengths, loops }: Faces): number {
  if (count === 0) return 0;
  const origin = 3 * loops[0];
  const px = points[origin];
  const py = points[origin + 1];
  const pz = points[origin + 2];
  let sixfold = 0;
  for (let f = 0; f < count; f++) {
    const begin = f * roomInFace;
    const a = 3 * loops[begin];
    const ax = points[a] - px;
    const ay = points[a + 1] - py;
    const az = points[a + 2] - pz;
    for (let k = begin + 1; k + 1 < begin + lengths[f]; k++) {
      const b = 3 * loops[k];
      const c = 3 * loops[k + 1];
      const bx = points[b] - px;
      const by = points[b + 1] - py;
      const bz = points[b + 2] - pz;
      const cx = points[c] - px;
      const cy = points[c + 1] - py;
      const cz = points[c + 2] - pz;
      sixfold += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
    }
  }
  return Math.abs(sixfold) / 6;
}

/** What is left between the planes x[axis] = ±`extent`/2. */
function clipBetween(faces: Faces, axis: number, extent: number): Faces {
  const cut = clip(faces, faces === facesA ? facesB : facesA, axis, 1, extent / 2);
  return clip(cut, cut === facesA ? facesB : facesA, axis, -1, extent / 2);
}

/**
 * vol(A ∩ B) for a box A in the frame of another, B, in which B is |x| ≤ `upright`/2: the faces of A are clipped by B's six
 * planes. Exact up to rounding. Nothing is checked: `boxIntersectionVolume` does.
 *
 * @param pose of A in B's frame
 */
export function volumeInside(pose: Pose, size: Vector3, upright: Vector3): number {
  let faces = fillBox(pose, size);
  for (let axis = 0; axis < 3; axis++) faces = clipBetween(faces, axis, upright[axis]);
  return volume(faces);
}

/**
 * θ ↦ vol(A ∩ B) where B is turned by θ about its own y axis; otherwise as `volumeInside`. What lies between the planes
 * of y is the same at every angle: it is clipped once, and then turned by −θ in B's place.
 */
export function volumeInsideTurned(pose: Pose, size: Vector3, upright: Vector3): (angle: number) => number {
  const { count, lengths, loops } = clipBetween(fillBox(pose, size), 1, upright[1]);
  const kept = { points: points.slice(0, 3 * corners), gone: gone.slice(0, corners), corners, count };
  const [keptLengths, keptLoops] = [lengths.slice(0, count), loops.slice(0, count * roomInFace)];
  return (angle) => {
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    corners = kept.corners;
    gone.set(kept.gone);
    for (let i = 0; i < 3 * corners; i += 3) {
      points[i] = cosine * kept.points[i] - sine * kept.points[i + 2];
      points[i + 1] = kept.points[i + 1];
      points[i + 2] = sine * kept.points[i] + cosine * kept.points[i + 2];
    }
    facesA.count = kept.count;
    facesA.lengths.set(keptLengths);
    facesA.loops.set(keptLoops);
    return volume(clipBetween(clipBetween(facesA, 0, upright[0]), 2, upright[2]));
  };
}
