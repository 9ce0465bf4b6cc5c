/**
 * @file Triangle meshes and what is asked of them: bounds, centring, transformation, normals, union.
 */
import { assertInput } from "../check";
import { type Pose, transformPoint } from "./pose";
import type { Vector3 } from "./vector";

/** Pictures on a mesh. */
export interface MeshTexture {
  /** T × 6: u, v of each corner; (0, 0) is a picture's lower left, and pictures repeat beyond 0 … 1. */
  corners: Float64Array;
  pictures: readonly { width: number; height: number; rgb: Uint8Array }[];
  /** Picture of each triangle; −1: none, its vertex colours count. */
  pictureOf: Int16Array;
}

/** Triangles over shared vertices; counter-clockwise seen from outside. Metres unless a reader says otherwise. */
export interface Mesh {
  /** V × 3. */
  vertices: Float64Array;
  /** T × 3 indices into the vertices. */
  triangles: Uint32Array;
  /** T part numbers, where parts matter (1 = the handle of a mug). */
  parts?: Uint8Array;
  /** V × 3 vertex colours 0 … 255. */
  colors?: Uint8Array;
  /** Instead of vertex colours, where a triangle has a picture. */
  texture?: MeshTexture;
}

/** An axis-aligned box. */
export interface Bounds {
  low: Vector3;
  high: Vector3;
}

/** The smallest axis-aligned box around the vertices. @throws InputError for a mesh without vertices. */
export function boundsOf(mesh: Pick<Mesh, "vertices">): Bounds {
  const { vertices } = mesh;
  assertInput(vertices.length >= 3, "boundsOf: the mesh has no vertices; give a mesh with at least one");
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < vertices.length; i++) {
    const value = vertices[i] as number;
    const axis = i % 3;
    if (value < low[axis]!) low[axis] = value;
    if (value > high[axis]!) high[axis] = value;
  }
  return { low: low as unknown as Vector3, high: high as unknown as Vector3 };
}

/** high − low. */
export function extentsOf(mesh: Pick<Mesh, "vertices">): Vector3 {
  const { low, high } = boundsOf(mesh);
  return [high[0] - low[0], high[1] - low[1], high[2] - low[2]];
}

/** The mesh moved so that the centre of its box is the origin (the NOCS convention). */
export function centreOnBox(mesh: Mesh): Mesh {
  const { low, high } = boundsOf(mesh);
  const vertices = mesh.vertices.map((value, i) => value - (low[i % 3]! + high[i % 3]!) / 2);
  return { ...mesh, vertices };
}

/** R·x + t for every vertex. */
export function transformMesh(mesh: Mesh, pose: Pose): Mesh {
  const vertices = new Float64Array(mesh.vertices.length);
  for (let i = 0; i < vertices.length; i += 3) {
    const [x, y, z] = [mesh.vertices[i]!, mesh.vertices[i + 1]!, mesh.vertices[i + 2]!];
    vertices.set(transformPoint(pose, [x, y, z]), i);
  }
  return { ...mesh, vertices };
}

/** Unit normals of the triangles, T × 3; zero for a degenerate triangle. */
export function triangleNormals(mesh: Mesh): Float64Array {
  const { vertices: v, triangles } = mesh;
  const normals = new Float64Array(triangles.length);
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [3 * triangles[i]!, 3 * triangles[i + 1]!, 3 * triangles[i + 2]!];
    const [ux, uy, uz] = [v[b]! - v[a]!, v[b + 1]! - v[a + 1]!, v[b + 2]! - v[a + 2]!];
    const [wx, wy, wz] = [v[c]! - v[a]!, v[c + 1]! - v[a + 1]!, v[c + 2]! - v[a + 2]!];
    const [nx, ny, nz] = [uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx];
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz);
    if (length === 0) continue;
    normals[i] = nx / length;
    normals[i + 1] = ny / length;
    normals[i + 2] = nz / length;
  }
  return normals;
}
