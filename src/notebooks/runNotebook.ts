/**
 * @file Runs a notebook from a clean kernel in a process of its own.
 */
import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { assertInput } from "../check";
import type { ExecuteMessage } from "./execute";
import { projectRoot } from "./projectRoot";

/** How a notebook is run. */
export interface RunNotebookOptions {
  /** Take the quick path: POSEDIFF_QUICK=1 for the cells. */
  quick?: boolean;
  /** Hears of each cell as it starts. */
  onMessage?: (message: ExecuteMessage) => void;
}

/** How it went. */
export interface RunNotebookResult {
  ok: boolean;
  seconds: number;
  /** Code cells. */
  cells: number;
  /** Seconds until the first figure, if there is one. */
  firstFigureSeconds?: number;
  /** The cell that failed, counted from 1 (0: the notebook could not be started), its code and its error. */
  failure?: { cell: number; source: string; error: string };
}

/**
 * Run `input` and write it with its outputs to `output` (which may be the same file); a failing cell ends the run, and
 * the outputs up to it are written.
 *
 * @throws InputError if the library is not built: the cells import it by its name, from dist/
 */
export function runNotebook(
  input: string,
  output: string,
  options: RunNotebookOptions = {},
): Promise<RunNotebookResult> {
  const program = join(projectRoot(), "dist", "notebooks", "execute.js");
  assertInput(
    existsSync(program),
    `runNotebook ${basename(input)}: the library is not built; run «npm run build» first`,
  );
  const started = performance.now();
  const result: RunNotebookResult = { ok: false, seconds: 0, cells: 0 };
  const child = fork(program, [input, output], {
    execArgv: ["--enable-source-maps"], // errors name the lines of src/
    env: { ...process.env, NODE_NO_WARNINGS: "1", POSEDIFF_QUICK: options.quick ? "1" : "0" },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  // Native libraries write past the kernel; that is worth reading only when the process dies.
  let native = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (text: Buffer) => {
      native = (native + text.toString()).slice(-4000);
    });
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  let cell = 0;
  child.on("message", (message: ExecuteMessage) => {
    if (message.kind === "start") result.cells = message.cells;
    if (message.kind === "cell") cell = message.cell;
    if (message.kind === "figure") result.firstFigureSeconds = message.seconds;
    if (message.kind === "failed") result.failure = message;
    if (message.kind === "done") result.ok = true;
    options.onMessage?.(message);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("exit", end);
      result.seconds = (performance.now() - started) / 1000;
      if (!result.ok && !result.failure) {
        const error = `the kernel died (${signal ?? `exit code ${code}`})${native ? `\n${native.trim()}` : ""}`;
        result.failure = { cell, source: "", error };
      }
      resolve(result);
    });
  });
}
