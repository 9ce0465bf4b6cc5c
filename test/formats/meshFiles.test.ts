import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import { decodeObj, readObj } from "../../src/formats/obj";
import { decodePly, readPly } from "../../src/formats/ply";

describe("decodeObj", () => {
  it("reads positive and negative indices, all corner forms, comments and polygons", () => {
    const mesh = decodeObj(`# a unit square and a triangle
v 0 0 0
v 1 0 0
v 1 1 0 # corner
v 0 1 0
vt 0 0
vn 0 0 1
f 1/1/1 2/1/1 3/1/1 4/1/1
f -4//1 -3//1 -2//1
f 1/1 \\
  2/1 4/1
`);
    expect(Array.from(mesh.vertices)).toEqual([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]);
    expect(Array.from(mesh.triangles)).toEqual([0, 1, 2, 0, 2, 3, 0, 1, 2, 0, 1, 3]);
    expect(mesh.colors).toBeUndefined();
  });

  it("reads vertex colours", () => {
    expect(decodeObj("v 0 0 0 1 0.5 0\n").colors).toEqual(Uint8Array.from([255, 128, 0]));
  });

  it.each([
    ["a vertex of two numbers", "v 1 2\n", "line 1"],
    ["a vertex of text", "v 1 2 x\n", "line 1"],
    ["a face before its vertices end", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n", "names vertex 4"],
    ["the index 0", "v 0 0 0\nf 0 1 1\n", "line 2"],
    ["a negative index too far back", "v 0 0 0\nf -2 -1 -1\n", "line 2"],
    ["no mesh", "hello\n", "no vertices"],
  ])("refuses %s", (_, text, message) => {
    expect(() => decodeObj(text)).toThrow(InputError);
    expect(() => decodeObj(text)).toThrow(message);
  });

  it("says which file is missing", () => {
    expect(() => readObj("no.obj")).toThrow("no.obj: there is no such file");
  });
});

/** A PLY of a coloured square with normals; every element has a property to pass over. */
function squarePly(format: "ascii" | "binary_little_endian" | "binary_big_endian"): Buffer {
  const header = `ply
format ${format} 1.0
comment written by the test
element camera 1
property list uchar float gains
element vertex 4
property float x
property double y
property float z
property float nx
property float ny
property float nz
property uchar red
property uchar green
property uchar blue
element face 1
property uchar flags
property list uchar int vertex_indices
end_header
`;
  const corners = [0, 0, 1, 0, 1, 1, 0, 1];
  if (format === "ascii") {
    const rows = [0, 1, 2, 3].map((i) => `${corners[2 * i]} ${corners[2 * i + 1]} 0.5 0 0 1 ${i} 20 255`);
    return Buffer.from(`${header}2 1.5 2.5\n${rows.join("\n")}\n7 4 0 1 2 3\n`);
  }
  const little = format === "binary_little_endian";
  const bytes: number[] = [];
  const put = (size: number, write: (view: DataView) => void): void => {
    const view = new DataView(new ArrayBuffer(size));
    write(view);
    bytes.push(...new Uint8Array(view.buffer));
  };
  const float = (value: number): void => put(4, (view) => view.setFloat32(0, value, little));
  bytes.push(2);
  float(1.5);
  float(2.5);
  for (let i = 0; i < 4; i++) {
    float(corners[2 * i]);
    put(8, (view) => view.setFloat64(0, corners[2 * i + 1], little));
    for (const value of [0.5, 0, 0, 1]) float(value);
    bytes.push(i, 20, 255);
  }
  bytes.push(7, 4);
  for (let i = 0; i < 4; i++) put(4, (view) => view.setInt32(0, i, little));
  return Buffer.concat([Buffer.from(header), Buffer.from(bytes)]);
}

describe("decodePly", () => {
  it.each(["ascii", "binary_little_endian", "binary_big_endian"] as const)("reads %s", (format) => {
    expect(decodePly(squarePly(format))).toEqual({
      vertices: Float64Array.from([0, 0, 0.5, 1, 0, 0.5, 1, 1, 0.5, 0, 1, 0.5]),
      triangles: Uint32Array.from([0, 1, 2, 0, 2, 3]),
      normals: Float64Array.from([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]),
      colors: Uint8Array.from([0, 20, 255, 1, 20, 255, 2, 20, 255, 3, 20, 255]),
    });
  });

  it("reads a cloud without faces", () => {
    const text =
      "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n1 2 3\n";
    expect(decodePly(Buffer.from(text))).toEqual({
      vertices: Float64Array.from([1, 2, 3]),
      triangles: new Uint32Array(0),
    });
  });

  it("refuses every truncation and never ends in another error (property)", () => {
    const formats = ["ascii", "binary_little_endian"] as const;
    fc.assert(
      fc.property(fc.constantFrom(...formats), fc.double({ min: 0, max: 0.98, noNaN: true }), (format, part) => {
        const whole = squarePly(format);
        expect(() => decodePly(whole.subarray(0, Math.floor(part * whole.length)))).toThrow(InputError);
      }),
    );
  });

  it("refuses a vertex count that the file does not have, without allocating it", () => {
    const lying = squarePly("binary_little_endian").toString("latin1").replace("vertex 4", "vertex 4000000000");
    expect(() => decodePly(Buffer.from(lying, "latin1"))).toThrow("truncated");
  });

  it.each([
    ["another file", "solid cube", "not a PLY"],
    ["an unknown format", "ply\nformat text 1.0\nend_header\n", "format text"],
    ["an unknown type", "ply\nformat ascii 1.0\nelement vertex 1\nproperty quad x\nend_header\n", "quad"],
    ["no vertices", "ply\nformat ascii 1.0\nend_header\n", "no vertices"],
  ])("refuses %s", (_, text, message) => {
    expect(() => decodePly(Buffer.from(text))).toThrow(InputError);
    expect(() => decodePly(Buffer.from(text))).toThrow(message);
  });

  it("says which file is missing", () => {
    expect(() => readPly("no.ply")).toThrow("no.ply: there is no such file");
  });
});
