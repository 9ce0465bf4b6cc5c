/**
 * @file `posediff notebooks`: runs the walkthroughs from clean kernels and makes pages of them.
 */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { assertInput } from "../check";
import type { ExecuteMessage } from "../notebooks/execute";
import { countOutputs, readNotebook, titleOf } from "../notebooks/notebook";
import { type IndexEntry, indexPage } from "../notebooks/page/indexPage";
import { notebookPage } from "../notebooks/page/notebookPage";
import { projectRoot } from "../notebooks/projectRoot";
import { type RunNotebookResult, runNotebook } from "../notebooks/runNotebook";

/** Options of the command. */
export interface RunNotebooksOptions {
  /** Where the notebooks lie. */
  folder?: string;
  /** Where executed notebooks and pages go. */
  out?: string;
  quick?: boolean;
  /** Store the outputs in the notebooks themselves. */
  write?: boolean;
  /** Where progress and the table go. */
  log?: (line: string) => void;
}

/** One notebook's row of the table. */
export interface NotebookReport extends IndexEntry {
  name: string;
  result: RunNotebookResult;
}

/**
 * Run the notebooks called `names` (all of the folder if there are none), write `NAME.ipynb`, `NAME.html` and
 * `index.html` to `out`, and print the table.
 *
 * @throws InputError for an unknown name, for `write` together with `quick`, or if the library is not built
 */
export async function runNotebooks(
  names: readonly string[] = [],
  options: RunNotebooksOptions = {},
): Promise<NotebookReport[]> {
  const { folder = join(projectRoot(), "notebooks"), quick = false, write = false, log = console.log } = options;
  const out = resolve(options.out ?? join(projectRoot(), "out"));
  assertInput(
    !(quick && write),
    "notebooks: --write stores what readers see, so it needs the full path; leave --quick out",
  );
  const chosen = chooseNotebooks(folder, names);
  mkdirSync(out, { recursive: true });
  const started = performance.now();
  const reports: NotebookReport[] = [];
  for (const [i, name] of chosen.entries()) {
    log(`${name} (${i + 1} of ${chosen.length})`);
    const executed = join(out, `${name}.ipynb`);
    const result = await runNotebook(join(folder, `${name}.ipynb`), executed, {
      quick,
      onMessage: progressLines(started, log),
    });
    const notebook = readNotebookOr(executed, join(folder, `${name}.ipynb`), result);
    if (result.failure) log(failureText(name, result.failure));
    reports.push({
      name,
      title: titleOf(notebook, name),
      href: `${name}.html`,
      ok: result.ok,
      seconds: result.seconds,
      ...countOutputs(notebook),
      result,
    });
    if (result.ok && write) copyFileSync(executed, join(folder, `${name}.ipynb`));
  }
  for (const [i, { name }] of reports.entries()) {
    const page = notebookPage(readNotebook(join(out, `${name}.ipynb`)), {
      folder,
      name,
      previous: reports[i - 1],
      next: reports[i + 1],
    });
    writeFileSync(join(out, `${name}.html`), page);
  }
  writeFileSync(join(out, "index.html"), indexPage(reports, quick));
  for (const line of table(reports)) log(line);
  log(`pages: ${join(relative(process.cwd(), out) || ".", "index.html")}`);
  return reports;
}

function chooseNotebooks(folder: string, names: readonly string[]): string[] {
  const present = readdirSync(folder)
    .filter((file) => file.endsWith(".ipynb"))
    .map((file) => basename(file, ".ipynb"))
    .sort();
  const listing = present.join(", ") || "none";
  const found = names.map((name) => {
    const wanted = basename(name, ".ipynb");
    // «00» is enough for 00-quickstart.
    const matches = present.filter((candidate) => candidate === wanted || candidate.startsWith(`${wanted}-`));
    assertInput(matches.length === 1, `notebooks: ${name} names ${matches.length} notebooks; choose one of ${listing}`);
    return matches[0];
  });
  assertInput(present.length > 0, `notebooks: ${basename(folder)} holds no notebook (.ipynb); nothing to run`);
  return found.length > 0 ? [...new Set(found)] : present;
}

/** A kernel that died has written nothing: its page shows the notebook as it was. */
function readNotebookOr(
  executed: string,
  original: string,
  result: RunNotebookResult,
): ReturnType<typeof readNotebook> {
  if (!result.ok && (result.failure?.source ?? "") === "") copyFileSync(original, executed);
  return readNotebook(executed);
}

/** «cell 3 of 20 · 1.2 s · 0 min 14 s in all · const cloud = …», on a terminal in one line that is written over. */
function progressLines(runStarted: number, log: (line: string) => void): (message: ExecuteMessage) => void {
  const live = log === console.log && process.stdout.isTTY === true;
  let cellStarted = performance.now();
  let current = "";
  const finishCell = (): void => {
    if (current === "") return;
    const now = performance.now();
    const line = `  ${current} · ${((now - cellStarted) / 1000).toFixed(1)} s · ${clock((now - runStarted) / 1000)} in all`;
    if (live) process.stdout.write(`\r\u001b[2K${line}`);
    else log(line);
    current = "";
  };
  return (message) => {
    finishCell();
    if (message.kind === "cell") {
      current = `cell ${message.cell} of ${message.cells}`;
      cellStarted = performance.now();
      if (live)
        process.stdout.write(
          `\r\u001b[2K  ${current} · ${clock((cellStarted - runStarted) / 1000)} in all · ${message.firstLine}`,
        );
    } else if (live && message.kind !== "figure" && message.kind !== "start") process.stdout.write("\n");
  };
}

const clock = (seconds: number): string => `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;

/** The error without the frames of the kernel's own machinery. */
function failureText(name: string, { cell, source, error }: NonNullable<RunNotebookResult["failure"]>): string {
  const machinery = /^\s+at .*(?:node:|tslab[\\/]dist|evalmachine)/;
  const indent = (text: string): string => text.replace(/^/gm, "    ");
  const told = error
    .split("\n")
    .filter((line) => !machinery.test(line))
    .join("\n")
    .replace(/\n{2,}/g, "\n");
  const code = source ? `\n${indent(source.trim())}\n` : "\n";
  return `${name}: cell ${cell} failed${code}${indent(told)}`;
}

function table(reports: readonly NotebookReport[]): string[] {
  const width = Math.max(8, ...reports.map(({ name }) => name.length));
  const row = (name: string, minutes: string, figures: string, checks: string, end: string): string =>
    `${name.padEnd(width)}  ${minutes.padStart(7)}  ${figures.padStart(7)}  ${checks.padStart(13)}  ${end}`.trimEnd();
  const sum = (read: (report: NotebookReport) => number): number => reports.reduce((a, report) => a + read(report), 0);
  const minutes = (seconds: number): string => (seconds / 60).toFixed(1);
  return [
    "",
    row("notebook", "minutes", "figures", "checks passed", ""),
    ...reports.map(({ name, seconds, figures, checks, ok }) =>
      row(name, minutes(seconds), String(figures), String(checks), ok ? "" : "failed"),
    ),
    row("all", minutes(sum((r) => r.seconds)), String(sum((r) => r.figures)), String(sum((r) => r.checks)), ""),
  ];
}

/** Register `posediff notebooks`. Exit code 1 if a cell failed. */
export const command = (program: Command): void => {
  program
    .command("notebooks")
    .description("run the walkthroughs from clean kernels; write executed notebooks and offline pages")
    .argument("[names...]", "notebooks to run, such as 00 or 00-quickstart; all if none is given")
    .option("--quick", "the quick path: fewer samples and steps")
    .option("--out <folder>", "where the pages go", "out")
    .option("--write", "store the outputs in notebooks/ as well")
    .action(async (names: string[], { quick, out, write }: { quick?: boolean; out: string; write?: boolean }) => {
      const reports = await runNotebooks(names, { quick, out, write });
      if (reports.some(({ ok }) => !ok)) process.exitCode = 1;
    });
};
