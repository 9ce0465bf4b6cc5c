/**
 * @file `posediff evaluate bop`: a results file of the BOP challenges against a BOP data set.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { assertInput } from "../check";
import { openBop } from "../datasets/bop";
import { readBopTargets } from "../datasets/bopTargets";
import { readBytes } from "../formats/readBytes";
import { readBopCsv } from "../papers/benchmarks/bopCsv";
import { bopErrors, firstWithoutDepth } from "../papers/benchmarks/bopErrors";
import { bopKind, bopReport, bopRow } from "../papers/benchmarks/bopResults";
import { type ResultRow, writeResults } from "../papers/benchmarks/resultFile";
import { evaluateGroup } from "./evaluateGroup";
import { knownImages } from "./knownImages";
import { partShard } from "./partShard";
import { printReport } from "./printReport";

interface BopCommandOptions {
  results: string;
  root: string;
  split: string;
  targets: string;
  vsdDelta: string;
  vsd: boolean;
  shard: string;
  out?: string;
  json?: boolean;
}

async function evaluateBop(options: BopCommandOptions): Promise<void> {
  const { results, root, split, targets: targetsFile, out, json } = options;
  const shard = partShard("evaluate bop", options);
  const delta = Number(options.vsdDelta);
  assertInput(
    delta > 0,
    `evaluate bop: --vsd-delta is "${options.vsdDelta}"; give millimetres, 15 for all sets but ITODD (5)`,
  );
  const estimates = readBopCsv(results);
  const decimated = existsSync(join(root, "models_eval"));
  const dataset = openBop(root, { split, models: decimated ? "models_eval" : "models" });
  const targets = readBopTargets(root, targetsFile);
  const images = new Set(targets.map(({ sceneId, imageId }) => `${sceneId}/${imageId}`));
  const strangers = estimates.filter(({ sceneId, imageId }) => !images.has(`${sceneId}/${imageId}`));
  assertInput(
    strangers.length < estimates.length,
    `${results}: none of its estimates is in an image of ${targetsFile} (the first is in scene ${estimates[0].sceneId}, image ${estimates[0].imageId}); give the results of this data set and split`,
  );
  const without = options.vsd ? firstWithoutDepth(dataset, targets) : undefined;
  const withVsd = options.vsd && without === undefined;
  const settings = {
    split,
    targets: targetsFile,
    results: createHash("sha256").update(readBytes(results)).digest("hex"),
    vsdDeltaMm: withVsd ? delta : null,
    decimated,
    strangers: strangers.length,
    ...(!withVsd && {
      withoutVsd: options.vsd
        ? `VSD needs depth images, and ${without} has none: AR_VSD and AR (the mean of three) are left away`
        : "AR_VSD and AR (the mean of three) are left away, as --no-vsd asks for",
    }),
  };
  const writer =
    out === undefined ? undefined : writeResults(out, { kind: bopKind, settings, shard }, { resume: true });
  const rows: ResultRow[] = [...(writer?.before ?? [])];
  for await (const { at, image, objects } of bopErrors(dataset, targets, estimates, {
    shard,
    source: results,
    known: knownImages(out, rows),
    ...(withVsd && { vsdDelta: delta / 1000 }),
  }))
    for (const group of objects) {
      const row = { at, image, row: bopRow(group) };
      writer?.write(row);
      rows.push(row);
    }
  writer?.end();
  if (shard.count > 1) {
    console.log(`${rows.length} rows of shard ${options.shard} in ${out}`);
    return;
  }
  printReport(bopReport({ rows, settings }), { json, missing: [] });
}

export const command = (program: Command): void => {
  evaluateGroup(program)
    .command("bop")
    .description(
      "a results csv of the BOP challenges against a BOP data set: AR_VSD, AR_MSSD, AR_MSPD, mAP, Paper C's VSD recall",
    )
    .requiredOption("--results <file>", "scene_id,im_id,obj_id,score,R,t,time; a line per estimate, millimetres")
    .requiredOption("--root <folder>", "the data set: models_eval/, test/, test_targets_bop19.json")
    .option("--split <name>", "folder of scenes", "test")
    .option("--targets <file>", "below the root", "test_targets_bop19.json")
    .option("--vsd-delta <mm>", "δ of VSD; 5 on ITODD", "15")
    .option("--no-vsd", "leave VSD away, which renders two images per estimate")
    .option("--shard <i/n>", "every n-th image from the i-th on", "0/1")
    .option("--out <file>", "also write the errors, for evaluate merge")
    .option("--json", "print one JSON object")
    .action(evaluateBop);
};
