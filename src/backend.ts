/**
 * @file The one door to tensors. Picks the best TensorFlow.js backend that this machine has and exports the one `tf`.
 *
 * Order: `@tensorflow/tfjs-node-gpu` → `@tensorflow/tfjs-node` in `.native/` (made by `posediff setup`) → wasm → cpu.
 * The native backends register themselves in the same tfjs-core, so `tf` is always plain `@tensorflow/tfjs`, and
 * nothing depends on which backend runs. With a native backend `tf` can be used at once; for wasm, which starts
 * asynchronously, `await ready()` first (until then `tf` computes on the slow cpu backend).
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { loadNative, type NativeAttempt } from "./backend/native";
import { registerWasmGradientKernels } from "./backend/wasmKernels";
import { assertInput } from "./check";

/** Names of the backends that can run the networks. */
export type BackendName = "tensorflow" | "wasm" | "cpu";

/** What was chosen and what was tried, one sentence per failed step. */
export interface BackendReport {
  backend: BackendName;
  /** The npm package that gave it. */
  source: string;
  /** One sentence for each better backend that could not be had. */
  failures: readonly string[];
  /** False while the asynchronous start of wasm is still to be awaited with `ready()`. */
  ready: boolean;
}

const backendNames: readonly BackendName[] = ["tensorflow", "wasm", "cpu"];
const projectRoot = join(__dirname, "..");
const nodeRequire = createRequire(__filename);

const forcedBackend = (): BackendName | undefined => {
  const forced = process.env.POSEDIFF_BACKEND;
  if (forced === undefined || forced === "") return undefined;
  const name = backendNames.find((known) => known === forced);
  assertInput(name, `POSEDIFF_BACKEND: expected ${backendNames.join(", ")}, got ${forced}; unset it to take the best`);
  return name;
};

/** TensorFlow.js, with the best backend set: the only `tf` of the library. */
export const tf: typeof import("@tensorflow/tfjs") = nodeRequire("@tensorflow/tfjs");

const failures: string[] = [];
const report: { backend: BackendName; source: string; ready: boolean } = {
  backend: "cpu",
  source: "@tensorflow/tfjs",
  ready: true,
};

const chooseNow = (): void => {
  tf.enableProdMode(); // silences the advice to install tfjs-node, which `backendReport` gives better
  const forced = forcedBackend();
  if (forced === undefined || forced === "tensorflow") {
    for (const attempt of nativeAttempts) {
      const failure = loadNative(tf, attempt);
      if (failure === undefined) {
        report.backend = "tensorflow";
        report.source = attempt.label;
        return;
      }
      failures.push(failure);
    }
    assertInput(forced === undefined, `POSEDIFF_BACKEND=tensorflow: ${failures.join("; ")}; run \`posediff setup\``);
  }
  void tf.setBackend("cpu"); // a synchronous backend: set before the call returns
  report.ready = forced === "cpu";
};

const nativeAttempts: readonly NativeAttempt[] = [
  { label: "@tensorflow/tfjs-node-gpu", path: "@tensorflow/tfjs-node-gpu" },
  {
    label: ".native/node_modules/@tensorflow/tfjs-node",
    path: join(projectRoot, ".native", "node_modules", "@tensorflow", "tfjs-node"),
  },
];

chooseNow();

let starting: Promise<BackendReport> | undefined;

/** Start wasm where no native backend was found; resolves at once where nothing is left to start. */
export function ready(): Promise<BackendReport> {
  starting ??= startWasm();
  return starting;
}

async function startWasm(): Promise<BackendReport> {
  if (report.ready) return backendReport();
  const failure = await useWasm();
  if (failure === undefined) {
    report.backend = "wasm";
    report.source = "@tensorflow/tfjs-backend-wasm";
  } else {
    failures.push(failure);
    await tf.setBackend("cpu");
    assertInput(forcedBackend() !== "wasm", `POSEDIFF_BACKEND=wasm: ${failure}; unset it to fall back to cpu`);
  }
  report.ready = true;
  return backendReport();
}

/** Load and set wasm; returns a sentence where that fails. */
async function useWasm(): Promise<string | undefined> {
  try {
    nodeRequire("@tensorflow/tfjs-backend-wasm");
    registerWasmGradientKernels(tf);
    return (await tf.setBackend("wasm"))
      ? undefined
      : "@tensorflow/tfjs-backend-wasm: the WebAssembly module did not start";
  } catch (error) {
    return `@tensorflow/tfjs-backend-wasm: ${(error as Error).message.split("\n")[0]}`;
  }
}

/** The backend chosen, where it came from and why the better ones failed. */
export function backendReport(): BackendReport {
  return { ...report, failures: [...failures] };
}

/**
 * Start every backend that is present and return their names, best first: tests run on all of them. The current
 * backend stays as it was.
 */
export async function presentBackends(): Promise<BackendName[]> {
  await ready();
  const current = tf.getBackend();
  const present: BackendName[] = report.backend === "tensorflow" ? ["tensorflow"] : [];
  if ((await useWasm()) === undefined) present.push("wasm");
  present.push("cpu");
  await tf.setBackend(current);
  return present;
}
