/**
 * @file Large blocks of memory: kept for the next use instead of handed back to the system.
 *
 * glibc hands them back after every use and gets them again page by page; at the published network sizes that is a
 * third of our time and two thirds or more of PyTorch's. It reads its settings once, when a process starts.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Settings of glibc's malloc, as environment variables; other systems do not look at them. */
export const keepMemory: Readonly<Record<string, string>> = {
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: "100000000000",
};

/** Why a process may have been ended that did not end itself. */
const causes: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "most often there was too little memory",
  SIGABRT: "a fault in native code",
  SIGSEGV: "a fault in native code",
  SIGBUS: "a fault in native code, or the disk is full",
};

/**
 * Run this very command line again in a process that keeps its memory, pass signals on to it, and take over its exit
 * code; where a signal ended it, say so.
 *
 * @returns false where that is not needed: this process keeps its memory already, or the system has no glibc
 */
export async function rerunKeepingMemory(): Promise<boolean> {
  const settled = Object.keys(keepMemory).every((name) => process.env[name] !== undefined);
  if (process.platform !== "linux" || settled) return false;
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, ...keepMemory },
    detached: true, // a group of its own: Ctrl-C reaches it once, from here
  });
  const pass = (signal: NodeJS.Signals): boolean => child.kill(signal);
  process.on("SIGINT", pass).on("SIGTERM", pass);
  process.exitCode = await new Promise<number>((done, failed) => {
    child.once("error", failed).once("exit", (code, signal) => {
      if (signal === null) return done(code ?? 1);
      const cause = causes[signal] ? ` (${causes[signal]})` : "";
      console.error(
        `${signal} ended the process that worked${cause}; what it saved is kept, and the same command goes on from there`,
      );
      done(128 + constants.signals[signal]);
    });
  });
  process.off("SIGINT", pass).off("SIGTERM", pass);
  return true;
}
