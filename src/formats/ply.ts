/**
 * @file Stanford PLY meshes and point clouds: ascii and binary of both byte orders; polygons become triangles, and where
 * they lie in a texture is kept.
 */
import { assertInput, InputError } from "../check";
import type { MeshData } from "./obj";
import { readBytes } from "./readBytes";
import { appendFan } from "./triangulate";

type ScalarType = "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "float32" | "float64";

const scalarTypes: Readonly<Record<string, ScalarType>> = {
  char: "int8",
  uchar: "uint8",
  short: "int16",
  ushort: "uint16",
  int: "int32",
  uint: "uint32",
  float: "float32",
  double: "float64",
  int8: "int8",
  uint8: "uint8",
  int16: "int16",
  uint16: "uint16",
  int32: "int32",
  uint32: "uint32",
  float32: "float32",
  float64: "float64",
};

const byteSizes: Readonly<Record<ScalarType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
};

interface Property {
  name: string;
  type: ScalarType;
  /** The type of a list's length; undefined for a single number. */
  lengthType?: ScalarType;
}

interface Element {
  name: string;
  count: number;
  properties: Property[];
}

interface Header {
  format: string;
  elements: Element[];
  /** Pictures that the header names ("comment TextureFile x.png"). */
  pictures: string[];
  /** Where the data starts. */
  start: number;
}

/** Gives the next number of the data; throws at its end. */
type NextNumber = (type: ScalarType) => number;

function readHeader(bytes: Uint8Array, where: string): Header {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = /end_header[ \t]*\r?\n/.exec(buffer.toString("latin1", 0, Math.min(bytes.length, 65536)));
  assertInput(
    buffer.toString("latin1", 0, 3) === "ply" && end,
    `${where}: this is not a PLY file (it must start with ply and have an end_header line); export the mesh again`,
  );
  let format = "";
  const elements: Element[] = [];
  const pictures: string[] = [];
  for (const line of buffer.toString("latin1", 0, end.index).split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    const bad = (): InputError =>
      new InputError(`${where}: the header line ${JSON.stringify(line)} is not PLY; export it again`);
    if (words[0] === "comment" && words[1] === "TextureFile") pictures.push(words.slice(2).join(" "));
    else if (words[0] === "format") format = words[1];
    else if (words[0] === "element") {
      const count = Number(words[2]);
      if (!Number.isSafeInteger(count) || count < 0) throw bad();
      elements.push({ name: words[1], count, properties: [] });
    } else if (words[0] === "property") {
      const list = words[1] === "list";
      const type = scalarTypes[words[list ? 3 : 1]];
      const lengthType = list ? scalarTypes[words[2]] : undefined;
      if (!type || (list && !lengthType) || elements.length === 0) throw bad();
      elements.at(-1)?.properties.push({ name: words[list ? 4 : 2], type, lengthType });
    }
  }
  return { format, elements, pictures, start: end.index + end[0].length };
}

const truncated = (where: string): InputError =>
  new InputError(`${where}: the PLY is truncated; copy or export the file again`);

/** Words are cut out one by one (a list of all would take ten times the file's size); no sentence is made before it is needed. */
function asciiNumbers(bytes: Uint8Array, start: number, where: string): NextNumber {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1", start);
  const word = /\S+/g;
  return () => {
    const found = word.exec(text);
    if (!found) throw truncated(where);
    const value = Number(found[0]);
    if (Number.isNaN(value))
      throw new InputError(`${where}: ${JSON.stringify(found[0].slice(0, 40))} is no number; export the mesh again`);
    return value;
  };
}

function binaryNumbers(bytes: Uint8Array, start: number, littleEndian: boolean, where: string): NextNumber {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  const readers: Record<ScalarType, (offset: number) => number> = {
    int8: (o) => view.getInt8(o),
    uint8: (o) => view.getUint8(o),
    int16: (o) => view.getInt16(o, littleEndian),
    uint16: (o) => view.getUint16(o, littleEndian),
    int32: (o) => view.getInt32(o, littleEndian),
    uint32: (o) => view.getUint32(o, littleEndian),
    float32: (o) => view.getFloat32(o, littleEndian),
    float64: (o) => view.getFloat64(o, littleEndian),
  };
  return (type) => {
    const offset = at;
    at += byteSizes[type];
    if (at > bytes.length) throw truncated(where);
    return readers[type](offset);
  };
}

/** A column of the vertices by name, or undefined unless all names are there. */
type Columns = Map<string, number[]>;
const columns = (vertex: Columns, ...names: string[]): number[][] | undefined => {
  const found = names.map((name) => vertex.get(name));
  return found.every((column) => column !== undefined) ? (found as number[][]) : undefined;
};

/** V × C from C columns of V. */
function interleave(table: readonly number[][], scale: number = 1): Float64Array {
  const values = new Float64Array(table.length * table[0].length);
  for (let c = 0; c < table.length; c++)
    for (let i = 0; i < table[c].length; i++) values[i * table.length + c] = scale * table[c][i];
  return values;
}

/**
 * The mesh in the bytes of a PLY file: vertices, and where present faces (as fans), normals and colours.
 *
 * @param where named in errors
 * @throws InputError for another format, a truncated file, vertices without finite x, y, z, or a face without vertex
 */
export function decodePly(bytes: Uint8Array, where: string = "decodePly"): MeshData {
  const { format, elements, pictures, start } = readHeader(bytes, where);
  const next =
    format === "ascii"
      ? asciiNumbers(bytes, start, where)
      : format === "binary_little_endian" || format === "binary_big_endian"
        ? binaryNumbers(bytes, start, format === "binary_little_endian", where)
        : undefined;
  assertInput(next, `${where}: the PLY format ${format} is not known; export it as ascii or binary_little_endian`);

  const vertex: Columns = new Map();
  const colorTypes = new Set<ScalarType>();
  const triangles: number[] = [];
  const wedges: number[] = []; // u, v of each triangle's corner, where faces have them
  for (const element of elements) {
    const isVertex = element.name === "vertex";
    const rows = element.properties.length === 0 ? 0 : element.count;
    if (isVertex)
      for (const { name, type } of element.properties) {
        vertex.set(name, []);
        if (name === "red") colorTypes.add(type);
      }
    for (let row = 0; row < rows; row++) {
      let [polygon, texcoord]: number[][] = [[], []];
      for (const { name, type, lengthType } of element.properties) {
        if (lengthType) {
          const length = next(lengthType);
          if (!(length >= 0))
            throw new InputError(`${where}: a list has the length ${length}; the file is damaged: export it again`);
          const list: number[] = [];
          for (let i = 0; i < length; i++) list.push(next(type));
          if (element.name === "face" && name.startsWith("vertex_ind")) polygon = list;
          if (element.name === "face" && name === "texcoord") texcoord = list;
        } else {
          const value = next(type);
          if (isVertex) vertex.get(name)?.push(value);
        }
      }
      appendFan(triangles, polygon);
      if (texcoord.length > 0 && texcoord.length === 2 * polygon.length) {
        const order: number[] = [];
        appendFan(order, [...polygon.keys()]);
        for (const k of order) wedges.push(texcoord[2 * k], texcoord[2 * k + 1]);
      }
    }
  }

  const xyz = columns(vertex, "x", "y", "z");
  assertInput(xyz && xyz[0].length > 0, `${where}: the PLY has no vertices with x, y and z; export the mesh again`);
  const vertices = interleave(xyz);
  assertInput(vertices.every(Number.isFinite), `${where}: a vertex is not finite; repair the mesh and export it again`);
  const count = xyz[0].length;
  const wrong = triangles.find((index) => !(Number.isInteger(index) && index >= 0 && index < count));
  assertInput(
    wrong === undefined,
    `${where}: a face names vertex ${wrong}, the file has 0 … ${count - 1}; export it again`,
  );

  const mesh: MeshData = { vertices, triangles: Uint32Array.from(triangles) };
  const normals = columns(vertex, "nx", "ny", "nz");
  if (normals) mesh.normals = interleave(normals);
  const colors = columns(vertex, "red", "green", "blue");
  const fraction = colorTypes.has("float32") || colorTypes.has("float64");
  if (colors) mesh.colors = Uint8Array.from(interleave(colors, fraction ? 255 : 1), Math.round);
  const perVertex = textureNames.map((names) => columns(vertex, ...names)).find((found) => found !== undefined);
  const uv =
    wedges.length === 2 * triangles.length
      ? wedges
      : perVertex && triangles.flatMap((index) => [perVertex[0][index], perVertex[1][index]]);
  if (uv && pictures.length === 1) {
    assertInput(uv.every(Number.isFinite), `${where}: a texture coordinate is not finite; export the mesh again`);
    const nameOf = new Int16Array(triangles.length / 3);
    mesh.texture = { corners: Float64Array.from(uv), names: pictures, nameOf };
  }
  return mesh;
}

/** What texture coordinates of vertices are called: by BOP and MeshLab, by Blender, by others. */
const textureNames = [["texture_u", "texture_v"], ["s", "t"], ["u", "v"]] as const; // biome-ignore format: one line

/** The mesh in a PLY file. @throws InputError as `decodePly`, and where the file cannot be read. */
export const readPly = (path: string): MeshData => decodePly(readBytes(path), path);
