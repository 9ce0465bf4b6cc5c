/**
 * @file Loads a package that claims to bring the native «tensorflow» backend, and believes it only when the backend
 * is there.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute } from "node:path";
import util from "node:util";

/** A package to try: its name or folder, and what to call it in a report. */
export interface NativeAttempt {
  label: string;
  path: string;
}

/**
 * Require the package and set its backend. A look at `tf` is needed after that, because `@tensorflow/tfjs-node` may be
 * an alias of plain tfjs (danfojs-node's override makes one), which loads without complaint and brings nothing.
 *
 * @returns undefined if `tf` now runs on the native backend, else one sentence that says why not
 */
export function loadNative(tf: typeof import("@tensorflow/tfjs"), attempt: NativeAttempt): string | undefined {
  const nodeRequire = createRequire(__filename);
  if (isAbsolute(attempt.path)) {
    if (!existsSync(attempt.path)) return `${attempt.label} is not there (\`posediff setup\` makes it)`;
  } else {
    try {
      nodeRequire.resolve(attempt.path);
    } catch {
      return `${attempt.label} is not installed (an optional dependency whose own download failed or was skipped)`;
    }
  }
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 took away.
  const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
  try {
    nodeRequire(attempt.path);
  } catch (error) {
    tf.removeBackend("tensorflow");
    return `${attempt.label} does not load: ${(error as Error).message.split("\n")[0]}`;
  }
  if (tf.findBackend("tensorflow") === null)
    return `${attempt.label} registers no «tensorflow» backend in the library's tfjs-core (an alias, or a copy of its own)`;
  void tf.setBackend("tensorflow"); // a synchronous backend: set before the call returns
  return undefined;
}
