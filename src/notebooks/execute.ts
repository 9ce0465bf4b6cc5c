/**
 * @file The child process that runs one notebook: `node execute.js in.ipynb out.ipynb`. It tells its parent what happens
 * by messages, because the kernel takes stdout and stderr for the cells.
 */
import { dirname, resolve } from "node:path";
import { startKernel } from "./kernel";
import { joinText, type Notebook, type Output, readNotebook, splitText, writeNotebook } from "./notebook";

/** What the child says. `cell` counts the code cells from 1. */
export type ExecuteMessage =
  | { kind: "start"; cells: number }
  | { kind: "cell"; cell: number; cells: number; firstLine: string }
  | { kind: "figure"; seconds: number }
  | { kind: "failed"; cell: number; source: string; error: string }
  | { kind: "done" };

const say = (message: ExecuteMessage): Promise<void> =>
  new Promise((done) => {
    if (process.send) process.send(message, () => done());
    else done();
  });

async function execute(input: string, output: string): Promise<boolean> {
  const started = performance.now();
  const notebook = readNotebook(input);
  const code = notebook.cells.filter((cell) => cell.cell_type === "code" && joinText(cell.source).trim() !== "");
  process.chdir(dirname(input)); // Jupyter starts a kernel in the folder of its notebook
  for (const cell of notebook.cells)
    if (cell.cell_type === "code") Object.assign(cell, { outputs: [], execution_count: null });
  await say({ kind: "start", cells: code.length });
  const kernel = startKernel(process.cwd());
  let ok = true;
  let figureSeen = false;
  for (const [i, cell] of code.entries()) {
    const source = joinText(cell.source);
    await say({ kind: "cell", cell: i + 1, cells: code.length, firstLine: firstLineOf(source) });
    const result = await kernel.execute(source);
    cell.outputs = result.outputs;
    cell.execution_count = result.executionCount;
    if (!figureSeen && result.outputs.some((output) => "data" in output && "image/svg+xml" in output.data)) {
      figureSeen = true;
      await say({ kind: "figure", seconds: (performance.now() - started) / 1000 });
    }
    if (!result.ok) {
      ok = false;
      await say({ kind: "failed", cell: i + 1, source, error: errorText(result.outputs) });
      break;
    }
  }
  writeNotebook(output, stored(notebook, kernel.languageInfo));
  if (ok) await say({ kind: "done" });
  return ok;
}

/** Streams as lines; nothing that depends on the machine or the hour. */
function stored(notebook: Notebook, languageInfo: Record<string, unknown>): Notebook {
  for (const cell of notebook.cells) {
    delete cell.metadata.execution; // JupyterLab's time stamps
    for (const output of cell.outputs ?? [])
      if (output.output_type === "stream") output.text = splitText(joinText(output.text));
  }
  notebook.metadata.language_info = languageInfo;
  return notebook;
}

/** The line that tells what a cell is about: its first comment or statement. */
const firstLineOf = (source: string): string => (source.trim().split("\n")[0] ?? "").slice(0, 60);

const errorText = (outputs: readonly Output[]): string =>
  outputs
    .map((output) => (output.output_type === "stream" && output.name === "stderr" ? joinText(output.text) : ""))
    .join("")
    .trim();

if (require.main === module) {
  // A promise that a cell forgot must not end the kernel: tslab's own kernel prints it too.
  process.on("uncaughtException", (error) => console.error("UncaughtException:", error));
  process.on("disconnect", () => process.exit(1)); // the parent is gone, and with it whoever waits for the result
  process.on("unhandledRejection", (reason) => console.error("UnhandledPromiseRejection:", reason));
  const [input, output] = process.argv.slice(2).map((file) => resolve(file));
  execute(input, output).then(
    (ok) => process.exit(ok ? 0 : 1),
    async (error: Error) => {
      await say({ kind: "failed", cell: 0, source: "", error: error.message });
      process.exit(1);
    },
  );
}
