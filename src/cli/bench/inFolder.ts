/**
 * @file A folder for what a benchmark writes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs `inside` with a folder that is gone afterwards. */
export async function inFolder<T>(inside: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "posediff-bench-"));
  try {
    return await inside(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
