/**
 * @file The figures of a protocol as text or JSON.
 */
import type { Report } from "../papers/benchmarks/report";
import { textTable } from "./textTable";

const cell = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : "–");

/** The report as text: its tables, then its notes. */
export function reportText({ tables, notes }: Report): string {
  const printed = tables.map(({ title, columns, rows, counts = [] }) =>
    textTable(
      title,
      columns,
      rows.map(({ name, values }) => ({
        name,
        cells: values.map((value, k) => cell(value, counts.includes(columns[k]) ? 0 : 2)),
      })),
    ),
  );
  return [...printed, ...notes.map((note) => `- ${note}`)].join("\n\n").replaceAll("\n\n- ", "\n- ");
}

/** Print it, and what was missing. NaN is null in JSON. */
export function printReport(report: Report, { json, missing }: { json?: boolean; missing: readonly string[] }): void {
  if (json) {
    console.log(JSON.stringify({ ...report, missing }, null, 1));
    return;
  }
  console.log(reportText(report));
  if (missing.length > 0)
    console.log(
      `- images that could not be looked at: ${missing.length} (${missing.slice(0, 10).join(", ")}${missing.length > 10 ? ", …" : ""})`,
    );
}
