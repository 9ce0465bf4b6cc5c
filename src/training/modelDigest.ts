/**
 * @file What tells one trained model from another.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { loadModel } from "./checkpoint";

// Every claim asks for the digest of the same few files.
const known = new Map<string, string>();

/**
 * SHA-256 of a model's arrays, by name, 16 hexadecimal digits. The card does not count: scores may come onto it later.
 *
 * @throws InputError if the file is missing, damaged or not a model of this library
 */
export function modelDigest(path: string): string {
  const { mtimeMs = 0, size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const key = `${resolve(path)} ${mtimeMs} ${size}`;
  const digest = known.get(key) ?? digestOf(path);
  known.set(key, digest);
  return digest;
}

function digestOf(path: string): string {
  const hash = createHash("sha256");
  const { values } = loadModel(path);
  for (const name of [...values.keys()].sort()) {
    const { data } = values.get(name)!;
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex").slice(0, 16);
}
