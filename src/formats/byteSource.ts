/**
 * @file A file, or bytes in memory, of which any range can be read: files beyond 2 GB are read range by range.
 */
import { readSync } from "node:fs";
import { assertInput } from "../check";
import { openFile } from "./openFile";

/** Where bytes come from. */
export interface ByteSource {
  /** For errors: the path, or "the given bytes". */
  name: string;
  size: number;
  /** `length` bytes from `offset` on; the caller has checked that they lie within `size`. */
  read: (offset: number, length: number) => Uint8Array;
}

/** One call of the operating system reads at most 2 GB. */
const longestRead = 1 << 30;

function readRange(where: string, descriptor: number, path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const got = readSync(descriptor, bytes, done, Math.min(length - done, longestRead), offset + done);
    assertInput(got > 0, `${where}: ${path} ended while it was read; copy it again`);
    done += got;
  }
  return bytes;
}

/**
 * A source of bytes. A path is opened for each range and closed again: nothing is left to be closed by the caller.
 *
 * @param where named in errors
 * @throws InputError if there is no such file, or it is a folder
 */
export function byteSource(where: string, file: string | Uint8Array): ByteSource {
  if (typeof file !== "string") {
    const read = (offset: number, length: number): Uint8Array => file.subarray(offset, offset + length);
    return { name: "the given bytes", size: file.length, read };
  }
  const name = `${where}: cannot open ${file}`;
  const size = openFile(file, (_, status) => status.size, name);
  const read = (offset: number, length: number): Uint8Array =>
    openFile(file, (descriptor) => readRange(where, descriptor, file, offset, length), name);
  return { name: file, size, read };
}
