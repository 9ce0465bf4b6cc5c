/**
 * @file A line of a csv file (RFC 4180): cells between commas; quotes around a cell that holds a comma, quote or "#", and
 * a quote in it doubled.
 */
import { assertInput } from "../check";

// "#" is quoted too: pandas and R take what follows a bare one for a comment, if they are told that there are comments
const quoted = (cell: string): string => (/[",#\s]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** The cells as a line, without its end. */
export const csvLine = (cells: readonly string[]): string => cells.map(quoted).join(",");

/** The cells of a line. @throws InputError naming `where` for a quote that is not closed, or stands within a bare cell */
export function csvCells(where: string, line: string): string[] {
  const cell = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;
  const cells: string[] = [];
  for (let more = true; more; ) {
    const found = cell.exec(line);
    assertInput(
      found,
      `${where}: a quote is not closed or stands within a cell; the file is damaged: evaluate that shard again`,
    );
    const [, inQuotes, bare, end] = found;
    cells.push(inQuotes?.replaceAll('""', '"') ?? bare);
    more = end === ",";
  }
  return cells;
}
