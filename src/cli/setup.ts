/**
 * @file `posediff setup`: makes the best backend that this machine allows, and fetches the pretrained network of template
 * matching.
 */
import { join } from "node:path";
import type { Command } from "commander";
import { type FetchedWeights, fetchEfficientNet } from "./setup/efficientNet";
import { type NativeSetup, setupNativeTensorFlow } from "./setup/nativeTensorFlow";

const projectRoot = join(__dirname, "..", "..");

/** Options of the command. */
interface SetupOptions {
  json?: boolean;
  downloadLimit: string;
}

/** Set the native backend up and say what happened; the wasm backend stands in where it cannot be had. */
export function setup(log: (line: string) => void = console.log, downloadLimitSeconds?: number): NativeSetup {
  return setupNativeTensorFlow(projectRoot, { log: (line) => log(`setup: ${line}`), downloadLimitSeconds });
}

/** EfficientNet-Lite0 for template matching; what needs it says so where it could not be had. */
export const setupWeights = (log: (line: string) => void = console.log): FetchedWeights =>
  fetchEfficientNet((line) => log(`setup: ${line}`));

/** Register `posediff setup`. Its exit code is 0 without a native backend too: the fallback runs everything. */
export const command = (program: Command): void => {
  program
    .command("setup")
    .description(
      "install the native TensorFlow backend into .native/ (wasm stands in where that fails), and EfficientNet-Lite0",
    )
    .option("--download-limit <seconds>", "time for the package's own download before the wheel is tried", "120")
    .option("--json", "print one JSON object")
    .action((options: SetupOptions) => {
      const started = Date.now();
      const log = options.json ? () => {} : console.log;
      const result = setup(log, Number(options.downloadLimit));
      const weights = setupWeights(log);
      const seconds = (Date.now() - started) / 1000;
      if (options.json) console.log(JSON.stringify({ ...result, weights, seconds }));
      else {
        for (const sentence of [...result.sentences, weights.sentence]) console.log(`setup: ${sentence}`);
        console.log(`setup: ${result.ok ? "native TensorFlow" : "wasm"} will be used (${seconds.toFixed(1)} s)`);
      }
    });
};
