/**
 * @file Runs another program and keeps what it said, so that a failure can be told in one sentence.
 */
import { spawnSync } from "node:child_process";

/** What a program did. */
export interface ProgramResult {
  ok: boolean;
  stdout: string;
  /** Why it failed: the last line that it wrote, or why it could not be started. Empty if it did not fail. */
  failure: string;
}

/** Where and how long a program may run. */
export interface ProgramOptions {
  cwd?: string;
  /** Added to the environment of this process. */
  env?: Readonly<Record<string, string>>;
  /** Seconds after which it is ended. */
  limitSeconds?: number;
}

/** Run `program` to its end; never throws. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, limitSeconds = 600 }: ProgramOptions = {},
): ProgramResult {
  const run = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    timeout: limitSeconds * 1000,
    maxBuffer: 1 << 26,
    shell: process.platform === "win32", // npm is a .cmd file there, which only a shell runs
  });
  const stdout = run.stdout ?? "";
  if (run.status === 0) return { ok: true, stdout, failure: "" };
  return { ok: false, stdout, failure: failureOf(run, program, limitSeconds) };
}

function failureOf(run: ReturnType<typeof spawnSync>, program: string, limitSeconds: number): string {
  const code = (run.error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOENT") return `${program} is not installed`;
  if (code === "ETIMEDOUT") return `${program} took longer than ${limitSeconds} s`;
  const lines = `${run.stdout ?? ""}\n${run.stderr ?? ""}`.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) => /error:|not found|no module|cannot|failed/i.test(line) && !/^at /.test(line));
  const last = telling.at(-1) ?? lines.filter((line) => line !== "").at(-1);
  return last ?? run.error?.message ?? `${program} ended with code ${run.status ?? run.signal}`;
}
