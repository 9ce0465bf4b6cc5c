/**
 * @file Writing checkpoints safely: never half a file, never over somebody else's.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { assertInput, InputError } from "../check";
import { readText } from "../formats/readBytes";
import { readSafetensorsMetadata } from "../formats/safetensors";

/** Marks of our files in their metadata (and of the cards beside them). */
export const modelFormat = "posediff-model/1";
export const stateFormat = "posediff-training-state/1";

const isOurs = (format: unknown): boolean => typeof format === "string" && format.startsWith("posediff-");

/** @throws InputError if `path` holds something that this library did not write */
export function assertReplaceable(where: string, path: string): void {
  if (!existsSync(path)) return;
  let format: unknown;
  try {
    format = path.endsWith(".json")
      ? (JSON.parse(readText(path)) as { format?: unknown } | null)?.format
      : readSafetensorsMetadata(path).format;
  } catch {
    format = undefined; // not even readable: not ours
  }
  assertInput(
    isOurs(format),
    `${where}: ${path} exists and was not written by posediff; it is left as it is, choose another path`,
  );
}

/** Write beside and rename: whoever reads `path` sees the old file or the new one, also after a power cut. */
export function writeAtomically(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const temporary = `${path}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw cannotWrite(path, error);
  }
  try {
    const descriptor = openSync(temporary, "w");
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw cannotWrite(path, error);
  }
}

const cannotWrite = (path: string, error: unknown): InputError =>
  new InputError(`cannot write ${path} (${(error as Error).message}); check the folder, its rights and the space left`);
