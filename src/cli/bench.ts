/**
 * @file `posediff bench [NAME]`: medians of what takes the time, as ratios to PyTorch where there is one.
 */
import type { Command } from "commander";
import { backendReport, ready } from "../backend";
import { assertInput } from "../check";
import type { Benchmark, BenchmarkResult } from "./bench/benchmark";
import { dataRate, photoRate, rasterizeSix } from "./bench/dataBenchmarks";
import { bopScoring, nocsMapTime } from "./bench/evaluationBenchmarks";
import { frameIndexTime } from "./bench/indexBenchmark";
import { matmul } from "./bench/matmulBenchmark";
import { meanShiftPlusPlusTime, meanShiftTime } from "./bench/modeBenchmarks";
import { encoderForward, trainingStep } from "./bench/networkBenchmarks";
import { ddim500, rk45From055 } from "./bench/samplerBenchmarks";
import { templateSearch } from "./bench/templateBenchmarks";
import { findTorch, type TorchTiming, timeInTorch } from "./bench/torchYardstick";
import { unetForward } from "./bench/unetBenchmark";
import { rerunKeepingMemory } from "./keepMemory";

const benchmarks: readonly Benchmark[] = [
  encoderForward,
  trainingStep,
  ddim500,
  rk45From055,
  dataRate,
  photoRate,
  rasterizeSix,
  frameIndexTime,
  meanShiftPlusPlusTime,
  meanShiftTime,
  nocsMapTime,
  bopScoring,
  templateSearch,
  unetForward,
  matmul,
];

/** One benchmark's figures. */
export interface BenchRow extends BenchmarkResult {
  name: string;
  what: string;
  /** PyTorch's figures in the same run. */
  torch?: TorchTiming;
  /** Our median over PyTorch's: below 1 we are faster. */
  ratio?: number;
}

/** All figures of a run. */
export interface BenchReport {
  backend: string;
  rows: readonly BenchRow[];
  /** One sentence for each ratio, or all, that could not be had. */
  failures: readonly string[];
}

/**
 * Run one benchmark or all, each right before PyTorch's, so that both meet the machine in the same state.
 *
 * @throws InputError for an unknown name
 */
export async function runBenchmarks(name?: string, onRow: (row: BenchRow) => void = () => {}): Promise<BenchReport> {
  const chosen = benchmarks.filter((benchmark) => name === undefined || benchmark.name === name);
  const known = benchmarks.map((benchmark) => benchmark.name).join(", ");
  assertInput(chosen.length > 0, `posediff bench: there is no benchmark ${name}; choose one of ${known}`);
  await ready();
  const torch = chosen.some(({ inTorch }) => inTorch) ? findTorch() : undefined;
  const failures = torch !== undefined && "failure" in torch ? [torch.failure] : [];
  const rows: BenchRow[] = [];
  for (const { name, what, run, inTorch } of chosen) {
    const row: BenchRow = { name, what, ...(await run()) };
    if (inTorch && torch !== undefined && "python" in torch) {
      const timing = timeInTorch(torch.python, name);
      if ("failure" in timing) failures.push(timing.failure);
      else Object.assign(row, { torch: timing, ratio: row.medianSeconds / timing.medianSeconds });
    }
    rows.push(row);
    onRow(row);
  }
  return { backend: backendReport().backend, rows, failures };
}

const milliseconds = (seconds: number): string => `${(1000 * seconds).toPrecision(3)} ms`.padStart(10);

function line({ name, medianSeconds, torch, ratio, details = {} }: BenchRow): string {
  const figures = Object.entries(details).map(([key, value]) => `${key} ${Number(value.toPrecision(3))}`);
  if (torch !== undefined && ratio !== undefined)
    figures.unshift(`PyTorch${milliseconds(torch.medianSeconds)}   ratio ${ratio.toFixed(2)}`);
  return `${name.padEnd(16)}${milliseconds(medianSeconds)}   ${figures.join("   ")}`.trimEnd();
}

/** Register `posediff bench`. */
export const command = (program: Command): void => {
  program
    .command("bench [name]")
    .description(`medians of ${benchmarks.map(({ name }) => name).join(", ")}; ratios to PyTorch where Python has it`)
    .option("--json", "print one JSON object")
    .action(async (name: string | undefined, options: { json?: boolean }) => {
      if (await rerunKeepingMemory()) return;
      const report = await runBenchmarks(name, (row) => {
        if (!options.json) console.log(line(row));
      });
      if (options.json) console.log(JSON.stringify(report, null, 1));
      else for (const sentence of report.failures) console.log(sentence);
    });
};
