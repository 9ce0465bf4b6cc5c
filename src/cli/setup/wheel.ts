/**
 * @file Takes libtensorflow and its C headers out of the PyPI wheel of TensorFlow.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { findPython } from "../findPython";
import { runProgram } from "../runProgram";
import { unzip } from "./zip";

/** The smallest wheel whose C library the binding of tfjs-node 4.22 was found to work with (187 MB). */
const wheel = "tensorflow-cpu==2.13.1";
/** Any Python can fetch the wheel, whose C library is the same for all: so one interpreter tag is asked for by name. */
const wheelTags = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"];
const wheelPlatforms = ["--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_27_x86_64"];

const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
const headerFolders = ["tensorflow/c/", "tensorflow/core/platform/", "tensorflow/tsl/", "tsl/", "xla/tsl/c/"];

/** A Python with pip: the system's, or one in a new virtual environment in `folder`. */
function pythonWithPip(folder: string): string | { failure: string } {
  const withPip = findPython(["pip"]);
  if (withPip !== undefined) return withPip;
  const plain = findPython();
  if (plain === undefined) return { failure: "python3 is not installed" };
  const venv = join(folder, "python");
  const made = runProgram(plain, ["-m", "venv", venv]);
  return made.ok ? join(venv, "bin", "python") : { failure: "python3 has neither pip nor venv (Debian: python3-venv)" };
}

/**
 * Fetch a wheel from PyPI by pip.
 *
 * @param tags for which interpreter and platform; none for a wheel of pure Python
 * @returns its path in `folder`, or one sentence that says what lacks
 */
export function downloadWheel(
  requirement: string,
  folder: string,
  tags: readonly string[] = [],
): string | { failure: string } {
  const python = pythonWithPip(folder);
  if (typeof python !== "string") return python;
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary=:all:"];
  const got = runProgram(python, [...pip, ...tags, "--dest", folder, requirement]);
  const file = readdirSync(folder).find((name) => name.endsWith(".whl"));
  return file === undefined ? { failure: `pip could not download ${requirement}: ${got.failure}` } : join(folder, file);
}

/**
 * Fill `deps/lib` and `deps/include` of the package tfjs-node.
 *
 * @param packageFolder the folder of @tensorflow/tfjs-node
 * @returns undefined, or one sentence that says what lacks
 */
export function unpackLibtensorflow(packageFolder: string): string | undefined {
  const download = join(packageFolder, "deps", "download");
  const lib = join(packageFolder, "deps", "lib");
  const include = join(packageFolder, "deps", "include");
  for (const folder of [download, lib, include]) mkdirSync(folder, { recursive: true });
  const fetched = downloadWheel(wheel, download, [...wheelTags, ...wheelPlatforms]);
  if (typeof fetched !== "string") return fetched.failure;
  unzip(fetched, (name) => {
    const library = libraries.find((known) => name === `tensorflow/${known}`);
    if (library !== undefined) return join(lib, library);
    const header = name.startsWith("tensorflow/include/") ? name.slice("tensorflow/include/".length) : "";
    return header.endsWith(".h") && headerFolders.some((f) => header.startsWith(f)) ? join(include, header) : undefined;
  });
  rmSync(download, { recursive: true });
  if (!libraries.every((name) => existsSync(join(lib, name)))) return `${wheel} holds no ${libraries.join(" or ")}`;
  // The names that the linker and the binding ask for.
  symlinkSync("libtensorflow_cc.so.2", join(lib, "libtensorflow.so"));
  symlinkSync("libtensorflow_framework.so.2", join(lib, "libtensorflow_framework.so"));
  return undefined;
}
