/**
 * @file `posediff lab`: JupyterLab on the walkthroughs, with live plots.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Command } from "commander";
import { assertInput } from "../check";
import { findJupyter, jupyterEnvironment, writeJupyterSettings } from "../notebooks/jupyter";
import { runCell, waitForServer } from "../notebooks/labCheck";
import { projectRoot } from "../notebooks/projectRoot";
import { findPython } from "./findPython";
import { runProgram } from "./runProgram";

/** Options of the command. */
export interface LabOptions {
  port?: number;
  /** Open the browser. */
  browser?: boolean;
  /** Start, let the kernel run a cell, stop. */
  check?: boolean;
}

/**
 * Start JupyterLab on notebooks/ and wait for its end.
 *
 * @returns its exit code; 0 for a check that held
 * @throws InputError if JupyterLab can't be had, or if a check does not hold
 */
export async function lab({ port = 8888, browser = true, check = false }: LabOptions = {}): Promise<number> {
  const root = projectRoot();
  assertInput(existsSync(join(root, "dist", "index.js")), "lab: the library is not built; run «npm run build» first");
  const jupyter = findJupyter(root, runProgram, findPython(), console.log);
  writeJupyterSettings(root);
  const token = check ? randomBytes(16).toString("hex") : undefined;
  const chosen = check ? await freePort() : port;
  const args = ["lab", `--ServerApp.root_dir=${join(root, "notebooks")}`, `--port=${chosen}`];
  if (!browser || check) args.push("--no-browser");
  if (check) args.push(`--IdentityProvider.token=${token}`, "--ServerApp.port_retries=0");
  if (process.getuid?.() === 0) args.push("--allow-root"); // in containers
  const child = spawn(jupyter, args, {
    cwd: join(root, "notebooks"),
    env: { ...process.env, ...jupyterEnvironment(root) },
    stdio: check ? "ignore" : "inherit",
    shell: process.platform === "win32",
  });
  if (!check) return untilEnd(child);
  try {
    await waitForServer({ port: chosen, token: token as string }, () => child.exitCode === null);
    const code = 'import { inNotebook } from "posediff";\nconsole.log(inNotebook(), 6 * 7);';
    const printed = await runCell({ port: chosen, token: token as string }, code);
    assertInput(printed.trim() === "true 42", `lab: the kernel's cell printed «${printed.trim()}», expected «true 42»`);
    console.log("lab: JupyterLab started, and the kernel tslab ran a cell with the library");
    return 0;
  } finally {
    child.kill("SIGTERM");
    await untilEnd(child);
  }
}

function untilEnd(child: ChildProcess): Promise<number> {
  // Ctrl-C reaches JupyterLab too, which asks whether to stop: this process waits for the answer.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  return new Promise<number>((resolve, reject) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 0));
  }).finally(() => process.off("SIGINT", ignore));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Register `posediff lab`. */
export const command = (program: Command): void => {
  program
    .command("lab")
    .description("open JupyterLab on the walkthroughs (makes .venv where there is no JupyterLab)")
    .option("--port <number>", "port of the server", "8888")
    .option("--no-browser", "do not open a browser")
    .option("--check", "start it, let the kernel run a cell, stop")
    .action(async ({ port, browser, check }: { port: string; browser: boolean; check?: boolean }) => {
      const number = Number(port);
      assertInput(Number.isInteger(number) && number > 0 && number < 65536, `lab: --port is ${port}; pass 1 to 65535`);
      process.exitCode = await lab({ port: number, browser, check });
    });
};
