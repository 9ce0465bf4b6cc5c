/**
 * @file Number types of array files, by safetensors' names, and their typed arrays.
 */
import { InputError } from "../check";

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
  const copy = bytes.slice().buffer;
  if (array) return new array(copy);
  return widen(new Uint16Array(copy), dtype === "BF16");
}

function widen(halves: Uint16Array, brain: boolean): Float32Array {
  const bits = new Uint32Array(halves.length);
  // bfloat16 is the upper half of a float32.
  for (let i = 0; i < bits.length; i++) bits[i] = brain ? halves[i] << 16 : float32Bits(halves[i]);
  return new Float32Array(bits.buffer);
}

/** The float32 bits of an IEEE binary16: sign, 5 bits exponent (bias 15 → 127), 10 bits fraction. Exact for every value. */
export function float32Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  let fraction = half & 0x3ff;
  if (exponent === 31) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Subnormal: shift until the leading one is implicit.
  let shifted = 113;
  while (!(fraction & 0x400)) {
    fraction <<= 1;
    shifted--;
  }
  return (sign | (shifted << 23) | ((fraction & 0x3ff) << 13)) >>> 0;
}
