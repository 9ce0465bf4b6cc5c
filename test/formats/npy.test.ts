import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import type { NdArray } from "../../src/formats/ndarray";
import { toNumbers } from "../../src/formats/ndarray";
import { decodeNpy, encodeNpy, readNpy } from "../../src/formats/npy";

/** An .npy file with a header of one's own. */
function npy(header: string, data: Uint8Array, version = 1): Buffer {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  return Buffer.concat([
    Buffer.from("\x93NUMPY", "latin1"),
    Buffer.from([version, 0]),
    length,
    Buffer.from(header),
    data,
  ]);
}

const six = new Uint8Array(Float32Array.from([0, 1, 2, 3, 4, 5]).buffer);

const arrays: NdArray[] = [
  { dtype: "float32", shape: [2, 3], data: Float32Array.from([1, -2, Number.NaN, Infinity, 0.5, 3e-39]) },
  { dtype: "float64", shape: [3], data: Float64Array.from([Math.PI, -0, 1e-310]) },
  { dtype: "int8", shape: [2], data: Int8Array.from([-128, 127]) },
  { dtype: "int16", shape: [2, 1], data: Int16Array.from([-32768, 5]) },
  { dtype: "int32", shape: [1], data: Int32Array.from([-7]) },
  { dtype: "int64", shape: [2], data: BigInt64Array.from([-1n, 2n ** 62n]) },
  { dtype: "uint8", shape: [0, 4], data: new Uint8Array(0) },
  { dtype: "uint16", shape: [], data: Uint16Array.from([65535]) },
  { dtype: "uint32", shape: [1], data: Uint32Array.from([4294967295]) },
  { dtype: "uint64", shape: [1], data: BigUint64Array.from([2n ** 63n]) },
  { dtype: "bool", shape: [3], data: Uint8Array.from([1, 0, 1]) },
];

describe("npy", () => {
  it.each(arrays)("$dtype $shape survives encode and decode", (array) => {
    const bytes = encodeNpy(array);
    expect(decodeNpy(bytes)).toEqual(array);
    expect((bytes.length - (array.data as Uint8Array).byteLength) % 64).toBe(0);
  });

  it("round trips every float64 (property)", () => {
    fc.assert(
      fc.property(fc.float64Array(), (data) => {
        expect(decodeNpy(encodeNpy({ dtype: "float64", shape: [data.length], data })).data).toEqual(data);
      }),
    );
  });

  it("reads Fortran order: element (i, j) of a 2 × 3 array lies at i + 2j", () => {
    const header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n";
    expect(Array.from(toNumbers("test", decodeNpy(npy(header, six))))).toEqual([0, 2, 4, 1, 3, 5]);
  });

  it("reads versions 2 and 3, big endian and text", () => {
    for (const version of [2, 3]) {
      const header = "{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }\n";
      expect(decodeNpy(npy(header, Uint8Array.from([1, 0, 255, 255]), version)).data).toEqual(
        Int16Array.from([256, -1]),
      );
    }
    const text = decodeNpy(npy("{'descr': '|S3', 'fortran_order': False, 'shape': (2,)}", Buffer.from("ab\0xyz")));
    expect(text).toEqual({ dtype: "bytes", shape: [2], data: ["ab", "xyz"] });
  });

  it.each([
    ["another file", Buffer.from("PK\x03\x04 not numpy at all"), "not an .npy file"],
    ["version 9", npy("{}", six, 9), "version 9"],
    ["a truncated header", npy("{'descr': '<f4'", six).subarray(0, 12), "truncated"],
    ["objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", six), "element type |O"],
    ["records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", six), "readable descr"],
    [
      "truncated data",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", six.subarray(1)),
      "needs 24 bytes",
    ],
    ["a huge shape", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}", six), "needs 3999"],
  ])("refuses %s in one sentence", (_, bytes, message) => {
    expect(() => decodeNpy(bytes)).toThrow(InputError);
    expect(() => decodeNpy(bytes)).toThrow(message);
  });

  it("says which file is missing", () => {
    expect(() => readNpy("no/such.npy")).toThrow("no/such.npy: there is no such file");
  });

  it("refuses to round integers beyond 2^53", () => {
    expect(() => toNumbers("test", { dtype: "int64", shape: [1], data: BigInt64Array.from([2n ** 60n]) })).toThrow(
      "too large",
    );
  });
});
