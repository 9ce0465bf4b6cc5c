/**
 * @file numpy's .npy files, versions 1 to 3 (numpy.lib.format): read all plain element types, write little endian.
 */
import { endianness } from "node:os";
import { assertInput } from "../check";
import { decodeNdArray, elementType, type NdArray } from "./ndarray";
import { readBytes } from "./readBytes";

const magic = "\x93NUMPY";

/** Value of a key in the header, which is a Python dict literal such as {'descr': '<f4', 'shape': (3, 4), }. */
function headerEntry(where: string, header: string, key: string, pattern: string): string {
  const match = new RegExp(`['"]${key}['"]\\s*:\\s*${pattern}`).exec(header);
  assertInput(
    match,
    `${where}: the header ${JSON.stringify(header.slice(0, 80))} has no readable ${key}; save the array with numpy.save and a plain element type`,
  );
  return match[1];
}

/**
 * The array in the bytes of an .npy file.
 *
 * @param where named in errors
 * @throws InputError for another magic or version, a damaged header, an element type that holds Python objects or
 *   records, and data of another length than the shape says
 */
export function decodeNpy(bytes: Uint8Array, where: string = "decodeNpy"): NdArray {
  const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString("latin1");
  assertInput(
    bytes.length >= 10 && text(0, 6) === magic,
    `${where}: this is not an .npy file (it lacks the magic \\x93NUMPY); save the array with numpy.save`,
  );
  const version = bytes[6];
  assertInput(
    version >= 1 && version <= 3,
    `${where}: .npy version ${version} is not known; versions 1 to 3 are read: save it with numpy.save`,
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : bytes.length >= 12 ? view.getUint32(8, true) : Infinity;
  assertInput(
    start + length <= bytes.length,
    `${where}: the header of ${length} bytes does not fit in the ${bytes.length} bytes of the file; it is truncated`,
  );
  const header = text(start, start + length);
  const type = elementType(where, headerEntry(where, header, "descr", "['\"]([^'\"]*)['\"]"));
  const fortranOrder = headerEntry(where, header, "fortran_order", "(True|False)") === "True";
  const shape = headerEntry(where, header, "shape", "\\(([\\d\\s,L]*)\\)")
    .split(",")
    .map((n) => n.replace("L", "").trim())
    .filter((n) => n !== "")
    .map(Number);
  return decodeNdArray(where, bytes.subarray(start + length), type, shape, fortranOrder);
}

/** The array in an .npy file. @throws InputError as `decodeNpy`, and where the file cannot be read. */
export const readNpy = (path: string): NdArray => decodeNpy(readBytes(path), path);

const descriptors: Readonly<Record<string, string>> = {
  float32: "<f4",
  float64: "<f8",
  int8: "|i1",
  int16: "<i2",
  int32: "<i4",
  int64: "<i8",
  uint8: "|u1",
  uint16: "<u2",
  uint32: "<u4",
  uint64: "<u8",
  bool: "|b1",
};

/**
 * The bytes of an .npy file, version 1, C order, little endian.
 *
 * @throws InputError for float16 and text arrays, and data of another length than the shape says
 */
export function encodeNpy(array: NdArray): Uint8Array {
  const descriptor = descriptors[array.dtype];
  assertInput(
    descriptor && !Array.isArray(array.data),
    `encodeNpy: arrays of ${array.dtype} are not written; write one of ${Object.keys(descriptors).join(", ")}`,
  );
  const count = array.shape.reduce((a, b) => a * b, 1);
  const itemSize = Number(descriptor[2]);
  assertInput(
    array.data.length === count && array.data.BYTES_PER_ELEMENT === itemSize,
    `encodeNpy: expected ${array.shape.join(" × ")} elements of ${itemSize} bytes, got ${array.data.length} of ${array.data.BYTES_PER_ELEMENT}; make dtype, shape and data agree`,
  );
  const shape = array.shape.length === 1 ? `(${array.shape[0]},)` : `(${array.shape.join(", ")})`;
  const dictionary = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${shape}, }`;
  // the data starts at a multiple of 64 bytes, the header ends with a newline
  const header = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = Buffer.alloc(10 + header.length + count * itemSize);
  bytes.write(`${magic}\x01\x00`, "latin1");
  bytes.writeUInt16LE(header.length, 8);
  bytes.write(header, 10, "latin1");
  const body = bytes.subarray(10 + header.length);
  body.set(new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength));
  if (endianness() === "BE" && itemSize > 1) ({ 2: body.swap16, 4: body.swap32, 8: body.swap64 })[itemSize]?.call(body);
  return bytes;
}
