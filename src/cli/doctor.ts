/**
 * @file `posediff doctor`: what this machine is, which backend it gives and what the better ones lack.
 */
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { type BackendReport, ready } from "../backend";
import { findTools, type Tool } from "./doctor/findTools";
import { measureThroughput, type Throughput } from "./doctor/throughput";

const projectRoot = join(__dirname, "..", "..");

/** Everything that `posediff doctor` knows. */
export interface Diagnosis {
  machine: { processor: string; cores: number; memoryGb: number; architecture: string };
  system: string;
  node: string;
  backend: BackendReport;
  threads: number;
  throughput: Throughput;
  tools: readonly Tool[];
}

const systemName = (): string => {
  const release = "/etc/os-release";
  const name = existsSync(release) ? /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync(release, "utf8"))?.[1] : undefined;
  return `${name ? `${name}, ` : ""}${os.type()} ${os.release()}`;
};

/** Threads that the backend computes with: wasm has one under Node, native takes every core it is not denied. */
const threadsOf = (backend: BackendReport["backend"]): number => {
  if (backend !== "tensorflow") return 1;
  return Number(process.env.TF_NUM_INTRAOP_THREADS) || os.availableParallelism();
};

/** Look at the machine; the throughput takes about two seconds. */
export async function diagnose(): Promise<Diagnosis> {
  const backend = await ready();
  return {
    machine: {
      processor: os.cpus()[0]?.model.trim() || "unknown",
      cores: os.availableParallelism(),
      memoryGb: Math.round(os.totalmem() / 2 ** 30),
      architecture: os.arch(),
    },
    system: systemName(),
    node: process.versions.node,
    backend,
    threads: threadsOf(backend.backend),
    throughput: await measureThroughput(),
    tools: findTools(projectRoot),
  };
}

function describe({ machine, system, node, backend, threads, throughput, tools }: Diagnosis): string[] {
  const row = (name: string, text: string): string => `${name.padEnd(12)}${text}`;
  return [
    row("machine", `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.architecture}`),
    row("system", system),
    row("node", node),
    row("backend", `${backend.backend} from ${backend.source}, ${threads} thread${threads === 1 ? "" : "s"}`),
    ...(process.env.POSEDIFF_BACKEND ? [row("", "forced by POSEDIFF_BACKEND; no other was tried")] : []),
    ...backend.failures.map((sentence) => row("", `not taken: ${sentence}`)),
    row("matMul", `${throughput.matMulGflops.toFixed(1)} GFLOP/s`),
    row("conv2d", `${throughput.convolutionGflops.toFixed(1)} GFLOP/s`),
    ...tools.map(({ name, found, neededFor }) => row(name, found ?? `not found; needed for: ${neededFor}`)),
  ];
}

/** Register `posediff doctor`. */
export const command = (program: Command): void => {
  program
    .command("doctor")
    .description("tell the machine, the backend chosen, why better ones failed, and how fast it computes")
    .option("--json", "print one JSON object")
    .action(async (options: { json?: boolean }) => {
      const diagnosis = await diagnose();
      if (options.json) console.log(JSON.stringify(diagnosis, null, 1));
      else for (const line of describe(diagnosis)) console.log(line);
    });
};
