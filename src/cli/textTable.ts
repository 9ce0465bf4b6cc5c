/**
 * @file A table as lines of text.
 */

/** One line of a table. */
export interface TextRow {
  name: string;
  cells: readonly string[];
}

/** The first column as wide as its longest name, the others right-aligned, at least nine characters each. */
export function textTable(corner: string, columns: readonly string[], rows: readonly TextRow[]): string {
  const lines: readonly TextRow[] = [{ name: corner, cells: columns }, ...rows];
  const widthOf = (texts: readonly string[]): number => Math.max(...texts.map((text) => [...text].length));
  const first = widthOf(lines.map(({ name }) => name)) + 1;
  const widths = columns.map((_, k) => Math.max(9, widthOf(lines.map(({ cells }) => cells[k] ?? "")) + 2));
  return lines
    .map(({ name, cells }) => name.padEnd(first) + cells.map((cell, k) => cell.padStart(widths[k])).join(""))
    .join("\n");
}
