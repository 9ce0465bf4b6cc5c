/**
 * @file Opening a file for reading: what is no file is told in one sentence, and never waited for.
 */
import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { InputError } from "../check";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; check the path",
  EISDIR: "this is a folder; give the path of a file in it",
  EACCES: "reading it is not allowed; change its permissions",
};

/** Why a thing that could be opened is not what was asked for. */
function otherThanFile(status: Stats): string | undefined {
  if (status.isDirectory()) return reasons.EISDIR;
  return status.isFile() ? undefined : "this is not a file but a pipe or a device; give the path of a file";
}

/**
 * What `use` makes of an open file, which is closed again.
 *
 * @param name how errors name the file
 * @throws InputError where the file is missing, not readable, a folder, a pipe or a device
 */
export function openFile<T>(path: string, use: (descriptor: number, status: Stats) => T, name: string = path): T {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK opening a named pipe waits for its writer, for ever if there is none. Windows has no such flag.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const status = fstatSync(descriptor);
    const problem = otherThanFile(status);
    if (problem) throw new InputError(`${name}: ${problem}`);
    return use(descriptor, status);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InputError(`${name}: ${reasons[code] ?? `it cannot be read (${code}); check the path`}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
