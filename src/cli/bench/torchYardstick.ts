/**
 * @file The same benchmarks in PyTorch, timed by `torchYardstick.py` in a process of its own.
 */
import os from "node:os";
import { join } from "node:path";
import { findPython } from "../findPython";
import { keepMemory } from "../keepMemory";
import { runProgram } from "../runProgram";

/** What PyTorch took. */
export interface TorchTiming {
  medianSeconds: number;
  minSeconds: number;
  runs: number;
  nfe?: number;
  version: string;
}

// The script is not compiled: it lies with the sources, seen from dist/cli/bench and from src/cli/bench alike.
const script = join(__dirname, "..", "..", "..", "src", "cli", "bench", "torchYardstick.py");

/** The Python that has torch, numpy and scipy, or one sentence that says there is none. */
export function findTorch(): { python: string } | { failure: string } {
  const python = findPython(["torch", "numpy", "scipy"]);
  if (python !== undefined) return { python };
  return {
    failure: "no Python with torch, numpy and scipy was found, so there are no ratios; POSEDIFF_PYTHON names one",
  };
}

/** Time the benchmark of this name in PyTorch, with as many threads as there are cores, and memory kept as we keep it. */
export function timeInTorch(python: string, name: string): TorchTiming | { failure: string } {
  const run = runProgram(python, [script, name, String(os.availableParallelism())], { env: keepMemory });
  return run.ok ? (JSON.parse(run.stdout) as TorchTiming) : { failure: `torchYardstick.py ${name}: ${run.failure}` };
}
