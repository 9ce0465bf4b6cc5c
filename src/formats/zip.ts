/**
 * @file Zip archives (APPNOTE 6.3), as PyTorch and Python wheels use them: stored or deflated members, zip64. Nothing is
 * ever unpacked to disk.
 */
import { crc32, inflateRawSync } from "node:zlib";
import { InputError } from "../check";
import type { ByteSource } from "./byteSource";

/** A member of an archive. */
export interface ZipMember {
  name: string;
  /** Bytes when unpacked. */
  size: number;
  /** Whether the bytes lie in the archive as they are, so that ranges of them can be read. */
  stored: boolean;
  /** All bytes, their checksum compared. */
  read: () => Uint8Array;
  /** `length` bytes from `offset` of a stored member; no checksum is compared. */
  readRange: (offset: number, length: number) => Uint8Array;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const memberSignature = 0x02014b50;
const localSignature = 0x04034b50;
/** An archive comment has at most 65,535 bytes. */
const longestEnd = 22 + 65_535;
/** Deflate cannot shrink further than by this factor; a larger claim is a lie. */
const largestDeflateRatio = 1032;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

interface Directory {
  offset: number;
  size: number;
  count: number;
}

/** Where the list of members lies. */
function findDirectory(source: ByteSource, refuse: (problem: string) => never): Directory {
  const length = Math.min(source.size, longestEnd);
  const tail = source.read(source.size - length, length);
  const view = viewOf(tail);
  let end = length - 22;
  while (end >= 0 && view.getUint32(end, true) !== endSignature) end--;
  if (end < 0) refuse("is no zip archive or is truncated: its list of members is missing; copy it again");
  const directory = {
    count: view.getUint16(end + 10, true),
    size: view.getUint32(end + 12, true),
    offset: view.getUint32(end + 16, true),
  };
  // Each field that is full says that the 64-bit form holds the value.
  const full = directory.count === 0xffff || directory.size === 0xffffffff || directory.offset === 0xffffffff;
  if (!full || end < 20 || view.getUint32(end - 20, true) !== locator64Signature) return directory;
  const at = Number(view.getBigUint64(end - 12, true));
  if (at + 56 > source.size) refuse("points beyond its end; it is damaged");
  const view64 = viewOf(source.read(at, 56));
  if (view64.getUint32(0, true) !== end64Signature) refuse("has a damaged list of members");
  return {
    count: Number(view64.getBigUint64(32, true)),
    size: Number(view64.getBigUint64(40, true)),
    offset: Number(view64.getBigUint64(48, true)),
  };
}

/** The 64-bit values of a member, in the order of its full 32-bit fields. */
function wideFields(extra: Uint8Array, fields: readonly number[]): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let next = at + 4;
      const last = Math.min(extra.length, at + 4 + length);
      return fields.map((field) => {
        if (field !== 0xffffffff || next + 8 > last) return field;
        next += 8;
        return Number(view.getBigUint64(next - 8, true));
      });
    }
    at += 4 + length;
  }
  return [...fields];
}

/**
 * The members of an archive by name. Only the list of members is read.
 *
 * @param where named in errors, before the file
 * @throws InputError if the archive is truncated or damaged, encrypted, packed by anything but deflate, or has two
 *   members of one name; reading a member also where its checksum is another
 */
export function openZip(where: string, source: ByteSource): Map<string, ZipMember> {
  const refuse = (problem: string): never => {
    throw new InputError(`${where}: ${source.name} ${problem}`);
  };
  const { offset, size, count } = findDirectory(source, refuse);
  if (!(offset + size <= source.size && count * 46 <= size))
    refuse("has a list of members that does not fit into it; it is truncated or damaged");
  const list = source.read(offset, size);
  const view = viewOf(list);
  const members = new Map<string, ZipMember>();
  for (let i = 0, at = 0; i < count; i++) {
    if (at + 46 > size || view.getUint32(at, true) !== memberSignature) refuse("has a damaged list of members");
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    if (at + 46 + nameLength + extraLength > size) refuse("has a damaged list of members");
    const name = Buffer.from(list.subarray(at + 46, at + 46 + nameLength)).toString("utf8");
    const extra = list.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const [unpacked, packed, local] = wideFields(
      extra,
      [24, 20, 42].map((field) => view.getUint32(at + field, true)),
    );
    const method = view.getUint16(at + 10, true);
    const checksum = view.getUint32(at + 16, true);
    if (view.getUint16(at + 8, true) & 1) refuse(`holds ${name} encrypted; unpack it first`);
    if (method !== 0 && method !== 8) refuse(`holds ${name} packed by method ${method}; only deflate is read`);
    if (method === 0 ? packed !== unpacked : unpacked > largestDeflateRatio * packed + 64)
      refuse(`claims ${unpacked} bytes for ${name}, which has ${packed}; it is damaged`);
    if (members.has(name)) refuse(`has two members named ${name}; it is damaged`);
    members.set(name, memberOf(source, refuse, { name, unpacked, packed, local, method, checksum }));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return members;
}

interface MemberEntry {
  name: string;
  unpacked: number;
  packed: number;
  local: number;
  method: number;
  checksum: number;
}

function memberOf(
  source: ByteSource,
  refuse: (problem: string) => never,
  { name, unpacked, packed, local, method, checksum }: MemberEntry,
): ZipMember {
  /** The local header says where the bytes begin; its sizes may be 0, the list's count. */
  const begin = (): number => {
    if (local + 30 > source.size) refuse(`places ${name} beyond its end; it is truncated`);
    const view = viewOf(source.read(local, 30));
    if (view.getUint32(0, true) !== localSignature) refuse(`has no member where ${name} should begin; it is damaged`);
    const start = local + 30 + view.getUint16(26, true) + view.getUint16(28, true);
    if (start + packed > source.size) refuse(`places ${name} beyond its end; it is truncated`);
    return start;
  };
  const unpack = (bytes: Uint8Array): Uint8Array => {
    if (method === 0) return bytes;
    try {
      return inflateRawSync(bytes, { maxOutputLength: Math.max(1, unpacked) });
    } catch {
      return refuse(`holds ${name} in a form that does not unpack; it is damaged`);
    }
  };
  return {
    name,
    size: unpacked,
    stored: method === 0,
    read: () => {
      const bytes = unpack(source.read(begin(), packed));
      if (bytes.length !== unpacked) refuse(`unpacks ${name} to ${bytes.length} bytes instead of ${unpacked}`);
      if (crc32(bytes) !== checksum) refuse(`holds ${name} with another checksum than it says; it is damaged`);
      return bytes;
    },
    readRange: (offset, length) => source.read(begin() + offset, length),
  };
}
