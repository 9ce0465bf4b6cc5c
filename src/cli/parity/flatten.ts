/**
 * @file The nested arrays of parity files as the library's flat types.
 */
import { assertFinite, assertShape } from "../../check";
import type { OrientedBox } from "../../geometry/box";
import { similarityFromMatrix4 } from "../../geometry/similarity";
import { type Matrix3, scale, type Vector3 } from "../../geometry/vector";

/** All numbers of a nested array, row-major. */
export const flatten = (nested: unknown): number[] =>
  Array.isArray(nested) ? nested.flat(Number.POSITIVE_INFINITY).map(Number) : [Number(nested)];

/** Three finite numbers. @throws InputError if they are not */
export function vector3Of(nested: unknown): Vector3 {
  const values = flatten(nested);
  assertShape("parity case, vector", values, [3]);
  assertFinite("parity case, vector", values);
  return [values[0], values[1], values[2]];
}

/** Three rows of three finite numbers. @throws InputError if they are not */
export function matrix3Of(nested: unknown): Matrix3 {
  const values = flatten(nested);
  assertShape("parity case, matrix", values, [3, 3]);
  assertFinite("parity case, matrix", values);
  return values as unknown as Matrix3;
}

/** The rows of an array of arrays; of a single number, one row. */
export const rowsOf = (nested: unknown): unknown[] => (Array.isArray(nested) ? nested : [nested]);

/** A box of a matrix [s·R | t] and a size in units of s. */
export function boxOf(matrix: unknown, size: unknown): OrientedBox {
  const { scale: s, rotation, translation } = similarityFromMatrix4(flatten(matrix));
  return { rotation, translation, size: scale(vector3Of(size), s) };
}
