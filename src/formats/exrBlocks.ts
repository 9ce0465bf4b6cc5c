/**
 * @file The blocks of scan lines of an EXR file: from packed bytes to the plain ones, line by line, channel by channel.
 */
import { inflateSync } from "node:zlib";
import { assertInput, InputError } from "../check";
import { unpackPiz } from "./exrPiz";

/** What a channel's numbers are stored as. */
export type ExrPixelType = "uint" | "half" | "float";

/** What a block holds. */
export interface BlockShape {
  width: number;
  lines: number;
  /** Of the channels, in the file's order. */
  types: readonly ExrPixelType[];
}

const damaged = (where: string): InputError =>
  new InputError(`${where}: a block of the EXR does not unpack; the file is damaged: copy it again`);

/** Bytes of one number: uint 4, half 2, float 4. */
const bytesOf = (type: ExrPixelType): number => (type === "half" ? 2 : 4);

function inflate(packed: Uint8Array, size: number, where: string): Uint8Array {
  try {
    return inflateSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch {
    throw damaged(where);
  }
}

/** Runs: n ≥ 0 repeats the next byte n + 1 times, n < 0 is followed by −n bytes as they are. */
function unpackRuns(packed: Uint8Array, size: number, where: string): Uint8Array {
  const bytes = new Uint8Array(size);
  let out = 0;
  for (let at = 0; at < packed.length; ) {
    const n = (packed[at++] << 24) >> 24;
    const count = n < 0 ? -n : n + 1;
    const taken = n < 0 ? count : 1;
    if (out + count > size || at + taken > packed.length) throw damaged(where);
    if (n < 0) bytes.set(packed.subarray(at, at + count), out);
    else bytes.fill(packed[at], out, out + count);
    out += count;
    at += taken;
  }
  if (out !== size) throw damaged(where);
  return bytes;
}

/** RLE and ZIP store differences of bytes (+128), the even bytes before the odd ones. */
function undoDifferences(bytes: Uint8Array): Uint8Array {
  for (let i = 1; i < bytes.length; i++) bytes[i] = bytes[i - 1] + bytes[i] - 128;
  const plain = new Uint8Array(bytes.length);
  const half = Math.ceil(bytes.length / 2);
  for (let i = 0; i < bytes.length; i++) plain[i] = bytes[i % 2 === 0 ? i / 2 : half + (i - 1) / 2];
  return plain;
}

/**
 * PXR24: deflated differences along each line, byte planes from the highest down; floats have lost their lowest 8 bits.
 */
function unpackPxr24(packed: Uint8Array, { width, lines, types }: BlockShape, size: number, where: string): Uint8Array {
  const planesOf = (type: ExrPixelType): number => (type === "uint" ? 4 : type === "float" ? 3 : 2);
  const stored = lines * width * types.reduce((sum, type) => sum + planesOf(type), 0);
  const planes = inflate(packed, stored, where);
  if (planes.length !== stored) throw damaged(where);
  const plain = new Uint8Array(size);
  const view = new DataView(plain.buffer);
  let [from, to] = [0, 0];
  for (let line = 0; line < lines; line++)
    for (const type of types) {
      const count = planesOf(type);
      let value = 0;
      for (let x = 0; x < width; x++) {
        let difference = 0;
        for (let k = 0; k < count; k++) difference = (difference << 8) | planes[from + k * width + x];
        value = (value + (type === "float" ? difference << 8 : difference)) | 0;
        if (type === "half") view.setUint16(to, value & 0xffff, true);
        else view.setInt32(to, value, true);
        to += bytesOf(type);
      }
      from += count * width;
    }
  return plain;
}

/**
 * The plain bytes of a block: for each line, for each channel, its numbers, little endian.
 *
 * @param compression the file's number: 0 none, 1 RLE, 2 ZIPS, 3 ZIP, 4 PIZ, 5 PXR24
 * @throws InputError if the bytes do not unpack to exactly the block
 */
export function unpackExrBlock(packed: Uint8Array, compression: number, shape: BlockShape, where: string): Uint8Array {
  const size = shape.lines * shape.width * shape.types.reduce((sum, type) => sum + bytesOf(type), 0);
  // a block that would not shrink is stored as it is
  if (packed.length === size) return packed;
  assertInput(
    compression !== 0,
    `${where}: a block has ${packed.length} bytes instead of ${size}; the EXR is damaged: copy it again`,
  );
  if (compression === 5) return unpackPxr24(packed, shape, size, where);
  if (compression === 4) {
    const words = shape.types.map((type) => bytesOf(type) / 2);
    return unpackPiz(packed, { width: shape.width, lines: shape.lines, words }, () => damaged(where));
  }
  const bytes = compression === 1 ? unpackRuns(packed, size, where) : inflate(packed, size, where);
  if (bytes.length !== size) throw damaged(where);
  return undoDifferences(bytes);
}
