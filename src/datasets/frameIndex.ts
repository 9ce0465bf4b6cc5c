/**
 * @file The list of a data set's frames: made once, folder by folder, kept in a file, resumed where it was broken off.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { assertInput } from "../check";
import { pathInRoot } from "./pathInRoot";

/** A frame in the index: what it is called, and which of its files are not there. */
export interface IndexedFrame {
  name: string;
  /** Names of the missing files' kinds ("depth", "mask"); empty for a complete frame. */
  missing: readonly string[];
}

/** The frames of one folder. */
export interface IndexedFolder {
  /** Below the root: "real_train/scene_1". */
  folder: string;
  frames: readonly IndexedFrame[];
}

/** How frames lie in a data set. Neither function opens an image. */
export interface FrameLayout {
  /** Part of the index file's name: "real275-real_test". */
  name: string;
  /** The folders of frames below the root, in a fixed order. */
  folders: (root: string) => Iterable<string>;
  /** The frames of a folder, in a fixed order; what should be there and is not stands in `missing`. */
  frames: (root: string, folder: string) => IndexedFrame[];
  /** Kinds of files without which a frame has no samples; others that are missing are its reader's business. */
  needed: readonly string[];
  /** Below a folder: where its files lie, if not in the folder itself ("rgb", "depth"). When they change it is listed anew. */
  parts?: readonly string[];
}

/** Where the index is kept. */
export interface FrameIndexOptions {
  /** A folder for index files, outside of the data set. Without it nothing is kept. */
  index?: string;
}

/** Options of `indexFrames`. */
export interface IndexFramesOptions extends FrameIndexOptions {
  /** Told why a folder cannot be listed, which is then passed over; without it that is an error. */
  onUnreadable?: (error: Error) => void;
}

/** Grows when the form of the lines changes. */
const version = 1;

/** When a folder of frames was last changed: the sum over its parts, because each has a time of its own. */
function changed(root: string, folder: string, parts: readonly string[]): number {
  let sum = 0;
  for (const part of ["", ...parts]) {
    const path = join(root, folder, part);
    if (existsSync(path)) sum += statSync(path).mtimeMs;
  }
  return sum;
}

type Line = [folder: string, changed: number, frames: [name: string, ...missing: string[]][]];

const isLine = (value: unknown): value is Line =>
  Array.isArray(value) &&
  typeof value[0] === "string" &&
  typeof value[1] === "number" &&
  Array.isArray(value[2]) &&
  value[2].every((frame) => Array.isArray(frame) && frame.length > 0 && frame.every((x) => typeof x === "string"));

function parseLine(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? value : undefined;
  } catch {
    return undefined; // a line that was being written when the process ended
  }
}

/** Lines of the index file by folder; the last one of a folder counts. */
function keptLines(path: string, header: string): Map<string, string> {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  if (lines[0] !== header) {
    writeFileSync(path, `${header}\n`); // of another version, or not begun
    return new Map();
  }
  if (lines.at(-1) !== "") appendFileSync(path, "\n");
  return new Map(
    lines.slice(1).flatMap((line) => {
      const folder = parseLine(line)?.[0];
      return folder === undefined ? [] : [[folder, line]];
    }),
  );
}

/** The file in which an index is kept. @throws InputError if it would lie in the data set's own folder */
export function indexFile(layout: FrameLayout, root: string, index: string): string {
  mkdirSync(index, { recursive: true });
  const [data, place] = [realpathSync(root), realpathSync(index)];
  const way = relative(data, place);
  assertInput(
    way.startsWith("..") || way === place,
    `${index}: the index would lie in the data set's own folder ${root}; name a folder outside of it`,
  );
  return join(index, `${layout.name}-${createHash("sha256").update(data).digest("hex").slice(0, 12)}.jsonl`);
}

/**
 * The frames of a data set, folder by folder. With `index` each folder is written down when it has been listed: a second
 * run lists only folders that have changed since, and a run that was broken off goes on where it was.
 *
 * @throws InputError if the root is no folder, the index would lie in it, or a folder cannot be listed (a file that names
 *   its frames is damaged) and `onUnreadable` is not told
 */
export function* indexFrames(
  layout: FrameLayout,
  root: string,
  { index, onUnreadable }: IndexFramesOptions = {},
): Generator<IndexedFolder> {
  assertInput(
    existsSync(root) && statSync(root).isDirectory(),
    `${root}: there is no such folder; give the root folder of the data set`,
  );
  const path = index === undefined ? undefined : indexFile(layout, root, index);
  const header = JSON.stringify({ posediffFrameIndex: version, layout: layout.name });
  const kept = path === undefined ? new Map<string, string>() : keptLines(path, header);
  for (const folder of layout.folders(root)) {
    let frames: IndexedFrame[];
    try {
      pathInRoot(root, folder);
      const time = changed(root, folder, layout.parts ?? []);
      const line = parseLine(kept.get(folder) ?? "");
      if (line && line[1] === time) frames = line[2].map(([name, ...missing]) => ({ name, missing }));
      else {
        frames = layout.frames(root, folder);
        const fresh: Line = [folder, time, frames.map(({ name, missing }) => [name, ...missing])];
        if (path !== undefined) appendFileSync(path, `${JSON.stringify(fresh)}\n`);
      }
    } catch (error) {
      if (!onUnreadable) throw error;
      onUnreadable(error as Error);
      continue;
    }
    yield { folder, frames };
  }
}

/** How a data set is streamed. */
export interface StreamOptions extends FrameIndexOptions {
  /** Told of each frame that cannot be read ("real_train/scene_1/0007", ["depth"]), which is passed over; without it that is an error. */
  onMissing?: (frameId: string, missing: readonly string[]) => void;
}

/** The kinds of files that a frame needs and lacks. */
export const lackingOf = ({ needed }: FrameLayout, { missing }: IndexedFrame): string[] =>
  missing.filter((kind) => needed.includes(kind));

/**
 * The samples of a data set, one frame in memory at a time.
 *
 * @param read the samples of a frame
 * @throws InputError as `indexFrames` and the reader, and at the first frame that lacks what it needs, unless `onMissing`
 *   is told instead
 */
export async function* streamFrames<S>(
  layout: FrameLayout,
  root: string,
  read: (folder: string, frame: string) => Promise<readonly S[]>,
  { onMissing, index }: StreamOptions = {},
): AsyncGenerator<S> {
  for (const { folder, frames } of indexFrames(layout, root, { index }))
    for (const frame of frames) {
      const { name } = frame;
      const lacking = lackingOf(layout, frame);
      if (lacking.length > 0) {
        assertInput(
          onMissing,
          `${root}: frame ${folder}/${name} lacks ${lacking.join(", ")}; copy the data set again, or pass onMissing to go on without such frames`,
        );
        onMissing(`${folder}/${name}`, lacking);
        continue;
      }
      yield* await read(folder, name);
    }
}
