/**
 * @file The JSON in a file, or one sentence that says what is wrong with it.
 */
import { assertInput, InputError } from "../check";
import { readText } from "./readBytes";

/** The JSON value in a file. @throws InputError that names the file if it is missing or no JSON */
export function readJson(where: string, path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InputError(
      `${where}: ${path} is no JSON (${(error as Error).message.split("\n")[0]}); take another copy`,
    );
  }
}

/** The JSON object in a file. @throws InputError as `readJson`, and if the file holds another value */
export function readJsonObject(where: string, path: string): Record<string, unknown> {
  const value = readJson(where, path);
  assertInput(
    typeof value === "object" && value !== null && !Array.isArray(value),
    `${where}: ${path} holds no JSON object; take another copy`,
  );
  return value as Record<string, unknown>;
}
