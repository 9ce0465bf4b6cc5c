/**
 * @file The ledger: every claim of a paper with what stored experiments say about it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../check";
import { type ExperimentResult, experimentsFolder, readExperiment, staleness } from "../experiments/experiment";
import type { Claim, ClaimText, Finding, Measured } from "./claim";
import { claims } from "./claims";

export type Verdict = "holds" | "does not hold" | "not tested";

/** A row of the ledger; plain data. */
export interface ClaimRow extends ClaimText {
  verdict: Verdict;
  /** Why it was not tested. */
  reason?: string;
  /** Empty where it was not tested. */
  ours: readonly Measured[];
  /** What measures it. */
  command: string;
  /** The same rule asked elsewhere, if it was measured. */
  also?: { where: string; verdict: Verdict; ours: readonly Measured[]; command: string };
}

/** Why a result cannot decide, if so. */
function shortcoming({ experiment, decisive }: Claim, result: ExperimentResult): string | undefined {
  const stale = staleness(experiment, result);
  if (stale !== undefined) return stale;
  const parts = decisive ?? experiment.parts().map(({ name }) => name);
  const missing = parts.filter((name) => !(name in result.parts));
  return missing.length > 0 ? `${missing.length} of ${parts.length} parts are not measured yet` : undefined;
}

function decide(claim: Claim, result: ExperimentResult, folder: string): Finding {
  try {
    return claim.judge(result);
  } catch (error) {
    // A part of another shape than the experiment writes ends here: in a missing property, or in a number that is none.
    if (!(error instanceof TypeError || error instanceof InputError)) throw error;
    const { name } = claim.experiment;
    throw new InputError(
      `claims: ${join(folder, `${name}.json`)} does not hold what ${claim.id} reads (${error.message}); delete it and run \`posediff experiment ${name}\` again`,
    );
  }
}

/** What the same rule says of the claim's other experiment, if that was measured. */
function elsewhereOf({ also, ...claim }: Claim, folder: string): ClaimRow["also"] {
  if (also === undefined) return undefined;
  const { verdict, ours, command } = rowOf({ ...claim, experiment: also.experiment }, folder);
  return verdict === "not tested" ? undefined : { where: also.where, verdict, ours, command };
}

function rowOf(claim: Claim, folder: string): ClaimRow {
  const { judge, experiment, decisive, also: _, ...told } = claim;
  const also = elsewhereOf(claim, folder);
  const row = { ...told, command: `posediff experiment ${experiment.name}`, ...(also && { also }) };
  const untested = (reason: string): ClaimRow => ({ ...row, verdict: "not tested", reason, ours: [] });
  if (!existsSync(join(folder, `${experiment.name}.json`))) return untested("never measured");
  const result = readExperiment(experiment.name, folder);
  const reason = shortcoming(claim, result);
  if (reason) return untested(reason);
  const { holds, ours } = decide(claim, result, folder);
  return { ...row, verdict: holds ? "holds" : "does not hold", ours };
}

/**
 * One row per claim: what the paper prints, what was measured here, and whether it holds by the criterion that stood
 * before the run. A claim that does not hold is a result; it is told, not thrown.
 *
 * @param options.paper only this paper's
 * @param options.folder where the experiments' results lie
 * @throws InputError for an unknown paper or a damaged result
 */
export function claimsLedger({
  paper,
  folder = experimentsFolder,
}: {
  paper?: string;
  folder?: string;
} = {}): ClaimRow[] {
  const papers = [...new Set(claims.map((claim) => claim.paper))];
  if (paper !== undefined && !papers.includes(paper))
    throw new InputError(`claims: there is no ledger of paper ${JSON.stringify(paper)}; choose ${papers.join(", ")}`);
  return claims.filter((claim) => paper === undefined || claim.paper === paper).map((claim) => rowOf(claim, folder));
}
