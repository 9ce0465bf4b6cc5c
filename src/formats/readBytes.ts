/**
 * @file A file's bytes, or one sentence that says why they cannot be had.
 */
import { readFileSync } from "node:fs";
import { InputError } from "../check";

/** The bytes of a file. @throws InputError naming the file where it is missing, a folder or not readable. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const reasons: Record<string, string> = {
      ENOENT: "there is no such file; check the path",
      EISDIR: "this is a folder; give the path of a file in it",
      EACCES: "reading it is not allowed; change its permissions",
    };
    throw new InputError(`${path}: ${reasons[code] ?? `it cannot be read (${code}); check the path`}`);
  }
}

/** The text (UTF-8) of a file. @throws InputError as `readBytes`. */
export const readText = (path: string): string => Buffer.from(readBytes(path)).toString("utf8");
