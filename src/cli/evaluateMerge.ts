/**
 * @file `posediff evaluate merge FILES…`: the figures of results, of one run or of its shards.
 */
import type { Command } from "commander";
import { assertInput } from "../check";
import { bopKind, bopReport } from "../papers/benchmarks/bopResults";
import { poseReport } from "../papers/benchmarks/poseReport";
import { posesKind } from "../papers/benchmarks/poseRows";
import { protocols } from "../papers/benchmarks/protocols";
import type { Report } from "../papers/benchmarks/report";
import { type Results, readResults } from "../papers/benchmarks/resultFile";
import { templatesKind, templatesReport } from "../papers/benchmarks/templateResults";
import { evaluateGroup } from "./evaluateGroup";
import { named } from "./named";
import { printReport } from "./printReport";

interface MergeOptions {
  protocol?: string;
  curves?: boolean;
  json?: boolean;
}

/** The protocol's report of results. @throws InputError for results of another kind than the protocol reads */
export function reportOf(results: Results, { protocol, curves }: Pick<MergeOptions, "protocol" | "curves">): Report {
  if (results.kind === bopKind) {
    assertInput(
      protocol === undefined || protocol === "bop",
      `evaluate merge: these are errors of a BOP evaluation, of which --protocol ${protocol} makes nothing; leave it away`,
    );
    return bopReport(results);
  }
  if (results.kind === templatesKind) {
    assertInput(
      protocol === undefined || protocol === "acc15",
      `evaluate merge: these are matches with templates, of which --protocol ${protocol} makes nothing; leave it away`,
    );
    return templatesReport(results);
  }
  assertInput(
    results.kind === posesKind,
    `evaluate merge: results of kind "${results.kind}" are not known; evaluate again`,
  );
  const name = protocol ?? String(results.settings.protocol ?? "nocs");
  named("evaluate merge", "protocol", protocols, name);
  return poseReport(results, name, { curves });
}

function merge(files: readonly string[], options: MergeOptions): void {
  const results = readResults(files);
  printReport(reportOf(results, options), { json: options.json, missing: results.missing });
}

export const command = (program: Command): void => {
  evaluateGroup(program)
    .command("merge <files...>")
    .description(
      "figures of results that evaluate --out wrote: one file, or those of all shards, to the last bit the same",
    )
    .option("--protocol <name>", `${Object.keys(protocols).join(", ")}; default: the data set's`)
    .option("--curves", "also AP over thresholds: 0–60° by 1°, 0–10 cm by 0.5, IoU by 0.01 (with --json)")
    .option("--json", "print one JSON object")
    .action(merge);
};
