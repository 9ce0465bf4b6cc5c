/**
 * @file Finds a Python: POSEDIFF_PYTHON where it is set, else `python3`, else `python`.
 */
import { runProgram } from "./runProgram";

/** Programs to try, in order. */
const candidates = (): readonly string[] =>
  process.env.POSEDIFF_PYTHON ? [process.env.POSEDIFF_PYTHON] : ["python3", "python"];

/** The first Python that can import all of `modules`, or undefined. */
export function findPython(modules: readonly string[] = []): string | undefined {
  const code = ["import sys", ...modules.map((name) => `import ${name}`), "sys.exit(sys.version_info[0] != 3)"].join(
    "; ",
  );
  return candidates().find((program) => runProgram(program, ["-c", code], { limitSeconds: 60 }).ok);
}
