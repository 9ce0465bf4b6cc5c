/**
 * @file Makes `.native/node_modules/@tensorflow/tfjs-node`, the native backend, outside node_modules because `npm ci`
 * wipes that.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../runProgram";
import { compileBinding } from "./binding";
import { unpackLibtensorflow } from "./wheel";

/** The same version as @tensorflow/tfjs, whose tfjs-core it shares. */
const nativePackage = "@tensorflow/tfjs-node@4.22.0";

/** How the native backend was got. */
export interface NativeSetup {
  ok: boolean;
  /** What was done, or one sentence for each way that failed. */
  sentences: readonly string[];
}

/** Options of `setupNativeTensorFlow`. */
export interface NativeSetupOptions {
  /** Called with one line per step. */
  log?: (line: string) => void;
  /** Seconds that the package's own download may take before the wheel is tried. */
  downloadLimitSeconds?: number;
}

/** Loads the package at argv[1] in a process of its own, where a crash does no harm, and computes 2². */
const probe = `process.env.TF_CPP_MIN_LOG_LEVEL = "3"; require("node:util").isNullOrUndefined ??= (v) => v == null;
const tf = require("@tensorflow/tfjs"); require(process.argv[1]);
if (!tf.findBackend("tensorflow")) throw new Error("Error: no tensorflow backend is registered");
tf.setBackend("tensorflow"); process.exit(tf.scalar(2).square().dataSync()[0] === 4 ? 0 : 3);`;

/**
 * Install the native backend unless it already works: first by the package's own download, then, on Linux x64, from
 * the PyPI wheel and a C++ compiler. Everything is built aside and moved into place when it works.
 */
export function setupNativeTensorFlow(
  projectRoot: string,
  { log = () => {}, downloadLimitSeconds = 120 }: NativeSetupOptions = {},
): NativeSetup {
  const packageIn = (folder: string): string => join(folder, "node_modules", "@tensorflow", "tfjs-node");
  const works = (folder: string): string | undefined => {
    const loaded = runProgram(process.execPath, ["-e", probe, packageIn(folder)], { cwd: projectRoot });
    return loaded.ok ? undefined : loaded.failure;
  };
  const native = join(projectRoot, ".native");
  if (works(native) === undefined) return { ok: true, sentences: ["the native backend is there and works"] };

  const building = join(native, `building-${process.pid}`);
  const failures: string[] = [];
  try {
    mkdirSync(building, { recursive: true });
    log(`fetching ${nativePackage}`);
    const fetched = fetchPackage(building);
    if (fetched !== undefined) return { ok: false, sentences: [fetched] };
    const ways: readonly [string, () => string | undefined][] = [
      ["its own download", () => ownDownload(packageIn(building), building, downloadLimitSeconds)],
      ["the PyPI wheel", () => fromWheel(packageIn(building), log)],
    ];
    for (const [way, take] of ways) {
      log(`trying ${way}`);
      const failure = take() ?? works(building);
      if (failure === undefined) {
        rmSync(join(native, "node_modules"), { recursive: true, force: true });
        renameSync(join(building, "node_modules"), join(native, "node_modules"));
        return { ok: true, sentences: [...failures, `the native backend was installed from ${way}`] };
      }
      failures.push(`${way} failed: ${failure}`);
    }
    return { ok: false, sentences: failures };
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** Fetch the package without its install script, and drop its copy of tfjs so that it finds the project's. */
function fetchPackage(folder: string): string | undefined {
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", nativePackage];
  const installed = runProgram("npm", args, { cwd: folder });
  if (!installed.ok) return `npm could not fetch ${nativePackage}: ${installed.failure}`;
  const scope = join(folder, "node_modules", "@tensorflow");
  for (const name of readdirSync(scope))
    if (name !== "tfjs-node") rmSync(join(scope, name), { recursive: true, force: true });
  return undefined;
}

function ownDownload(packageFolder: string, folder: string, limitSeconds: number): string | undefined {
  const path = `${join(folder, "node_modules", ".bin")}:${process.env.PATH ?? ""}`;
  const env = { PATH: process.platform === "win32" ? (process.env.PATH ?? "") : path };
  const run = runProgram(process.execPath, [join("scripts", "install.js")], { cwd: packageFolder, env, limitSeconds });
  return run.ok ? undefined : run.failure;
}

function fromWheel(packageFolder: string, log: (line: string) => void): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64")
    return `the wheel fits linux-x64, this is ${process.platform}-${process.arch}`;
  rmSync(join(packageFolder, "deps"), { recursive: true, force: true }); // what the download left unfinished
  const unpacked = unpackLibtensorflow(packageFolder);
  if (unpacked !== undefined) return unpacked;
  log("compiling the binding");
  return compileBinding(packageFolder);
}
