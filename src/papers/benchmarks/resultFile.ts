/**
 * @file Results as files: a line per row, of JSON or of csv where the file's name ends in .csv, between a line that says of
 * what they are and one that ends them (comments of a csv).
 *
 * Rows are what was predicted and what is true, not scores: scores are made of the rows of all shards together, in the
 * order of the images, so that they are those of a single run to the last bit.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { assertInput, InputError } from "../../check";
import { type JsonObject, jsonList } from "../../formats/jsonField";
import { resultCsv } from "./resultCsv";
import { comment, isResults, magic, type ScannedResults, scanResults, version } from "./scanResults";
import { type Shard, shardName } from "./shard";

/** What the rows of a file are of. */
export interface ResultHeader {
  /** "poses" (truths and predictions) or "bop" (errors of an object in an image). */
  kind: string;
  /** Data set, split, checkpoint, seed, …: all that must be equal in files that are merged. */
  settings: JsonObject;
  shard: Shard;
}

/** A row: the image it belongs to, that image's place in the data set's list, and what it says. */
export interface ResultRow {
  at: number;
  image: string;
  row: JsonObject;
}

/** A file that was read whole, or several that were merged. */
export interface Results {
  kind: string;
  settings: JsonObject;
  /** Ascending in `at`. */
  rows: ResultRow[];
  /** Images that were to be looked at and could not be. */
  missing: string[];
  /** The file in which the rows of an image lie, by its place. */
  fileOf: (at: number) => string;
}

/** What a report is made of: results from files, or the rows of a run itself, which lie in none. */
export type ReportedResults = Pick<Results, "rows" | "settings"> & Partial<Pick<Results, "fileOf">>;

/** The image of a row as errors name it, with its file where there is one. */
export const placeOf = ({ at, image }: ResultRow, fileOf?: Results["fileOf"]): string =>
  fileOf ? `${fileOf(at)}, ${image}` : image;

/** Appends rows to a file. */
export interface ResultWriter {
  /** Rows of whole images that a stopped run left there; empty for a new file. */
  before: readonly ResultRow[];
  write: (row: ResultRow) => void;
  /** The image cannot be looked at: it is counted, and named when results are read. */
  miss: (image: string) => void;
  /** Writes the last line; a file without it is refused. */
  end: () => void;
}

/**
 * Begin a file of results.
 *
 * @param options `resume`: go on with a file of the same run that was stopped. Its last image may be unfinished and is to
 *   be looked at again, as are images without rows, which may be those that could not be looked at; a finished file is
 *   written anew
 * @throws InputError if another file than one of results is there, or an unfinished one of another run; if it cannot be
 *   written
 */
export function writeResults(
  path: string,
  { kind, settings, shard }: ResultHeader,
  { resume = false }: { resume?: boolean } = {},
): ResultWriter {
  if (existsSync(path))
    assertInput(
      statSync(path).isFile() && isResults(firstBytes(path)),
      `${path}: this is there and is no file of results; give another name`,
    );
  const csv = path.toLowerCase().endsWith(".csv") ? resultCsv(path, kind) : undefined;
  const about = (value: JsonObject): string => `${csv ? comment : ""}${JSON.stringify(value)}\n`;
  const line = csv?.line ?? JSON.stringify;
  const before = resume && existsSync(path) ? resumed(path, { kind, settings, shard }) : undefined;
  try {
    const header = about({ [magic]: version, kind, shard: shardName(shard), settings });
    if (before) truncateSync(path, before.bytes);
    else writeFileSync(path, csv ? `${header}${csv.heading}\n` : header);
  } catch (error) {
    throw new InputError(
      `${path}: it cannot be written (${(error as Error).message}); give a path in a folder that is there`,
    );
  }
  const kept = before?.rows ?? [];
  let rows = kept.length;
  let last = kept.at(-1)?.at ?? 0;
  const missing: string[] = [];
  return {
    before: kept,
    write: ({ at, image, row }) => {
      assertInput(
        at >= last,
        `${path}: ${image} could not be looked at before this run was stopped, and now it can; delete the file and evaluate again`,
      );
      last = at;
      appendFileSync(path, `${line({ at, image, ...row })}\n`);
      rows++;
    },
    miss: (image) => missing.push(image),
    end: () => appendFileSync(path, about({ end: rows, missing })),
  };
}

/**
 * The whole images of a run that was stopped, and so many bytes of its file: its last image may be unfinished.
 *
 * @returns undefined if there is nothing to go on from: the file is finished or damaged
 * @throws InputError if it is of another run
 */
function resumed(
  path: string,
  { kind, settings, shard }: ResultHeader,
): { rows: ResultRow[]; bytes: number } | undefined {
  let found: ScannedResults;
  try {
    found = scanResults(path, { mayBeCut: true });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
  if (found.end) return undefined;
  const differs = difference(
    { ...found.settings, kind: found.kind, shard: shardName(found.shard) },
    { ...(JSON.parse(JSON.stringify(settings)) as JsonObject), kind, shard: shardName(shard) },
  );
  assertInput(
    differs === undefined,
    `${path}: an unfinished run lies there, and it is another (${differs}); give another name, or delete it`,
  );
  const { rows, starts } = found;
  const whole = rows.findIndex(({ at }) => at === rows.at(-1)?.at);
  if (whole <= 0) return undefined;
  return { rows: rows.slice(0, whole), bytes: starts[whole] };
}

function firstBytes(path: string): string {
  const bytes = Buffer.alloc(64);
  const file = openSync(path, "r");
  try {
    return bytes.toString("utf8", 0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

interface ResultFile extends Omit<Results, "fileOf"> {
  path: string;
  shard: Shard;
}

/** Read one file. @throws InputError naming the file and line where it is not as `writeResults` writes it, or cut short */
function readResultFile(path: string): ResultFile {
  const { starts: _, end, ...file } = scanResults(path);
  assertInput(
    end && end.end === file.rows.length,
    `${path}: it ends after ${file.rows.length} rows without its last line, so the run was stopped or the file cut; the same command goes on from there`,
  );
  return { ...file, missing: jsonList(`${path}, missing`, end.missing).map(String) };
}

/** The first setting that differs, as a sentence's part. */
function difference(a: JsonObject, b: JsonObject): string | undefined {
  const key = [...new Set([...Object.keys(a), ...Object.keys(b)])].find(
    (name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  );
  return key === undefined ? undefined : `${key} is ${JSON.stringify(a[key])} there and ${JSON.stringify(b[key])} here`;
}

/**
 * Read the files of all shards of one run, in any order, as if it had been a single one.
 *
 * @throws InputError if a file is damaged or cut short, settings differ, or a shard is missing or there twice
 */
export function readResults(paths: readonly string[]): Results {
  assertInput(paths.length > 0, "readResults: got no file; give the files of all shards");
  const files = paths.map(readResultFile);
  const [first] = files;
  const { count } = first.shard;
  const byShard = new Map<number, ResultFile>();
  for (const file of files) {
    assertInput(
      file.kind === first.kind,
      `${file.path}: these are results of kind ${file.kind}, ${first.path} holds ${first.kind}; merge one kind`,
    );
    const differs = difference(first.settings, file.settings);
    assertInput(
      differs === undefined,
      `${file.path}: it is of another run than ${first.path} (${differs}); merge the shards of one run`,
    );
    assertInput(
      file.shard.count === count,
      `${file.path}: this is shard ${shardName(file.shard)}, ${first.path} is ${shardName(first.shard)}; merge the shards of one run`,
    );
    const twin = byShard.get(file.shard.index);
    assertInput(!twin, `${file.path}: shard ${shardName(file.shard)} is in ${twin?.path} too; give each shard once`);
    byShard.set(file.shard.index, file);
  }
  const lost = Array.from({ length: count }, (_, index) => index).filter((index) => !byShard.has(index));
  assertInput(
    lost.length === 0,
    `${first.path}: of its ${count} shards ${lost.length} are missing (${lost
      .slice(0, 8)
      .map((index) => `${index}/${count}`)
      .join(", ")}${lost.length > 8 ? ", …" : ""}); give the files of all`,
  );
  const rows = files.flatMap((file) => file.rows);
  // Stable: the rows of an image lie in one file and keep their order.
  if (files.length > 1) rows.sort((a, b) => a.at - b.at);
  return {
    kind: first.kind,
    settings: first.settings,
    rows,
    missing: files.flatMap(({ missing }) => missing).sort(),
    fileOf: (at) => byShard.get(at % count)?.path ?? first.path,
  };
}
