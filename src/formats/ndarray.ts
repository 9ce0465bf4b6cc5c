/**
 * @file numpy arrays as plain values: shape, dtype and a typed array in C order; the decoder that npy and pickle share.
 */
import { assertInput } from "../check";
import { halfToNumber } from "./float16";
import { visitByStrides } from "./strides";

/** What holds the elements; text arrays (dtypes U and S) become string[]. */
export type NdArrayData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

/** A numpy array. */
export interface NdArray {
  /** numpy's name: "float32", "int64", "bool", "str", "bytes", … */
  dtype: string;
  shape: number[];
  /** product(shape) elements, last index fastest. float16 is widened to float32, bool is 0 or 1. */
  data: NdArrayData;
}

/** An element type in numpy's short spelling, e.g. { order: "<", kind: "f", itemSize: 4 } of "<f4". */
export interface ElementType {
  order: "<" | ">";
  kind: string;
  /** Bytes per element. */
  itemSize: number;
}

const maxDimensions = 32; // numpy's own limit before version 2

interface NumericType {
  name: string;
  create: (n: number) => Exclude<NdArrayData, string[]>;
  read: (view: DataView, offset: number, littleEndian: boolean) => number | bigint;
}

const numericTypes: Readonly<Record<string, NumericType>> = {
  b1: { name: "bool", create: (n) => new Uint8Array(n), read: (v, o) => (v.getUint8(o) === 0 ? 0 : 1) },
  f2: { name: "float16", create: (n) => new Float32Array(n), read: (v, o, le) => halfToNumber(v.getUint16(o, le)) },
  f4: { name: "float32", create: (n) => new Float32Array(n), read: (v, o, le) => v.getFloat32(o, le) },
  f8: { name: "float64", create: (n) => new Float64Array(n), read: (v, o, le) => v.getFloat64(o, le) },
  i1: { name: "int8", create: (n) => new Int8Array(n), read: (v, o) => v.getInt8(o) },
  i2: { name: "int16", create: (n) => new Int16Array(n), read: (v, o, le) => v.getInt16(o, le) },
  i4: { name: "int32", create: (n) => new Int32Array(n), read: (v, o, le) => v.getInt32(o, le) },
  i8: { name: "int64", create: (n) => new BigInt64Array(n), read: (v, o, le) => v.getBigInt64(o, le) },
  u1: { name: "uint8", create: (n) => new Uint8Array(n), read: (v, o) => v.getUint8(o) },
  u2: { name: "uint16", create: (n) => new Uint16Array(n), read: (v, o, le) => v.getUint16(o, le) },
  u4: { name: "uint32", create: (n) => new Uint32Array(n), read: (v, o, le) => v.getUint32(o, le) },
  u8: { name: "uint64", create: (n) => new BigUint64Array(n), read: (v, o, le) => v.getBigUint64(o, le) },
};

/** The element type of numpy's spelling: "<f4", "|u1", "f8", "<U6". @throws InputError for any other. */
export function elementType(where: string, descriptor: string): ElementType {
  const match = /^([<>|=]?)([a-zA-Z?])(\d*)$/.exec(descriptor);
  const [, order = "", letter = "", digits = ""] = match ?? [];
  const kind = letter === "?" ? "b" : letter;
  const size = letter === "?" ? 1 : Number(digits || "0");
  const known = numericTypes[`${kind}${size}`] !== undefined || ((kind === "U" || kind === "S") && digits !== "");
  assertInput(
    match && known,
    `${where}: the element type ${descriptor} is not read; only bool, i1 … i8, u1 … u8, f2, f4, f8, S and U are: convert the array with astype first`,
  );
  return { order: order === ">" ? ">" : "<", kind, itemSize: kind === "U" ? 4 * size : size };
}

/** numpy's name of an element type. */
export const elementTypeName = (type: ElementType): string =>
  type.kind === "U" ? "str" : type.kind === "S" ? "bytes" : numericTypes[`${type.kind}${type.itemSize}`].name;

/**
 * The number of elements of a shape.
 *
 * Checked before anything is allocated: a shape is a claim of the file, the bytes are what it has.
 * @throws InputError for more than 32 dimensions, a size that is no natural number, or a product beyond `available`
 */
export function elementCount(where: string, shape: readonly unknown[], itemSize: number, available: number): number {
  assertInput(
    shape.length <= maxDimensions && shape.every((n) => typeof n === "number" && Number.isSafeInteger(n) && n >= 0),
    `${where}: the shape (${shape.slice(0, 8).join(", ")}) is not one of an array; the file is damaged`,
  );
  const count = (shape as readonly number[]).reduce((product, n) => product * n, 1);
  assertInput(
    (count === 0 && available === 0) || (itemSize > 0 && count * itemSize === available),
    `${where}: the shape (${shape.join(", ")}) of ${itemSize}-byte elements needs ${count * itemSize} bytes, the data has ${available}; the file is damaged`,
  );
  return count;
}

/** Index in Fortran order (first index fastest) of each element in C order (last index fastest). */
function fortranIndices(shape: readonly number[], count: number): Float64Array {
  const indices = new Float64Array(count);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  visitByStrides(shape, strides, (i, from) => {
    indices[i] = from;
  });
  return indices;
}

/** Text of one element; numpy pads with NUL. */
function readText(bytes: Uint8Array, view: DataView, offset: number, type: ElementType): string {
  let text = "";
  const step = type.kind === "U" ? 4 : 1;
  for (let i = 0; i < type.itemSize; i += step) {
    const code = step === 1 ? bytes[offset + i] : view.getUint32(offset + i, type.order === "<");
    text += code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
  }
  return text.replace(/\0+$/, "");
}

/**
 * The array that `bytes` hold.
 *
 * @param where named in errors
 * @throws InputError unless the bytes are exactly the elements of the shape
 */
export function decodeNdArray(
  where: string,
  bytes: Uint8Array,
  type: ElementType,
  shape: readonly number[],
  fortranOrder: boolean,
): NdArray {
  const count = elementCount(where, shape, type.itemSize, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = fortranOrder && shape.length > 1 ? fortranIndices(shape, count) : undefined;
  const dtype = elementTypeName(type);
  const offset = (i: number): number => (order ? order[i] : i) * type.itemSize;
  if (type.kind === "U" || type.kind === "S") {
    const data = Array.from({ length: count }, (_, i) => readText(bytes, view, offset(i), type));
    return { dtype, shape: [...shape], data };
  }
  const { create, read } = numericTypes[`${type.kind}${type.itemSize}`];
  const data = create(count);
  const littleEndian = type.order === "<";
  for (let i = 0; i < count; i++) data[i] = read(view, offset(i), littleEndian);
  return { dtype, shape: [...shape], data };
}

/** The elements as numbers. @throws InputError for text and for integers beyond ±(2⁵³ − 1). */
export function toNumbers(where: string, array: NdArray): Float64Array {
  const { data } = array;
  assertInput(
    !Array.isArray(data),
    `${where}: expected an array of numbers, got one of text (${array.dtype}); pass another entry`,
  );
  return Float64Array.from(data as ArrayLike<number | bigint>, (x) => {
    const value = Number(x);
    assertInput(
      typeof x === "number" || Number.isSafeInteger(value),
      `${where}: the integer ${x} is too large for a float64; store the array as float64`,
    );
    return value;
  });
}
