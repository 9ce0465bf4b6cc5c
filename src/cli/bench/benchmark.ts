/**
 * @file What a benchmark is.
 */
import type { Timing } from "./measure";

/** How fast one thing runs. */
export interface BenchmarkResult extends Timing {
  /** Further figures: score calls, samples per second, … */
  details?: Readonly<Record<string, number>>;
}

/** One thing to time. */
export interface Benchmark {
  name: string;
  /** What is done once, with its sizes. */
  what: string;
  run: () => Promise<BenchmarkResult>;
  /** torchYardstick.py times the same under the same name. */
  inTorch: boolean;
}
