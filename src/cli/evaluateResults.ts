/**
 * @file `posediff evaluate results PATHS…`: results that others' code wrote as pickles, by the published protocols.
 */
import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { assertInput } from "../check";
import { filesOf, subfolders } from "../datasets/listFolder";
import { readNocsResults } from "../datasets/nocsResults";
import { pathInRoot } from "../datasets/pathInRoot";
import { houseCatCategories } from "../geometry/houseCatCategories";
import { categories } from "../geometry/symmetry";
import { resultImage } from "../papers/benchmarks/nocsRows";
import type { PoseImage } from "../papers/benchmarks/poseRows";
import { protocols } from "../papers/benchmarks/protocols";
import { evaluateGroup } from "./evaluateGroup";
import { named } from "./named";
import { printReport } from "./printReport";

interface ResultsOptions {
  protocol: string;
  curves?: boolean;
  json?: boolean;
}

/** Below a root, with the folders of scenes in it. @throws InputError where a link leads back */
function* picklesBelow(root: string, folder: string, above: readonly string[] = []): Generator<string> {
  const place = realpathSync(pathInRoot(root, folder));
  assertInput(!above.includes(place), `${join(root, folder)}: this link leads back to ${place}; remove it`);
  for (const name of filesOf(root, folder)) if (name.endsWith(".pkl")) yield pathInRoot(root, folder, name);
  for (const name of subfolders(root, folder)) yield* picklesBelow(root, join(folder, name), [...above, place]);
}

/** The pickles of a path: itself, or all of a folder and of those in it. */
function picklesOf(path: string): string[] {
  assertInput(existsSync(path), `evaluate results: ${path} is not there; give pickles, or the folder of a method's`);
  if (!statSync(path).isDirectory()) return [pathInRoot(dirname(path), basename(path))];
  const found = [...picklesBelow(path, ".")];
  assertInput(found.length > 0, `evaluate results: ${path} holds no .pkl; give the folder of a method's results`);
  return found;
}

function evaluateResults(paths: readonly string[], { protocol, curves, json }: ResultsOptions): void {
  const evaluate = named("evaluate results", "protocol", protocols, protocol);
  const known = protocol === "housecat6d" ? houseCatCategories : categories;
  const images = paths
    .flatMap(picklesOf)
    .flatMap((path): PoseImage[] => readNocsResults(path).map((result) => resultImage(result, known)));
  const [truths, predictions] = [images.flatMap((image) => image.truths), images.flatMap((image) => image.predictions)];
  assertInput(
    truths.length > 0,
    `evaluate results: in ${images.length} images nothing is there (gt_class_ids is empty); give results beside their ground truth`,
  );
  const report = evaluate(images, { curves });
  report.notes.push(
    `${images.length} images: ${truths.length} objects are there, ${predictions.length} were predicted`,
  );
  printReport(report, { json, missing: [] });
}

export const command = (program: Command): void => {
  evaluateGroup(program)
    .command("results <paths...>")
    .description(
      "pickles that NOCS's, object-deformnet's or GenPose's code wrote (gt_*, pred_*): files, or folders with an image in each file",
    )
    .option("--protocol <name>", Object.keys(protocols).join(", "), "nocs")
    .option("--curves", "also AP over thresholds (with --json)")
    .option("--json", "print one JSON object")
    .action(evaluateResults);
};
