/**
 * @file Number types of array files, by safetensors' names, and their typed arrays.
 */
import { InputError } from "../check";
import { halfToNumber } from "./float16";

/** Typed arrays that array files hold. */
export type NumberArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

type TypedArrayConstructor = new (buffer: ArrayBuffer) => NumberArray;

/** Names of the number types that are read. */
export type Dtype =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "U64"
  | "I32"
  | "U32"
  | "I16"
  | "U16"
  | "I8"
  | "U8"
  | "BOOL";

/** Bytes per number and the typed array that takes them as they are; half precision has none and is widened. */
export const dtypes: Readonly<Record<Dtype, { bytes: number; array: TypedArrayConstructor | undefined }>> = {
  F64: { bytes: 8, array: Float64Array },
  F32: { bytes: 4, array: Float32Array },
  F16: { bytes: 2, array: undefined },
  BF16: { bytes: 2, array: undefined },
  I64: { bytes: 8, array: BigInt64Array },
  U64: { bytes: 8, array: BigUint64Array },
  I32: { bytes: 4, array: Int32Array },
  U32: { bytes: 4, array: Uint32Array },
  I16: { bytes: 2, array: Int16Array },
  U16: { bytes: 2, array: Uint16Array },
  I8: { bytes: 1, array: Int8Array },
  U8: { bytes: 1, array: Uint8Array },
  BOOL: { bytes: 1, array: Uint8Array },
};

/** The type that an array is written as (Uint8Array: U8). @throws InputError for other containers */
export function dtypeOf(data: NumberArray): Dtype {
  for (const [name, { array }] of Object.entries(dtypes)) if (array && data instanceof array) return name as Dtype;
  throw new InputError(`dtypeOf: ${Object.prototype.toString.call(data)} is not a typed array of numbers`);
}

/** Little-endian bytes → numbers, in an array of their own. */
export function decodeDtype(dtype: Dtype, bytes: Uint8Array): NumberArray {
  const { array } = dtypes[dtype];
  // Not bytes.slice(): of a Buffer that is a view of the same memory.
  const copy = new Uint8Array(bytes).buffer;
  if (array) return new array(copy);
  return widen(new Uint16Array(copy), dtype === "BF16");
}

/** Every half, widened: a network of fp16 has a billion of them. */
let halves: Float32Array | undefined;

function widen(bits: Uint16Array, brain: boolean): Float32Array {
  // bfloat16 is the upper half of a float32.
  if (brain) {
    const words = new Uint32Array(bits.length);
    for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
    return new Float32Array(words.buffer);
  }
  halves ??= Float32Array.from({ length: 1 << 16 }, (_, half) => halfToNumber(half));
  const wide = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = halves[bits[i]];
  return wide;
}
