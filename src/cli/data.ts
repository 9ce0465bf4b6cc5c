/**
 * @file `posediff data`: what of a data set on disk is there, what is missing, and one sample of it as a picture.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Command } from "commander";
import sharp from "sharp";
import { assertInput } from "../check";
import { catalogue, count, someOf } from "../datasets/catalogue";
import { checkDataset, type DatasetReport, type SplitReport } from "../datasets/checkDataset";
import { isCategory, type NocsCategory } from "../geometry/symmetry";
import { plotSample } from "../viz/plotSample";
import { staticSvg } from "../viz/staticSvg";

interface CheckOptions {
  split?: string;
  index?: string;
  category?: string;
  out?: string;
  json?: boolean;
}

const number = (value: number): string => value.toLocaleString("en");

function splitLines({ split, folders, frames, readable, missingFiles, incomplete }: SplitReport): string[] {
  if (frames === 0) return [`${split}: not here`];
  const kinds = Object.entries(missingFiles).map(([kind, n]) => `${number(n)} lack ${kind}`);
  const head = `${split}: ${count(frames, "frame")} in ${count(folders, "folder")}, ${number(readable)} can be read`;
  if (kinds.length === 0) return [head];
  return [
    `${head}; ${kinds.join(", ")}`,
    `  incomplete: ${someOf(incomplete.map(({ frame, missing }) => `${frame} (${missing.join(", ")})`))}`,
  ];
}

/** Whether every frame of the splits that are here can be read, and nothing besides them is missing. */
const isComplete = ({ splits, parts, sample }: DatasetReport): boolean =>
  sample !== undefined &&
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
  const onProgress = (frames: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${number(frames)} frames listed\x1b[K`);
  };
  const report = await checkDataset(name, root, { split, index, category: category as NocsCategory, onProgress });
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
    .option("--out <file>", "the picture, .png or .svg (default: out/NAME-sample.png)")
    .option("--json", "one JSON object, with all incomplete frames")
    .action(check);
}
