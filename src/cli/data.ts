/**
 * @file `posediff data`: what of a data set on disk is there, what is missing, and one sample of it as a picture.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Command } from "commander";
import sharp from "sharp";
import { assertInput } from "../check";
import { catalogue } from "../datasets/catalogue";
import { checkDataset, type DatasetReport, type SplitReport } from "../datasets/checkDataset";
import { count, someOf } from "../datasets/datasetPart";
import { isCategory, type NocsCategory } from "../geometry/symmetry";
import { plotSample } from "../viz/plotSample";
import { staticSvg } from "../viz/staticSvg";
import { wholeNumber } from "./wholeNumber";

interface CheckOptions {
  split?: string;
  index?: string;
  category?: string;
  open: string;
  out?: string;
  json?: boolean;
}

const number = (value: number): string => value.toLocaleString("en");

/** How many frames can be read, and how it is known. */
function readableOf({ readable, opened, damaged }: SplitReport): string {
  const how = [
    `${number(opened)} opened`,
    ...(damaged > 0 ? [`${number(damaged)} of them in vain`] : []),
    ...(readable + damaged > opened ? ["the others by the names of their files"] : []),
  ];
  return `${number(readable)} can be read${readable + damaged > 0 ? ` (${how.join(", ")})` : ""}`;
}

function splitLines(report: SplitReport): string[] {
  const { split, folders, frames, missingFiles, incomplete } = report;
  if (folders === 0) return [`${split}: not here`];
  const kinds = Object.entries(missingFiles).map(([kind, n]) => `${number(n)} lack ${kind}`);
  const head = `${split}: ${count(frames, "frame")} in ${count(folders, "folder")}, ${readableOf(report)}`;
  if (kinds.length === 0) return [head];
  return [
    `${head}; ${kinds.join(", ")}`,
    `  incomplete: ${someOf(incomplete.map(({ frame, missing }) => `${frame} (${missing.join(", ")})`))}`,
  ];
}

/** Whether every frame of the splits that are here can be read, and nothing that they need is missing. */
const isComplete = ({ splits, parts, sample, failures }: DatasetReport): boolean =>
  sample !== undefined &&
  failures.length === 0 &&
  splits.every(({ frames, readable }) => frames === readable) &&
  parts.every(({ missing }) => missing === undefined);

function print(report: DatasetReport, picture: string | undefined): void {
  const { title, root, splits, parts, sample, failures } = report;
  console.log(`${title} in ${root}`);
  for (const line of splits.flatMap(splitLines)) console.log(line);
  for (const { name, found, missing } of parts)
    console.log(`${name}: ${found}${missing === undefined ? "" : `; missing: ${missing}`}`);
  for (const failure of failures) console.log(`could not be read: ${failure}`);
  if (sample && picture) {
    const made = sample.rendered ? ` (${sample.rendered.join(" and ")} rendered from the models)` : "";
    console.log(`drawn: ${sample.category}, ${sample.id}${made} → ${picture}`);
  }
}

async function draw(report: DatasetReport, path: string): Promise<string | undefined> {
  if (!report.sample) return undefined;
  const svg = staticSvg(plotSample(report.sample));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, path.endsWith(".svg") ? svg : await sharp(Buffer.from(svg)).png().toBuffer());
  return path;
}

async function check(name: string, root: string, options: CheckOptions): Promise<void> {
  const { split, index, category, out = `out/${name}-sample.png`, json = false } = options;
  assertInput(
    category === undefined || isCategory(category),
    `--category is ${JSON.stringify(category)}; give one of the six categories of NOCS`,
  );
  assertInput(/\.(png|svg)$/.test(out), `--out is ${JSON.stringify(out)}; name a .png or .svg file`);
  const open = options.open === "all" ? Number.POSITIVE_INFINITY : wholeNumber("data check", "open", options.open, 1);
  const onProgress = (frames: number, what: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${number(frames)} frames ${what}\x1b[K`);
  };
  const report = await checkDataset(name, root, { split, index, open, category: category as NocsCategory, onProgress });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const picture = await draw(report, out);
  const complete = isComplete(report);
  if (json) {
    const { sample, ...rest } = report;
    console.log(JSON.stringify({ ...rest, complete, sample: sample?.id, picture }));
  } else print(report, picture);
  if (!complete) process.exitCode = 1;
}

export function command(program: Command): void {
  const data = program.command("data").description("check data sets on disk");
  data
    .command("check <name> <root>")
    .description(
      `what of a data set is there and what is missing, and a picture of one sample: ${Object.keys(catalogue).join(", ")}`,
    )
    .option("--split <split>", "only this part of the data set")
    .option("--index <folder>", "keep the list of frames there, outside of the data set; a broken-off check goes on")
    .option("--category <category>", "of one's own captures, where their names do not tell it")
    .option(
      "--open <n>",
      "frames of each split to open, spread over it, or all; of the others only names are looked at",
      "10",
    )
    .option("--out <file>", "the picture, .png or .svg (default: out/NAME-sample.png)")
    .option("--json", "one JSON object, with all incomplete frames")
    .action(check);
}
