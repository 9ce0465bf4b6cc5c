/**
 * @file `posediff claims`: what the paper claims, what was measured here, and whether it holds.
 */
import type { Command } from "commander";
import type { Measured } from "../papers/claims/claim";
import { type ClaimRow, claimsLedger } from "../papers/claims/claimsLedger";
import { experimentsFolder } from "../papers/experiments/experiment";

interface ClaimsOptions {
  paper?: string;
  results: string;
  json?: boolean;
}

const widths = [4, 42, 30, 44, 13];

/** Lines of at most `width` characters, broken at spaces, but not before a unit or a spread. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/ (?!%|cm|\(\d)/)) {
    const line = lines[lines.length - 1];
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Cells side by side, each wrapped in its column. */
function tableRow(cells: readonly string[]): string {
  const columns = cells.map((cell, i) => wrap(cell, widths[i]));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((lines, i) => (lines[line] ?? "").padEnd(widths[i]))
      .join("  ")
      .trimEnd(),
  ).join("\n");
}

const number = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(1));

/** "guided 52.1 % (50.3–53.9)": mean, and spread where there is one. */
function cellOf({ what, unit, mean, min, max, count }: Measured): string {
  const spread = count > 1 ? ` (${number(min)}–${number(max)})` : "";
  return `${what} ${number(mean)}${unit === "°" ? "" : " "}${unit}${spread}`;
}

function textOf({ id, statement, criterion, place, reported, ours, verdict, reason, command, also }: ClaimRow): string {
  const here = ours.length > 0 ? ours.map(cellOf).join(", ") : `– ${reason}`;
  const row = tableRow([id, `${statement}.`, `${reported} (${place})`, here, verdict]);
  const below = wrap(criterion, 120).join("\n         ");
  const decided = `${row}\n      if ${below}\n      by ${command}`;
  if (!also) return decided;
  const elsewhere = `${also.where}: ${also.verdict}; ${also.ours.map(cellOf).join(", ")} (by ${also.command})`;
  return `${decided}\n      ${wrap(elsewhere, 120).join("\n         ")}`;
}

/** Print the ledger. Exit code 0 whatever the verdicts are. */
export function claims({ paper, results, json }: ClaimsOptions): void {
  const rows = claimsLedger({ paper, folder: results });
  if (json) {
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  const count = (verdict: ClaimRow["verdict"]): number => rows.filter((row) => row.verdict === verdict).length;
  const heading = tableRow(["", "claim", "the paper", "here: mean (lowest–highest seed)", "verdict"]);
  console.log([heading, ...rows.map(textOf)].join("\n\n"));
  console.log(
    `\n${count("holds")} of ${rows.length} hold, ${count("does not hold")} do not, ${count("not tested")} not tested`,
  );
}

export const command = (program: Command): void => {
  program
    .command("claims")
    .description("what the paper claims beside what was measured here: holds, does not hold, not tested")
    .option("--paper <letter>", "only this paper's claims")
    .option("--results <folder>", "where the results of posediff experiment lie", experimentsFolder)
    .option("--json", "print one JSON array")
    .action(claims);
};
