/**
 * @file Values of a JSON file, checked before they are believed: each is what it must be, or one sentence says where.
 */
import { InputError } from "../check";

/** An object of JSON. */
export type JsonObject = Record<string, unknown>;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/** The sentence is made only where it is needed: data sets have millions of values. */
const unexpected = (where: string, expected: string, value: unknown): InputError =>
  new InputError(`${where}: expected ${expected}, got ${shown(value)}; take the original file`);

/** @throws InputError unless the value is an object (no list, no null) */
export function jsonObject(where: string, value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw unexpected(where, "an object {…}", value);
  return value as JsonObject;
}

/** @throws InputError unless the value is a list */
export function jsonList(where: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw unexpected(where, "a list […]", value);
  return value;
}

/** @throws InputError unless the value is a finite number */
export function jsonNumber(where: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw unexpected(where, "a number", value);
  return value;
}

/** @throws InputError unless the value is a whole number from 0 on */
export function jsonNatural(where: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw unexpected(where, "a whole number from 0 on", value);
  return value;
}

/** @throws InputError unless the value is a text */
export function jsonText(where: string, value: unknown): string {
  if (typeof value !== "string") throw unexpected(where, "a text", value);
  return value;
}

/** `length` finite numbers, of a list or of a list of lists (a matrix by rows). @throws InputError for anything else */
export function jsonNumbers(where: string, value: unknown, length: number): number[] {
  const numbers: unknown[] = Array.isArray(value) ? value.flat() : [];
  if (numbers.length !== length || !numbers.every((x) => typeof x === "number" && Number.isFinite(x)))
    throw unexpected(where, `${length} numbers`, value);
  return numbers as number[];
}
