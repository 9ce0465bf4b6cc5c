/**
 * @file Looks for the programs that set-up, lab and figures may use.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findPython } from "../findPython";
import { runProgram } from "../runProgram";

/** A program: where it is or what its version says, and what it is for. */
export interface Tool {
  name: string;
  /** Undefined if it was not found. */
  found: string | undefined;
  neededFor: string;
}

const onPath = (...names: readonly string[]): string | undefined => {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const suffixes = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  const places = names.flatMap((n) => folders.flatMap((folder) => suffixes.map((s) => join(folder, n + s))));
  return places.find((place) => existsSync(place));
};

const firstLine = (program: string, args: readonly string[]): string | undefined => {
  const run = runProgram(program, args, { limitSeconds: 60 });
  return run.ok ? run.stdout.split("\n")[0]?.trim() : undefined;
};

/** Whether Python has a module; its version where it tells one. */
const pythonModule = (python: string | undefined, name: string): string | undefined => {
  const code = `import ${name}; print(getattr(${name}, "__version__", "present"))`;
  return python === undefined ? undefined : firstLine(python, ["-c", code]);
};

/** Every program that some command can make use of. */
export function findTools(projectRoot: string): Tool[] {
  const python = findPython();
  const jupyter = join(projectRoot, ".venv", "bin", "jupyter-lab");
  return [
    {
      name: "python3",
      found: python && firstLine(python, ["--version"]),
      neededFor: "setup from the wheel, lab, bench ratios",
    },
    { name: "pip", found: pythonModule(python, "pip"), neededFor: "setup from the wheel" },
    { name: "venv", found: pythonModule(python, "ensurepip"), neededFor: "lab (Debian: python3-venv)" },
    { name: "torch", found: pythonModule(python, "torch"), neededFor: "bench ratios" },
    { name: "g++", found: firstLine(process.env.CXX || "g++", ["--version"]), neededFor: "setup from the wheel" },
    { name: "jupyter", found: existsSync(jupyter) ? jupyter : onPath("jupyter-lab"), neededFor: "lab (made in .venv)" },
    {
      name: "chromium",
      found: onPath("chromium", "chromium-browser", "google-chrome", "chrome"),
      neededFor: "tests of the notebooks' figures",
    },
  ];
}
