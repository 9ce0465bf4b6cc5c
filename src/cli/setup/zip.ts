/**
 * @file Takes single files out of a zip archive (a Python wheel is one) with Node's own zlib, entry by entry, because
 * libtensorflow alone is half a gigabyte.
 */
import { closeSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { inflateRawSync } from "node:zlib";
import { assertInput } from "../../check";

/** A file inside an archive. */
interface ZipEntry {
  name: string;
  method: number;
  compressedSize: number;
  headerOffset: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;

/**
 * Unpack the files for which `target` names a place; the others stay in the archive.
 *
 * @param target the path to write an entry to, or undefined to leave it
 * @returns how many files were written
 * @throws InputError if the archive is cut short or is none
 */
export function unzip(archive: string, target: (name: string) => string | undefined): number {
  const file = openSync(archive, "r");
  try {
    const read = (offset: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      const got = readSync(file, bytes, 0, length, offset);
      assertInput(got === length, `unzip ${archive}: the archive ends at byte ${offset + got}; download it again`);
      return bytes;
    };
    let written = 0;
    for (const entry of listEntries(archive, read)) {
      const path = entry.name.endsWith("/") ? undefined : target(entry.name);
      if (path === undefined) continue;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content(archive, entry, read));
      written++;
    }
    return written;
  } finally {
    closeSync(file);
  }
}

type Read = (offset: number, length: number) => Buffer;

/** Read the central directory, which stands at the end of the archive. */
function listEntries(archive: string, read: Read): ZipEntry[] {
  const size = statSync(archive).size;
  const tailLength = Math.min(size, 65_557); // the end record and the longest comment
  const tail = read(size - tailLength, tailLength);
  let end = tailLength - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end--;
  assertInput(end >= 0, `unzip ${archive}: this is no zip archive, or it was cut short; download it again`);
  const count = tail.readUInt16LE(end + 10);
  const directory = read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: ZipEntry[] = [];
  for (let at = 0, i = 0; i < count; i++) {
    assertInput(directory.readUInt32LE(at) === entrySignature, `unzip ${archive}: entry ${i} is damaged`);
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString("utf8", at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      compressedSize: directory.readUInt32LE(at + 20),
      headerOffset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

function content(archive: string, entry: ZipEntry, read: Read): Buffer {
  const header = read(entry.headerOffset, 30);
  const start = entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const bytes = read(start, entry.compressedSize);
  assertInput(
    entry.method === 0 || entry.method === 8,
    `unzip ${archive}: ${entry.name} is packed by method ${entry.method}`,
  );
  return entry.method === 0 ? bytes : inflateRawSync(bytes);
}
