/**
 * @file Where real data lies on this machine, if there is any.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * Path of a file or folder of the real data: below the environment variable POSEDIFF_DATA, or, where that is unset,
 * below `../shared/data` beside the project. undefined where it is not there: the embedded data needs none of it.
 */
export function sharedData(...path: string[]): string | undefined {
  const root = process.env.POSEDIFF_DATA ?? resolve(__dirname, "..", "..", "..", "shared", "data");
  const found = join(root, ...path);
  return existsSync(found) ? found : undefined;
}
