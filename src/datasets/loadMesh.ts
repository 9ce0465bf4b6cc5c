/**
 * @file A mesh with its colours from a file: OBJ with materials, PLY with vertex colours or a texture.
 */
import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { assertInput } from "../check";
import { decodeMtl, type Material } from "../formats/mtl";
import { type MeshData, readObj } from "../formats/obj";
import { readPhoto } from "../formats/photo";
import { readPly } from "../formats/ply";
import { readText } from "../formats/readBytes";
import type { Mesh, MeshTexture } from "../geometry/mesh";

type Picture = MeshTexture["pictures"][number];

/** A file beside a mesh: mesh files carry the paths of the machine that wrote them, so its plain name is tried, too. */
function beside(meshPath: string, name: string): string {
  const folder = dirname(meshPath);
  const names = [name, basename(name.replaceAll("\\", "/"))];
  const found = names
    .map((n) => resolve(folder, n))
    .find((path) => path.startsWith(resolve(folder)) && existsSync(path));
  assertInput(
    found,
    `${meshPath}: it names ${name}, which is not beside it; put the file into the same folder, or export the mesh without materials`,
  );
  return found;
}

const plain = ({ diffuse }: Material): Picture => ({
  width: 1,
  height: 1,
  rgb: Uint8Array.from(diffuse, (c) => Math.round(255 * c)),
});

async function texturesOf(path: string, data: MeshData): Promise<MeshTexture | undefined> {
  if (!data.texture) return undefined;
  const { corners, names, nameOf, libraries } = data.texture;
  if (!libraries) {
    const pictures = await Promise.all(names.map((name) => readPhoto(beside(path, name))));
    return { corners, pictures, pictureOf: nameOf };
  }
  const materials = new Map<string, Material>();
  for (const library of libraries) {
    const file = beside(path, library);
    for (const [name, material] of decodeMtl(readText(file), file)) materials.set(name, material);
  }
  const pictures = await Promise.all(
    names.map(async (name): Promise<Picture> => {
      const material = materials.get(name);
      assertInput(
        material,
        `${path}: it uses the material ${name}, which ${libraries.join(", ")} does not have; export the mesh again`,
      );
      return material.picture === undefined ? plain(material) : readPhoto(beside(path, material.picture));
    }),
  );
  return { corners, pictures, pictureOf: nameOf };
}

/**
 * A mesh that was read, for rendering: with the pictures that its file names.
 *
 * @param path of that file, beside which its pictures lie
 * @throws InputError for a material file or picture that is missing or damaged
 */
export async function withTexture(path: string, data: MeshData): Promise<Mesh> {
  const { vertices, triangles, colors } = data;
  const texture = await texturesOf(path, data);
  return { vertices, triangles, ...(colors && { colors }), ...(texture && { texture }) };
}

/**
 * Read a mesh for rendering, in metres.
 *
 * @param unit metres of a unit of the file: 1, 0.01 for centimetres, 0.001 for millimetres (BOP)
 * @throws InputError for another ending, a damaged mesh, and a material file or picture that is missing or damaged
 */
export async function loadMesh(path: string, { unit = 1 }: { unit?: number } = {}): Promise<Mesh> {
  const ending = extname(path).toLowerCase();
  assertInput(
    ending === ".obj" || ending === ".ply",
    `loadMesh: ${path} ends in ${JSON.stringify(ending)}; give an .obj or a .ply file`,
  );
  assertInput(unit > 0 && unit < Infinity, `loadMesh: a unit of ${unit} metres; give 1, 0.01 or 0.001`);
  const data = ending === ".obj" ? readObj(path) : readPly(path);
  const perMetre = 1 / unit; // x / 1000 as in readBopMesh, to the last bit
  return withTexture(path, { ...data, vertices: data.vertices.map((x) => x / perMetre) });
}
