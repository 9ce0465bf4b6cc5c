/**
 * @file PyTorch's own files (`torch.save`), zip form (since 1.6) and the form before, without executing anything.
 */
import { assertInput, InputError } from "../check";
import { type ByteSource, byteSource } from "./byteSource";
import { type Dtype, decodeDtype, dtypes, type NumberArray } from "./dtypes";
import type { NdArray } from "./ndarray";
import { decodePickleDialect } from "./pickle";
import { isPlainDictionary } from "./pickleNumpy";
import type { LazyTensor } from "./safetensors";
import { visitByStrides } from "./strides";
import { type TorchStorage, TorchView, torchDialect } from "./torchPickle";
import { openZip, type ZipMember } from "./zip";

/** A tensor of a checkpoint; its numbers are read when they are asked for, in C order whatever its strides. */
export class TorchTensor implements LazyTensor {
  constructor(
    readonly dtype: Dtype,
    readonly shape: readonly number[],
    readonly read: () => NumberArray,
  ) {}
}

/** What a checkpoint holds: nested dicts and lists of plain values, numpy arrays and tensors. */
export type TorchValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NdArray
  | TorchTensor
  | TorchValue[]
  | { [key: string]: TorchValue };

/** Whether a value is a dict of the checkpoint. */
export const isTorchDict = (value: TorchValue): value is { [key: string]: TorchValue } => isPlainDictionary(value);

/** Numbers `from` … `from + count` of a storage. */
type StorageReader = (storage: TorchStorage, dtype: Dtype, from: number, count: number) => NumberArray;

/** The number that the form before 1.6 begins with, as the pickle of an integer. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;
const legacyProtocol = 1001;
/** Description of the tensors, unpacked; of ten thousand tensors it has 1.5 MB. */
const longestPickle = 1 << 26;

const where = "readTorchCheckpoint";

/** Whether bytes begin as PyTorch's two forms do: a zip archive, or a pickle of an integer of ten bytes. */
export function looksLikeTorch(start: Uint8Array): boolean {
  const text = Buffer.from(start.subarray(0, 16)).toString("latin1");
  if (text.startsWith("PK\x03\x04")) return true;
  // PROTO 2 … 5, from 4 on FRAME and its 8 bytes, LONG1 of 10 bytes
  const after = start[2] === 0x95 ? 11 : 2;
  return start[0] === 0x80 && start[1] >= 2 && start[1] <= 5 && text.startsWith("\x8a\x0a", after);
}

/** Numbers of a view in C order. */
function readView({ storage, dtype, offset, shape, stride }: TorchView, readStorage: StorageReader): NumberArray {
  const count = shape.reduce((a, b) => a * b, 1);
  const extent = count === 0 ? 0 : 1 + shape.reduce((sum, size, axis) => sum + (size - 1) * stride[axis], 0);
  const numbers = readStorage(storage, dtype, offset, extent);
  let dense = 1;
  const contiguous = shape.every((_, i) => {
    const axis = shape.length - 1 - i;
    const fits = shape[axis] === 1 || stride[axis] === dense;
    dense *= shape[axis];
    return fits;
  });
  if (contiguous || count === 0) return numbers;
  const ordered = new (numbers.constructor as new (length: number) => NumberArray)(count);
  visitByStrides(shape, stride, (i, from) => {
    ordered[i] = numbers[from];
  });
  return ordered;
}

/** The same value with views that can be read. Shared parts stay shared. */
function withReaders(root: unknown, read: StorageReader): TorchValue {
  const done = new Map<unknown, TorchValue>();
  const convert = (value: unknown): TorchValue => {
    const known = done.get(value);
    if (known !== undefined) return known;
    if (value instanceof TorchView) {
      const tensor = new TorchTensor(value.dtype, value.shape, () => readView(value, read));
      done.set(value, tensor);
      return tensor;
    }
    if (Array.isArray(value)) {
      const list: TorchValue[] = [];
      done.set(value, list);
      for (const item of value) list.push(convert(item));
      return list;
    }
    if (!isPlainDictionary(value)) return value as TorchValue;
    const dictionary = Object.create(null) as Record<string, TorchValue>;
    done.set(value, dictionary);
    for (const [key, item] of Object.entries(value)) dictionary[key] = convert(item);
    return dictionary;
  };
  return convert(root);
}

const bytesOf = (storage: TorchStorage): number => storage.count * (storage.dtype ? dtypes[storage.dtype].bytes : 1);

/** `NAME/data.pkl`, `NAME/data/KEY`: the members lie in one folder, whose name is the file's when it was written. */
function readZipForm(source: ByteSource): TorchValue {
  const members = openZip(where, source);
  const name = `${where}: ${source.name}`;
  const pickle = [...members.keys()].find((member) => /^[^/]+\/data\.pkl$/.test(member));
  const main = members.get(pickle ?? "");
  if (!pickle || !main)
    throw new InputError(`${name} is a zip archive without data.pkl; give a file that torch.save wrote`);
  // PyTorch never packs it: a file of a megabyte may unfold to a thousand.
  assertInput(
    main.size <= longestPickle,
    `${name} describes its tensors by ${main.size} bytes, more than ${longestPickle} are not read; save tensors, not Python values`,
  );
  const folder = pickle.slice(0, -"data.pkl".length);
  const order = members.get(`${folder}byteorder`);
  assertInput(
    !order || Buffer.from(order.read()).toString("latin1") === "little",
    `${name} was written on a big-endian machine; save it on another one`,
  );
  const { dialect, storages } = torchDialect(source.size);
  const { value } = decodePickleDialect(main.read(), `${name}, data.pkl`, dialect);
  const memberOf = (storage: TorchStorage): ZipMember => {
    const member = members.get(`${folder}data/${storage.key}`);
    assertInput(member, `${name} lacks the numbers data/${storage.key}; it is damaged`);
    assertInput(
      member.size === bytesOf(storage),
      `${name} has ${member.size} bytes of numbers in data/${storage.key} where ${bytesOf(storage)} belong; it is damaged`,
    );
    return member;
  };
  // Said when the file is opened, not when a tensor is read.
  for (const storage of storages.values()) memberOf(storage);
  return withReaders(value, (storage, dtype, from, count) => {
    const { bytes } = dtypes[dtype];
    const member = memberOf(storage);
    if (member.stored && count * bytes < member.size)
      return decodeDtype(dtype, member.readRange(from * bytes, count * bytes));
    return decodeDtype(dtype, member.read().subarray(from * bytes, (from + count) * bytes));
  });
}

/** Magic, protocol, machine, object, storage keys: five pickles; then each storage: its length and its numbers. */
function readLegacyForm(source: ByteSource): TorchValue {
  const name = `${where}: ${source.name}`;
  const head = source.read(0, Math.min(source.size, longestPickle));
  const { dialect, storages } = torchDialect(source.size);
  let at = 0;
  const next = (): unknown => {
    const { value, end } = decodePickleDialect(head, name, dialect, at);
    at = end;
    return value;
  };
  assertInput(next() === legacyMagic, `${name} is a pickle but no PyTorch checkpoint; read it with readPickle`);
  const protocol = next();
  assertInput(
    protocol === legacyProtocol,
    `${name} has PyTorch's protocol ${String(protocol)}, only ${legacyProtocol} is read; save it with a newer PyTorch`,
  );
  const machine = next();
  assertInput(
    !isPlainDictionary(machine) || machine.little_endian !== false,
    `${name} was written on a big-endian machine; save it on another one`,
  );
  const value = next();
  const keys = next();
  assertInput(
    Array.isArray(keys) && keys.every((key) => typeof key === "string"),
    `${name} has no list of its storages; it is damaged`,
  );
  const starts = new Map<string, number>();
  for (const key of keys as string[]) {
    const storage = storages.get(key);
    assertInput(storage?.dtype, `${name} has the numbers ${key}, which no tensor reads; it is damaged`);
    assertInput(at + 8 <= source.size, `${name} ends before the numbers ${key}; it is truncated`);
    const length = source.read(at, 8);
    const count = new DataView(length.buffer, length.byteOffset, 8).getBigUint64(0, true);
    assertInput(
      count === BigInt(storage.count) && at + 8 + bytesOf(storage) <= source.size,
      `${name} has ${count} numbers in ${key} where ${storage.count} belong, or ends before them; it is damaged`,
    );
    starts.set(key, at + 8);
    at += 8 + bytesOf(storage);
  }
  for (const key of storages.keys()) assertInput(starts.has(key), `${name} lacks the numbers ${key}; it is damaged`);
  return withReaders(value, ({ key }, dtype, from, count) => {
    const { bytes } = dtypes[dtype];
    return decodeDtype(dtype, source.read((starts.get(key) as number) + from * bytes, count * bytes));
  });
}

/**
 * What a PyTorch checkpoint holds. Tensors are read when `read()` is called: strides, offsets and shared storages give
 * numbers in C order, fp16 and bf16 are widened, the device that a tensor lay on is ignored. The description of the tensors
 * (data.pkl) may have 64 MB when unpacked, and costs no more than `decodePickle` allows.
 *
 * @param file a path or the bytes
 * @throws InputError (one sentence, with the file's name) if the pickle names anything but tensors, numpy arrays and
 *   plain values, if a storage is missing or has another length, or the file is truncated or of another format
 */
export function readTorchCheckpoint(file: string | Uint8Array): TorchValue {
  const source = byteSource(where, file);
  const start = source.read(0, Math.min(source.size, 16));
  assertInput(
    looksLikeTorch(start),
    `${where}: ${source.name} is no PyTorch checkpoint: it begins with neither the zip form's nor the old form's bytes; give a file that torch.save wrote`,
  );
  return start[0] === 0x50 ? readZipForm(source) : readLegacyForm(source);
}
