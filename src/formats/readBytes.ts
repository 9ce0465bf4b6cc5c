/**
 * @file A file's bytes or text, or one sentence that says why they cannot be had.
 */
import { readFileSync } from "node:fs";
import { openFile } from "./openFile";

/** The bytes of a file. @throws InputError naming the file where it is missing, a folder, a pipe or not readable. */
export const readBytes = (path: string): Uint8Array => openFile(path, (descriptor) => readFileSync(descriptor));

/** The text (UTF-8) of a file, without a byte order mark. @throws InputError as `readBytes`. */
export const readText = (path: string): string => new TextDecoder().decode(readBytes(path));
