/**
 * @file Paths below a data set's root: what a file of the data names must not lead anywhere else.
 */
import { existsSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { assertInput } from "../check";

const leaves = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
};

/**
 * root/part/part…, which need not exist.
 *
 * @throws InputError if a part (it may come from a json or pickle of unknown origin), or a link on the way, leads outside
 *   of the root, or a part holds a NUL
 */
export function pathInRoot(root: string, ...parts: readonly string[]): string {
  const path = join(root, ...parts);
  const named = parts.join("/");
  assertInput(
    !named.includes("\0") && !leaves(root, path),
    `${root}: ${JSON.stringify(named)} leads outside of the data set's folder; take the original file that names it`,
  );
  assertInput(
    !existsSync(path) || !leaves(realpathSync(root), realpathSync(path)),
    `${path}: this link leads outside of ${root}; copy or mount the files below it`,
  );
  return path;
}
