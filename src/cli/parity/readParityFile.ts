/**
 * @file Reads a parity file and believes it only after a look at its layout.
 */
import { assertInput, InputError } from "../../check";
import { readText } from "../../formats/readBytes";
import type { ParityFile } from "./types";

/** JSON has no word for these, so the files hold them as strings. */
const specialNumbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Read a parity file: component, tolerance and cases with inputs and outputs. "NaN" and "Infinity" become numbers.
 *
 * @throws InputError if it is not JSON or not of this layout
 */
export function readParityFile(path: string): ParityFile {
  const text = readText(path);
  let content: unknown;
  try {
    content = JSON.parse(text, (_key, value) =>
      typeof value === "string" && Object.hasOwn(specialNumbers, value) ? specialNumbers[value] : value,
    );
  } catch (error) {
    throw new InputError(`${path}: not readable as JSON (${(error as Error).message}); write the file again`);
  }
  assertInput(
    isRecord(content),
    `${path}: expected an object with component, tolerance and cases; this is something else`,
  );
  const { component, tolerance, cases } = content;
  assertInput(typeof component === "string", `${path}: component must be a name, it is ${JSON.stringify(component)}`);
  assertInput(isRecord(tolerance), `${path}: tolerance must be an object with abs, rel or exact`);
  for (const key of ["abs", "rel"])
    assertInput(
      tolerance[key] === undefined || (typeof tolerance[key] === "number" && tolerance[key] >= 0),
      `${path}: tolerance.${key} must be a number of at least 0, it is ${JSON.stringify(tolerance[key])}`,
    );
  assertInput(
    tolerance.exact === true || tolerance.abs !== undefined || tolerance.rel !== undefined,
    `${path}: tolerance names neither abs nor rel nor exact; add one`,
  );
  assertInput(Array.isArray(cases) && cases.length > 0, `${path}: cases must be a list of at least one case`);
  cases.forEach((item: unknown, i) => {
    const whole = isRecord(item) && typeof item.name === "string" && isRecord(item.inputs) && isRecord(item.outputs);
    assertInput(whole, `${path}: case ${i} must have a name, inputs and outputs`);
  });
  const { cases: _, ...shared } = content;
  return { ...content, cases: cases.map((item: object) => ({ ...item, shared })) } as unknown as ParityFile;
}
