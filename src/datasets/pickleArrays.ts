/**
 * @file The entries of a pickled dict of arrays, checked: numpy arrays, lists of numbers, lists of arrays.
 */
import { assertInput } from "../check";
import { type NdArray, toNumbers } from "../formats/ndarray";
import type { PickleValue } from "../formats/pickle";

const isArray = (value: PickleValue | undefined): value is NdArray =>
  typeof value === "object" && value !== null && "dtype" in value && "data" in value;

/** Asks for entries by name; each answer is what it should be or an error that names file and entry. */
export interface PickleArrays {
  has: (key: string) => boolean;
  /** The shape of a numpy array; of a list, how many items it has. */
  shape: (key: string) => readonly number[];
  /** A numpy array as it is. */
  array: (key: string) => NdArray;
  /** The numbers of an array of N × itemShape, or of a list of N such arrays, lists or numbers. */
  numbers: (key: string, ...itemShape: number[]) => Float64Array;
  /** The same where the entry `of` lists `count` objects: another N is an error. */
  rows: (of: string, count: number) => (key: string, ...itemShape: number[]) => Float64Array;
  /** A list (or array) of texts; empty where there is none. */
  texts: (key: string) => string[];
}

/** Numbers of nested lists and arrays, in order; undefined where something else is among them. */
function flatten(where: string, value: PickleValue, depth: number): number[] | undefined {
  if (typeof value === "number") return [value];
  if (typeof value === "boolean") return [Number(value)];
  if (isArray(value)) return Array.isArray(value.data) ? undefined : Array.from(toNumbers(where, value));
  if (!Array.isArray(value) || depth === 0) return undefined;
  const parts = value.map((item) => flatten(where, item, depth - 1));
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

/**
 * @param cure ends the sentences of errors
 * @throws InputError if the pickle holds no dict
 */
export function pickleArrays(path: string, content: PickleValue, cure: string): PickleArrays {
  assertInput(
    typeof content === "object" && content !== null && Object.getPrototypeOf(content) === null,
    `${path}: expected a dict of arrays; this pickle holds something else: ${cure}`,
  );
  const entries = content as Record<string, PickleValue>;
  const numbers = (key: string, ...itemShape: number[]): Float64Array => {
    const entry = entries[key];
    const expected = `${path}: expected an array ${key} of N${itemShape.map((n) => ` × ${n}`).join("")}`;
    const length = itemShape.reduce((a, b) => a * b, 1);
    if (isArray(entry)) {
      const fits = entry.shape.length > 0 && (entry.shape[0] === 0 || entry.shape.slice(1).join() === itemShape.join());
      assertInput(fits, `${expected}, got ${entry.shape.join(" × ") || "a number"}; ${cure}`);
      return toNumbers(`${path}, ${key}`, entry);
    }
    assertInput(Array.isArray(entry), `${expected}, got ${entry === undefined ? "nothing" : typeof entry}; ${cure}`);
    const items = entry.map((item) => flatten(`${path}, ${key}`, item, itemShape.length));
    assertInput(
      items.every((item) => item?.length === length),
      `${expected}, got a list of other things; ${cure}`,
    );
    return Float64Array.from((items as number[][]).flat());
  };
  return {
    has: (key) => entries[key] !== undefined && entries[key] !== null,
    shape: (key) => {
      const entry = entries[key];
      if (Array.isArray(entry)) return [entry.length];
      return isArray(entry) ? entry.shape : [];
    },
    array: (key) => {
      const entry = entries[key];
      assertInput(isArray(entry), `${path}: expected an array ${key}, got ${typeof entry}; ${cure}`);
      return entry;
    },
    numbers,
    rows:
      (of, count) =>
      (key, ...itemShape) => {
        const values = numbers(key, ...itemShape);
        const rows = values.length / itemShape.reduce((a, b) => a * b, 1);
        assertInput(rows === count, `${path}: ${count} of ${of}, but ${rows} of ${key}; the file is damaged`);
        return values;
      },
    texts: (key) => {
      const entry = entries[key];
      const list: readonly unknown[] = Array.isArray(entry)
        ? entry
        : isArray(entry) && Array.isArray(entry.data)
          ? entry.data
          : [];
      return list.map((item) => (typeof item === "string" ? item : ""));
    },
  };
}
