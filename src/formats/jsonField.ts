/**
 * @file Values of a JSON file, checked before they are believed: each is what it must be, or one sentence says where.
 */
import { assertInput } from "../check";

/** An object of JSON. */
export type JsonObject = Record<string, unknown>;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/** @throws InputError unless the value is an object (no list, no null) */
export function jsonObject(where: string, value: unknown): JsonObject {
  assertInput(
    typeof value === "object" && value !== null && !Array.isArray(value),
    `${where}: expected an object {…}, got ${shown(value)}; take the original file`,
  );
  return value as JsonObject;
}

/** @throws InputError unless the value is a list */
export function jsonList(where: string, value: unknown): unknown[] {
  assertInput(Array.isArray(value), `${where}: expected a list […], got ${shown(value)}; take the original file`);
  return value;
}

/** @throws InputError unless the value is a finite number */
export function jsonNumber(where: string, value: unknown): number {
  assertInput(
    typeof value === "number" && Number.isFinite(value),
    `${where}: expected a number, got ${shown(value)}; take the original file`,
  );
  return value;
}

/** @throws InputError unless the value is a whole number from 0 on */
export function jsonNatural(where: string, value: unknown): number {
  assertInput(
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
    `${where}: expected a whole number from 0 on, got ${shown(value)}; take the original file`,
  );
  return value;
}

/** @throws InputError unless the value is a text */
export function jsonText(where: string, value: unknown): string {
  assertInput(typeof value === "string", `${where}: expected a text, got ${shown(value)}; take the original file`);
  return value;
}

/** `length` finite numbers, of a list or of a list of lists (a matrix by rows). @throws InputError for anything else */
export function jsonNumbers(where: string, value: unknown, length: number): number[] {
  const numbers: unknown[] = Array.isArray(value) ? value.flat() : [];
  assertInput(
    numbers.length === length && numbers.every((x) => typeof x === "number" && Number.isFinite(x)),
    `${where}: expected ${length} numbers, got ${shown(value)}; take the original file`,
  );
  return numbers as number[];
}
