/**
 * @file Safetensors: 8 bytes with the header's length N, N bytes of JSON {name: {dtype, shape, data_offsets}}, then the
 * numbers. https://huggingface.co/docs/safetensors (format). Everything is little-endian, as every machine that Node
 * supports by default.
 */
import { assertInput, InputError } from "../check";
import { type ByteSource, byteSource } from "./byteSource";
import { type Dtype, decodeDtype, dtypeOf, dtypes, type NumberArray } from "./dtypes";
import { numberToHalf } from "./float16";

/** An array of a file. F16 and BF16 are widened to Float32Array, BOOL is a Uint8Array, I64 a BigInt64Array. */
export interface SafetensorsTensor {
  dtype: Dtype;
  shape: readonly number[];
  data: NumberArray;
}

/** A file: its arrays by name, in the header's order, and its free-form texts. */
export interface Safetensors {
  tensors: Map<string, SafetensorsTensor>;
  metadata: Record<string, string>;
}

/** What is written: the type of the numbers decides the dtype, but for `half`. */
export interface TensorToWrite {
  shape: readonly number[];
  data: NumberArray;
  /** Numbers of a Float32Array as F16 (`numberToHalf`). */
  half?: boolean;
}

interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

/** The reference reader's limit; a longer header is a lie. */
const longestHeader = 100_000_000;

/** An array of a file whose numbers are read when they are asked for. */
export interface LazyTensor {
  dtype: Dtype;
  shape: readonly number[];
  read: () => NumberArray;
}

/**
 * The arrays of a safetensors file, none of them read yet: a file larger than the memory can be gone through.
 *
 * @throws InputError as `readSafetensors`
 */
export function openSafetensors(file: string | Uint8Array): {
  tensors: Map<string, LazyTensor>;
  metadata: Record<string, string>;
} {
  const source = byteSource("readSafetensors", file);
  const { entries, metadata, start } = readHeader(source);
  const tensors = new Map<string, LazyTensor>();
  for (const { name, dtype, shape, begin, end } of entries)
    tensors.set(name, { dtype, shape, read: () => decodeDtype(dtype, source.read(start + begin, end - begin)) });
  return { tensors, metadata };
}

/**
 * Read a safetensors file, array by array, so that a file larger than 2 GB is no problem.
 *
 * @param file a path or the bytes
 * @param options.only which arrays to read, by name; the header is checked whole
 * @throws InputError with one sentence if the file is missing, truncated, foreign, or if its ranges overlap, leave
 *   holes, point beyond the end or do not fit the shapes
 */
export function readSafetensors(
  file: string | Uint8Array,
  options: { only?: (name: string) => boolean } = {},
): Safetensors {
  const { tensors, metadata } = openSafetensors(file);
  const read = new Map<string, SafetensorsTensor>();
  for (const [name, { dtype, shape, read: data }] of tensors)
    if (options.only?.(name) ?? true) read.set(name, { dtype, shape, data: data() });
  return { tensors: read, metadata };
}

/** The free-form texts of a file, without reading its numbers. @throws InputError as `readSafetensors` */
export const readSafetensorsMetadata = (file: string | Uint8Array): Record<string, string> =>
  openSafetensors(file).metadata;

/**
 * The bytes of a safetensors file. The same content gives the same bytes: arrays are laid out by falling element size,
 * then by name (so that each is aligned), texts by name.
 *
 * @throws InputError if an array's length does not fit its shape
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const ordered = [...tensors].map(([name, { shape, data, half }]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    assertInput(
      name !== "__metadata__" && data.length === size,
      `writeSafetensors: ${name} has ${data.length} numbers, its shape [${shape.join(", ")}] needs ${size}; no array may be named __metadata__`,
    );
    if (half && data instanceof Float32Array)
      return { name, shape, data: Uint16Array.from(data, numberToHalf), dtype: "F16" as const };
    return { name, shape, data, dtype: dtypeOf(data) };
  });
  const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  ordered.sort((a, b) => dtypes[b.dtype].bytes - dtypes[a.dtype].bytes || byName(a.name, b.name));
  // fromEntries makes "__proto__" a property like any other.
  const fields: [string, unknown][] = [];
  const texts = Object.entries(metadata).sort(([a], [b]) => byName(a, b));
  if (texts.length > 0) fields.push(["__metadata__", Object.fromEntries(texts)]);
  let end = 0;
  for (const { name, shape, data, dtype } of ordered) {
    fields.push([name, { dtype, shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  // Built by hand, since an object would move names that look like integers to the front.
  const json = `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  const encoded = new TextEncoder().encode(json);
  const headerLength = Math.ceil(encoded.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(encoded, 8);
  let at = 8 + headerLength;
  for (const { data } of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

const isWhole = (x: unknown): x is number => typeof x === "number" && Number.isSafeInteger(x) && x >= 0;
const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);

function readHeader(source: ByteSource): { entries: Entry[]; metadata: Record<string, string>; start: number } {
  const { name: file, size } = source;
  const refuse: (sentence: string) => never = (sentence) => {
    throw new InputError(`readSafetensors: ${file} ${sentence}`);
  };
  if (size < 8) refuse(`has ${size} bytes, too few for a safetensors file; it is truncated or of another format`);
  const prefix = source.read(0, 8);
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(longestHeader, size - 8)))
    refuse(`claims a header of ${length} bytes but has ${size}; it is truncated or no safetensors file`);
  const start = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(source.read(8, Number(length))));
  } catch {
    refuse("has a header that is not JSON; it is damaged or no safetensors file");
  }
  if (!isRecord(header)) return refuse("has a header that is not a JSON object; it is no safetensors file");
  const metadata: [string, string][] = [];
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (!isRecord(value)) return refuse(`describes ${name} by something that is not an object; it is damaged`);
    if (name === "__metadata__") {
      for (const [key, text] of Object.entries(value))
        if (typeof text === "string") metadata.push([key, text]);
        else refuse(`has the metadata ${key} that is not a text; it is damaged`);
    } else entries.push(checkEntry(name, value, refuse));
  }
  checkRanges(entries, size - start, refuse);
  return { entries, metadata: Object.fromEntries(metadata), start };
}

function checkEntry(name: string, value: Record<string, unknown>, refuse: (sentence: string) => never): Entry {
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(dtypes, dtype))
    return refuse(`stores ${name} as ${JSON.stringify(dtype)}; known types are ${Object.keys(dtypes).join(", ")}`);
  if (!Array.isArray(shape) || !shape.every(isWhole))
    return refuse(`gives ${name} the shape ${JSON.stringify(shape)}; expected a list of whole numbers`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isWhole) || offsets[0] > offsets[1])
    return refuse(`gives ${name} the byte range ${JSON.stringify(offsets)}; expected [begin, end]`);
  const [begin, end] = offsets as [number, number];
  const needed = shape.reduce((a: number, b: number) => a * b, dtypes[dtype as Dtype].bytes);
  if (needed !== end - begin)
    return refuse(`gives ${name} ${end - begin} bytes, its shape [${shape.join(", ")}] of ${dtype} needs ${needed}`);
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

/** Every byte after the header belongs to exactly one array. */
function checkRanges(entries: readonly Entry[], dataSize: number, refuse: (sentence: string) => never): void {
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < covered) refuse(`lets ${name} share bytes with another array; it is damaged`);
    if (begin > covered) refuse(`leaves a hole of ${begin - covered} bytes before ${name}; it is damaged`);
    if (end > dataSize) refuse(`ends at byte ${dataSize} of its data, ${name} goes to ${end}; it is truncated`);
    covered = end;
  }
  if (covered < dataSize) refuse(`has ${dataSize - covered} bytes after its last array; it is damaged`);
}
