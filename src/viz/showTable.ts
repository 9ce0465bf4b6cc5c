/**
 * @file Tables: rows of one's own and danfojs data frames.
 */
import { assertInput } from "../check";
import { display } from "./display";
import { escapeHtml } from "./escapeHtml";

/** A cell of a table. */
export type TableValue = string | number | boolean | null | undefined;

/** How a table is shown. */
export interface ShowTableOptions {
  title?: string;
  /** Significant digits of numbers that are not integers. */
  digits?: number;
  maxRows?: number;
}

const defaults = { title: "", digits: 4, maxRows: 30 } satisfies ShowTableOptions;

/** What of danfojs' DataFrame is needed; danfojs itself is imported only by those who use it. */
export interface DataFrameLike {
  columns: readonly string[];
  index: readonly (string | number)[];
  values: unknown;
  shape: readonly number[];
}

/** Show `rows`, whose keys are the columns. @throws InputError if there is no row */
export function showTable(rows: readonly Readonly<Record<string, TableValue>>[], options: ShowTableOptions = {}): void {
  assertInput(rows.length > 0, "showTable: got no rows; pass a list of objects such as [{ method, errorDeg }]");
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  showCells(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
    rows.length,
    options,
  );
}

/** Show the first rows of a danfojs DataFrame with its index. NaN is how a frame says that a number is missing: a dash. */
export function showFrame(frame: DataFrameLike, options: ShowTableOptions = {}): void {
  const values = frame.values as readonly (readonly TableValue[])[];
  const cells = values.map((row, i) => [frame.index[i], ...row.map((x) => (Number.isNaN(x) ? undefined : x))]);
  showCells(["", ...frame.columns], cells, frame.shape[0], options);
}

function showCells(
  columns: readonly string[],
  cells: readonly (readonly TableValue[])[],
  total: number,
  options: ShowTableOptions,
): void {
  const { title, digits, maxRows } = { ...defaults, ...options };
  const shown = cells.slice(0, maxRows).map((row) => row.map((value) => ({ value, text: textOf(value, digits) })));
  const more = total > shown.length ? `${shown.length} of ${total} rows` : "";
  const head = columns.map((column) => `<th>${escapeHtml(column)}</th>`).join("");
  const body = shown.map(
    (row) =>
      `<tr>${row.map(({ value, text }) => `<td${typeof value === "number" ? ' style="text-align:right"' : ""}>${escapeHtml(text)}</td>`).join("")}</tr>`,
  );
  const caption = title ? `<caption>${escapeHtml(title)}</caption>` : "";
  display({
    "text/html": `<table class="dataframe">${caption}<thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>${more ? `<p>${more}</p>` : ""}`,
    "text/plain": plainTable(
      title,
      columns,
      shown.map((row) => row.map(({ text }) => text)),
      more,
    ),
  });
}

const textOf = (value: TableValue, digits: number): string => {
  if (typeof value !== "number") return value === null || value === undefined ? "–" : String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
};

function plainTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  more: string,
): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => text.padEnd(widths[i]))
      .join("  ")
      .trimEnd();
  return [title, line(columns), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line), more]
    .filter((text) => text !== "")
    .join("\n");
}
