import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadMesh } from "../../src/datasets/loadMesh";
import { renderTemplate } from "../../src/datasets/renderTemplate";
import { decodeMtl } from "../../src/formats/mtl";
import { decodeObj } from "../../src/formats/obj";
import { encodePng } from "../../src/formats/png";
import type { Matrix3 } from "../../src/geometry/vector";

const folder = mkdtempSync(join(tmpdir(), "posediff-meshes-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** A square of 20 cm in the plane z = 0, seen from +z with y up: lower left, lower right, upper right, upper left. */
const corners = [
  [-100, -100],
  [100, -100],
  [100, 100],
  [-100, 100],
];
const uv = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
/** Camera over the square: x right, y down, z forward. */
const fromAbove: Matrix3 = [1, 0, 0, 0, -1, 0, 0, 0, -1];

beforeAll(async () => {
  // Upper left red, upper right green; lower left blue, lower right white.
  const data = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
  write("four colours.png", await encodePng({ width: 2, height: 2, channels: 3, data }));
});

/** Colours of the four quarters of a render, upper left first. */
async function quarters(path: string): Promise<number[][]> {
  const mesh = await loadMesh(path, { unit: 0.001 });
  const { rgb } = renderTemplate(mesh, fromAbove, { size: 32, side: 0.2 });
  return [
    [8, 8],
    [24, 8],
    [8, 24],
    [24, 24],
  ].map(([x, y]) => [...rgb.subarray(3 * (32 * y + x), 3 * (32 * y + x) + 3)].map((c) => (c > 120 ? 255 : 0)));
}

const fourColors = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];

const header = (perVertex: string, perFace: string): string =>
  `ply\nformat ascii 1.0\ncomment TextureFile four colours.png\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n${perVertex}element face 1\nproperty list uchar int vertex_indices\n${perFace}end_header\n`;

describe("a textured square", () => {
  test("PLY as BOP writes it: texture_u and texture_v of vertices", async () => {
    const rows = corners.map((c, i) => [...c, 0, ...uv[i]].join(" ")).join("\n");
    const names = "property float texture_u\nproperty float texture_v\n";
    expect(await quarters(write("a.ply", `${header(names, "")}${rows}\n4 0 1 2 3\n`))).toEqual(fourColors);
  });

  test("PLY as MeshLab writes it: texcoord of faces", async () => {
    const rows = corners.map((c) => [...c, 0].join(" ")).join("\n");
    const list = "property list uchar float texcoord\n";
    const text = `${header("", list)}${rows}\n4 0 1 2 3 8 ${uv.flat().join(" ")}\n`;
    expect(await quarters(write("b.ply", text))).toEqual(fourColors);
  });

  test("OBJ with a material file whose picture has another machine's path; a second material has a colour alone", async () => {
    write(
      "square.mtl",
      "newmtl painted\nKd 1 1 1\nmap_Kd C:\\models\\four colours.png\nnewmtl dull # plain\nKd 1 0 1\n",
    );
    const v = corners.map((c) => `v ${c.join(" ")} 0`).join("\n");
    const vt = uv.map((t) => `vt ${t.join(" ")}`).join("\n");
    const faces = (material: string) => `usemtl ${material}\nf 1/1 2/2 3/-2 4/4\n`;
    const text = `mtllib square.mtl\n${v}\n${vt}\n`;
    expect(await quarters(write("c.obj", text + faces("painted")))).toEqual(fourColors);
    expect(await quarters(write("d.obj", text + faces("dull")))).toEqual(Array(4).fill([255, 0, 255]));
    await expect(quarters(write("e.obj", text + faces("gold")))).rejects.toThrow("uses the material gold");
    await expect(quarters(write("f.obj", text.replace("square.mtl", "../none.mtl") + faces("dull")))).rejects.toThrow(
      "none.mtl, which is not beside it",
    );
    write("broken.mtl", "newmtl painted\nmap_Kd broken.png\n");
    write("broken.png", "no picture");
    await expect(quarters(write("g.obj", text.replace("square.mtl", "broken.mtl") + faces("painted")))).rejects.toThrow(
      "broken.png: this is no picture",
    );
  });

  test("bad input is told in a sentence", async () => {
    expect(() => decodeMtl("Kd 1 0 0\n", "x.mtl")).toThrow("x.mtl, line 1: Kd comes before any newmtl");
    expect(() => decodeMtl("newmtl a\nKd 1 0\n", "x.mtl")).toThrow("not three numbers from 0 to 1");
    expect(() => decodeObj("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1/9 2/1 3/1\n")).toThrow("names no vt of the 0 so far");
    expect(() => decodeObj("vt x 0\n")).toThrow("is no number");
    await expect(loadMesh("mesh.stl")).rejects.toThrow("give an .obj or a .ply file");
    await expect(loadMesh(join(folder, "a.ply"), { unit: 0 })).rejects.toThrow("a unit of 0 metres");
  });
});
