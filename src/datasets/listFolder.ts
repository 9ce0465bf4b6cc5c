/**
 * @file What lies in a folder of a data set, in an order that does not depend on the file system.
 */
import { type Dirent, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { IndexedFrame } from "./frameIndex";
import { pathInRoot } from "./pathInRoot";

/** Whole numbers within names count: scene_10 comes after scene_9. */
export const byName: (a: string, b: string) => number = new Intl.Collator("en", { numeric: true }).compare;

/** Names of the sub-folders (and links to folders: `pathInRoot` judges them) that match. Empty where there is no such folder. */
export function subfolders(root: string, folder: string, pattern: RegExp = /^[^.]/): string[] {
  const path = pathInRoot(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => pattern.test(entry.name) && (entry.isDirectory() || isLinkToFolder(path, entry)))
    .map(({ name }) => name)
    .sort(byName);
}

function isLinkToFolder(path: string, entry: Dirent): boolean {
  return (
    entry.isSymbolicLink() && (statSync(join(path, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false)
  );
}

/** Names of the files. Empty where there is no such folder. */
export function filesOf(root: string, folder: string): string[] {
  const path = pathInRoot(root, folder);
  return existsSync(path) ? readdirSync(path).sort(byName) : [];
}

/**
 * The frames of files that are called STEM_KIND.END: the stems, and which of the kinds each lacks.
 *
 * @param kinds by the ending of the file's name: { depth: "_depth.png" }
 * @param stems frames that must be there even if no file of theirs is
 */
export function framesByStem(
  files: readonly string[],
  kinds: Readonly<Record<string, string>>,
  stems: Iterable<string> = [],
): IndexedFrame[] {
  const found = new Map<string, Set<string>>();
  for (const stem of stems) found.set(stem, new Set());
  for (const file of files)
    for (const [kind, end] of Object.entries(kinds)) {
      if (!file.endsWith(end) || file.length === end.length) continue;
      const stem = file.slice(0, -end.length);
      const has = found.get(stem) ?? new Set<string>();
      found.set(stem, has.add(kind));
    }
  return [...found]
    .sort(([a], [b]) => byName(a, b))
    .map(([name, has]) => ({ name, missing: Object.keys(kinds).filter((kind) => !has.has(kind)) }));
}

/** "0000" … as wide as the widest: every number up to the largest among the stems. */
export function numberedStems(stems: readonly string[], width: number, atLeast: number = 0): string[] {
  const numbers = stems.filter((stem) => /^\d{1,7}$/.test(stem)).map(Number);
  const count = Math.max(atLeast, numbers.reduce((a, b) => Math.max(a, b), -1) + 1);
  return Array.from({ length: count }, (_, i) => String(i).padStart(width, "0"));
}

/** Where one kind of a frame's files lies: FOLDER/STEM+END. */
export interface FramePart {
  folder: string;
  end: string;
}

/**
 * The frames of a scene whose kinds of files lie in folders of their own; every number below the largest counts.
 *
 * @param files the names in a part's folder
 * @param width digits of a frame's name
 */
export function framesByPart(
  files: (folder: string) => readonly string[],
  parts: Readonly<Record<string, FramePart>>,
  width: number,
): IndexedFrame[] {
  const stems = Object.entries(parts).map(([kind, { folder, end }]) => {
    const names = files(folder)
      .filter((name) => name.endsWith(end))
      .map((name) => name.slice(0, -end.length));
    return [kind, new Set(names)] as const;
  });
  const all = new Set(stems.flatMap(([, names]) => [...names]));
  for (const stem of numberedStems([...all], width)) all.add(stem);
  return [...all]
    .sort(byName)
    .map((name) => ({ name, missing: stems.filter(([, names]) => !names.has(name)).map(([kind]) => kind) }));
}
