/**
 * @file A row of the ledger in a walkthrough: the verdict beside the figure that it is about.
 */
import { assertInput } from "../../check";
import { showTable } from "../../viz/showTable";
import { type ClaimRow, claimsLedger } from "./claimsLedger";

/**
 * Say whether a claim holds by the criterion that stood before the run, or why that is not known yet, and show what was
 * measured. A claim that does not hold is told like any other.
 *
 * @param id such as "A1"
 * @throws InputError for an id that the ledger does not have
 */
export function showClaim(id: string, ledger: readonly ClaimRow[] = claimsLedger()): void {
  const row = ledger.find((claim) => claim.id === id);
  assertInput(row, `showClaim: there is no claim ${id}; choose one of ${ledger.map((claim) => claim.id).join(", ")}`);
  const verdict = row.reason ? `${row.verdict}: ${row.reason} (${row.command})` : row.verdict;
  const told = {
    claim: row.statement,
    "decided by": row.criterion,
    verdict,
    ...(row.also && { [row.also.where]: row.also.verdict }),
  };
  showTable(
    Object.entries(told).map(([what, text]) => ({ [row.id]: what, [row.place]: text })), // as a table, long text wraps
  );
  if (row.ours.length === 0) return;
  const rows = row.ours.map(({ what, unit, mean, min, max, count }) => ({
    measured: what,
    unit,
    mean,
    lowest: min,
    highest: max,
    of: count,
  }));
  showTable(rows, { title: `${row.id}, ${row.verdict}; the paper: ${row.reported}`, digits: 3 });
}
