/**
 * @file `posediff parity DIR`: runs every parity file of a folder through the library, one line per file.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { ready } from "../backend";
import { assertInput, InputError } from "../check";
import { parityRunners } from "./parity/index";
import { readParityFile } from "./parity/readParityFile";
import { type ParityResult, runParityFile } from "./parity/runParityFile";

/** What came of a folder. */
export interface ParityReport {
  results: readonly (ParityResult & { file: string })[];
  /** One sentence for each file that could not be read. */
  unreadable: readonly string[];
}

/**
 * Run every *.json of `folder`, in alphabetical order.
 *
 * @param onResult called after each file
 * @throws InputError if there is no such folder or no such file in it
 */
export async function runParity(
  folder: string,
  onResult: (result: ParityResult & { file: string }) => void = () => {},
): Promise<ParityReport> {
  assertInput(
    existsSync(folder) && statSync(folder).isDirectory(),
    `posediff parity: ${folder} is not a folder; give the folder that holds the parity files`,
  );
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  assertInput(
    files.length > 0,
    `posediff parity: there is no *.json in ${folder}; give the folder of the parity files`,
  );
  await ready();
  const results: (ParityResult & { file: string })[] = [];
  const unreadable: string[] = [];
  for (const file of files.sort()) {
    try {
      const content = readParityFile(join(folder, file));
      const runner = Object.hasOwn(parityRunners, content.component) ? parityRunners[content.component] : undefined;
      const result = { file, ...runParityFile(content, runner) };
      results.push(result);
      onResult(result);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unreadable.push(error.message);
    }
  }
  return { results, unreadable };
}

/** One line: component, cases passed, largest error, tolerance. */
function line(result: ParityResult): string {
  const name = result.component.padEnd(28);
  if (result.status === "not implemented") return `–  ${name} not implemented`;
  const mark = result.status === "passed" ? "✓" : "✗";
  const cases = `${result.passed}/${result.cases}`.padStart(7);
  return `${mark}  ${name} ${cases} cases   largest error ${result.largestError.toExponential(1)}   tolerance ${result.tolerance}`;
}

/** Register `posediff parity`: exit code 1 if an implemented component fails, 2 if a file cannot be read. */
export const command = (program: Command): void => {
  program
    .command("parity <folder>")
    .description("run the parity files of a folder (numbers of reference code) through the library")
    .option("--json", "print one JSON object")
    .action(async (folder: string, options: { json?: boolean }) => {
      const report = await runParity(folder, (result) => {
        if (options.json) return;
        console.log(line(result));
        for (const failure of result.failures) console.log(`     ${failure}`);
      });
      if (options.json) console.log(JSON.stringify(report, null, 1));
      for (const sentence of report.unreadable) console.error(sentence);
      if (report.unreadable.length > 0) process.exitCode = 2;
      else if (report.results.some((result) => result.status === "failed")) process.exitCode = 1;
    });
};
