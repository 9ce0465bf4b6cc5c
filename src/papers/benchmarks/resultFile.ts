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
import { byteSource } from "../../formats/byteSource";
import { type JsonObject, jsonList, jsonNatural, jsonObject, jsonText } from "../../formats/jsonField";
import { type ResultCsv, resultCsv } from "./resultCsv";
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

const magic = "posediff results";
const version = 1;
/** How a file begins; a csv says it in a comment. */
const begins = `{"${magic}"`;
const comment = "# ";
const isResults = (text: string): boolean => text.startsWith(begins) || text.startsWith(comment + begins);
/** A line of more characters is no row of ours. */
const longestLine = 1 << 24;
/** So much of a file is in memory at a time. */
const longestPiece = 1 << 16;

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
    if (before === undefined) writeFileSync(path, csv ? `${header}${csv.heading}\n` : header);
  } catch (error) {
    throw new InputError(
      `${path}: it cannot be written (${(error as Error).message}); give a path in a folder that is there`,
    );
  }
  let rows = before?.length ?? 0;
  let last = before?.at(-1)?.at ?? 0;
  const missing: string[] = [];
  return {
    before: before ?? [],
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
 * Cut a file of a run that was stopped after its last whole image.
 *
 * @returns the rows that stay; undefined if there is nothing to go on from: the file is finished or damaged
 * @throws InputError if it is of another run
 */
function resumed(path: string, { kind, settings, shard }: ResultHeader): ResultRow[] | undefined {
  let found: ScannedFile;
  try {
    found = scan(path, { mayBeCut: true });
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
  truncateSync(path, starts[whole]);
  return rows.slice(0, whole);
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

interface Line {
  text: string;
  /** Where it begins, in bytes. */
  from: number;
  /** Whether it ends: the last line of a file that was cut does not. */
  whole: boolean;
}

/** The lines of a file, a piece of it in memory at a time. */
function* linesOf(path: string): Generator<Line> {
  const source = byteSource("readResults", path);
  const utf8 = new TextDecoder(); // leaves a byte order mark away
  let rest = Buffer.alloc(0);
  let start = 0;
  for (let from = 0; from < source.size; from += longestPiece) {
    let text = Buffer.concat([rest, source.read(from, Math.min(longestPiece, source.size - from))]);
    for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10)) {
      yield { text: utf8.decode(text.subarray(0, at)), from: start, whole: true };
      text = text.subarray(at + 1);
      start += at + 1;
    }
    rest = text;
    assertInput(
      rest.length < longestLine,
      `${path}: a line has more than ${longestLine} bytes; this is no file of results`,
    );
  }
  if (rest.length > 0) yield { text: utf8.decode(rest), from: start, whole: false };
}

function parsed(where: string, line: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new InputError(`${where}: this line is no JSON; the file is damaged: evaluate that shard again`);
  }
  return jsonObject(where, value);
}

interface ResultFile extends Omit<Results, "fileOf"> {
  path: string;
  shard: Shard;
}

/** What lies in a file, finished or not. */
interface ScannedFile extends Omit<ResultFile, "missing"> {
  /** Where the rows begin, in bytes. */
  starts: number[];
  /** The last line. */
  end?: JsonObject;
}

/**
 * Read what lies in a file.
 *
 * @param options `mayBeCut`: a line that does not end is left away
 * @throws InputError naming file and line where it is not as `writeResults` writes it
 */
function scan(path: string, { mayBeCut = false }: { mayBeCut?: boolean } = {}): ScannedFile {
  let header: JsonObject | undefined;
  let end: JsonObject | undefined;
  const rows: ResultRow[] = [];
  const starts: number[] = [];
  let shard: Shard = { index: 0, count: 1 };
  let number = 0;
  let csv: ResultCsv | undefined;
  for (const { text, from, whole } of linesOf(path)) {
    if (mayBeCut && !whole) break;
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    const where = `${path}, line ${++number}`;
    assertInput(
      end === undefined,
      `${where}: there is more after the last line of the results; evaluate that shard again`,
    );
    if (header === undefined) {
      assertInput(isResults(line), `${path}: this is no file of results; take one that posediff evaluate --out wrote`);
      const isCsv = line.startsWith(comment);
      header = parsed(where, isCsv ? line.slice(comment.length) : line);
      assertInput(
        header[magic] === version,
        `${path}: it is of version ${header[magic]}, this program reads ${version}; evaluate again`,
      );
      const [, index, count] = /^(\d+)\/(\d+)$/.exec(jsonText(`${where}, shard`, header.shard)) ?? [];
      assertInput(Number(index) < Number(count), `${where}: "${header.shard}" is no shard; evaluate that shard again`);
      shard = { index: Number(index), count: Number(count) };
      if (isCsv) csv = resultCsv(path, jsonText(`${where}, kind`, header.kind));
      continue;
    }
    if (csv && number === 2) {
      assertInput(line === csv.heading, `${where}: expected the columns ${csv.heading}; evaluate that shard again`);
      continue;
    }
    const value =
      csv && !line.startsWith(comment)
        ? csv.value(where, line)
        : parsed(where, csv ? line.slice(comment.length) : line);
    if (value.end !== undefined) {
      end = value;
      continue;
    }
    const { at, image, ...row } = value;
    const place = jsonNatural(`${where}, at`, at);
    assertInput(
      place % shard.count === shard.index,
      `${where}: image ${place} is not of shard ${shardName(shard)}; evaluate that shard again`,
    );
    assertInput(
      place >= (rows.at(-1)?.at ?? 0),
      `${where}: image ${place} comes after a later one; evaluate that shard again`,
    );
    rows.push({ at: place, image: jsonText(`${where}, image`, image), row });
    starts.push(from);
  }
  assertInput(header, `${path}: this file is empty; take one that posediff evaluate --out wrote`);
  return {
    path,
    kind: jsonText(`${path}, kind`, header.kind),
    settings: jsonObject(`${path}, settings`, header.settings),
    shard,
    rows,
    starts,
    end,
  };
}

/** Read one file. @throws InputError naming the file and line where it is not as `writeResults` writes it, or cut short */
function readResultFile(path: string): ResultFile {
  const { starts: _, end, ...file } = scan(path);
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
