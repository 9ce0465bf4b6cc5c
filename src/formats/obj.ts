/**
 * @file Wavefront OBJ meshes: v (with colours), vn, vt, f with negative indices and polygons, usemtl.
 */
import { assertInput, InputError } from "../check";
import { readText } from "./readBytes";
import { appendFan } from "./triangulate";

/** Where a mesh's triangles lie in textures. */
export interface TextureData {
  /** T × 6: u, v of each corner; (0, 0) is the picture's lower left. */
  corners: Float64Array;
  /** Picture files (PLY), or materials of the `libraries` (OBJ). */
  names: string[];
  /** Index into `names` of each triangle; −1: none. */
  nameOf: Int16Array;
  /** Material files, as the OBJ names them. */
  libraries?: string[];
}

/** A mesh as its file has it, in the file's units. */
export interface MeshData {
  /** V × 3. */
  vertices: Float64Array;
  /** T × 3 indices into the vertices. */
  triangles: Uint32Array;
  /** V × 3 vertex colours 0 … 255, where every vertex has one. */
  colors?: Uint8Array;
  /** V × 3 vertex normals as stored, where every vertex has one (PLY only: OBJ attaches normals to corners). */
  normals?: Float64Array;
  /** Where the file names materials or pictures. */
  texture?: TextureData;
}

/**
 * The mesh in the text of an OBJ file. Polygons become fans; corner normals, groups and lines are passed over; texture
 * coordinates are kept with the names of the materials. Vertex colours (v x y z r g b, 0 … 1) are kept where all vertices have them.
 *
 * @param where named in errors
 * @throws InputError naming the line of a number that is none or of an index without a vertex, and for no vertices
 */
export function decodeObj(text: string, where: string = "decodeObj"): MeshData {
  const vertices: number[] = [];
  const colors: number[] = [];
  const triangles: number[] = [];
  const places: number[] = []; // u, v of each vt
  const corners: number[] = []; // index of each triangle's corner into them, −1: none
  const [names, nameOf, libraries]: [string[], number[], string[]] = [[], [], []];
  let material = -1;
  let lineNumber = 0;
  const fail = (problem: string): never => {
    throw new InputError(`${where}, line ${lineNumber}: ${problem}; export the mesh again`);
  };
  for (const line of text.replace(/\\\r?\n/g, " ").split(/\r?\n/)) {
    lineNumber++;
    const words = line.split("#")[0].trim().split(/\s+/);
    if (words[0] === "v") {
      const numbers = words.slice(1).map(Number);
      if (numbers.length < 3 || !numbers.every(Number.isFinite))
        fail(`the vertex ${JSON.stringify(line)} is not three numbers`);
      vertices.push(numbers[0], numbers[1], numbers[2]);
      if (numbers.length >= 6)
        for (const c of numbers.slice(3, 6)) colors.push(Math.min(255, Math.max(0, Math.round(255 * c))));
    } else if (words[0] === "f") {
      const count = vertices.length / 3;
      const polygon = words.slice(1).map((corner) => {
        const index = Number(corner.split("/")[0]);
        // 1 is the first vertex of the file, −1 the last one before this line
        const vertex = index > 0 ? index - 1 : count + index;
        return Number.isInteger(index) && index !== 0 && vertex >= 0 && vertex < 0xffffffff
          ? vertex
          : fail(`the face corner ${JSON.stringify(corner)} names no vertex of the ${count} so far`);
      });
      if (polygon.length < 3) fail(`the face ${JSON.stringify(line)} has fewer than three corners`);
      appendFan(triangles, polygon);
      const known = places.length / 2;
      const place = words.slice(1).map((corner) => {
        const text = corner.split("/")[1];
        if (!text) return -1;
        const index = Number(text);
        const at = index > 0 ? index - 1 : known + index;
        return Number.isInteger(index) && at >= 0 && at < known
          ? at
          : fail(`the face corner ${JSON.stringify(corner)} names no vt of the ${known} so far`);
      });
      appendFan(corners, place);
      while (nameOf.length < triangles.length / 3) nameOf.push(material);
    } else if (words[0] === "vt") {
      const [u, v = 0] = words.slice(1, 3).map(Number);
      if (!Number.isFinite(u) || !Number.isFinite(v))
        fail(`the texture coordinate ${JSON.stringify(line)} is no number`);
      places.push(u, v);
    } else if (words[0] === "mtllib") libraries.push(words.slice(1).join(" "));
    else if (words[0] === "usemtl") {
      const name = words.slice(1).join(" ");
      if (!names.includes(name)) names.push(name);
      material = names.indexOf(name);
    }
  }
  const count = vertices.length / 3;
  assertInput(count > 0, `${where}: the file has no vertices (lines that start with v); is it an OBJ mesh?`);
  const beyond = triangles.find((vertex) => vertex >= count);
  assertInput(
    beyond === undefined,
    `${where}: a face names vertex ${(beyond ?? 0) + 1}, the file has ${count}; it is truncated: export the mesh again`,
  );
  const mesh: MeshData = { vertices: Float64Array.from(vertices), triangles: Uint32Array.from(triangles) };
  if (colors.length === vertices.length) mesh.colors = Uint8Array.from(colors);
  if (names.length > 0 && libraries.length > 0) {
    const uv = corners.flatMap((at) => (at < 0 ? [0, 0] : [places[2 * at], places[2 * at + 1]]));
    mesh.texture = { corners: Float64Array.from(uv), names, nameOf: Int16Array.from(nameOf), libraries };
  }
  return mesh;
}

/** The mesh in an OBJ file. @throws InputError as `decodeObj`, and where the file cannot be read. */
export const readObj = (path: string): MeshData => decodeObj(readText(path), path);
