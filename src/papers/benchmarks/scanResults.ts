/**
 * @file What lies in a file of results, finished or not.
 */
import { assertInput, InputError } from "../../check";
import { byteSource } from "../../formats/byteSource";
import { type JsonObject, jsonNatural, jsonObject, jsonText } from "../../formats/jsonField";
import { type ResultCsv, resultCsv } from "./resultCsv";
import type { ResultRow, Results } from "./resultFile";
import { type Shard, shardName } from "./shard";

/** The key that every first line has, its value the version. */
export const magic = "posediff results";
export const version = 1;
/** How a file begins; a csv says it in a comment. */
const begins = `{"${magic}"`;
/** What makes a line a comment of a csv. */
export const comment = "# ";
/** Whether a file that begins so is one of results. */
export const isResults = (text: string): boolean => text.startsWith(begins) || text.startsWith(comment + begins);
/** A line of more characters is no row of ours. */
const longestLine = 1 << 24;
/** So much of a file is in memory at a time. */
const longestPiece = 1 << 16;

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

/** What lies in a file, finished or not. */
export interface ScannedResults extends Omit<Results, "fileOf" | "missing"> {
  path: string;
  shard: Shard;
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
export function scanResults(path: string, { mayBeCut = false }: { mayBeCut?: boolean } = {}): ScannedResults {
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
