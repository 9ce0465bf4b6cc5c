/**
 * @file Compiles the binding of tfjs-node (two C++ files of the package) against libtensorflow.
 */
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { runProgram } from "../runProgram";

const nodeRequire = createRequire(__filename);

/** The folder with `node_api.h`: beside this Node, of the system, or of the npm package node-api-headers. */
function nodeHeaders(): string | undefined {
  const folders = [join(dirname(realpathSync(process.execPath)), "..", "include", "node"), "/usr/include/node"];
  try {
    folders.push(join(dirname(nodeRequire.resolve("node-api-headers/package.json")), "include"));
  } catch {
    // a development dependency, absent after `npm ci --omit=dev`
  }
  return folders.find((folder) => existsSync(join(folder, "node_api.h")));
}

/**
 * @param packageFolder the folder of @tensorflow/tfjs-node, with `deps/lib` and `deps/include` filled
 * @returns undefined, or one sentence that says what lacks
 */
export function compileBinding(packageFolder: string): string | undefined {
  const headers = nodeHeaders();
  if (headers === undefined) return "node_api.h is missing (npm package node-api-headers)";
  // node-pre-gyp looks for the binding under the highest Node-API version that both sides know.
  const version = Math.min(8, Number(process.versions.napi));
  const output = join(packageFolder, "lib", `napi-v${version}`, "tfjs_binding.node");
  mkdirSync(dirname(output), { recursive: true });
  const compiler = process.env.CXX || "g++";
  const compiled = runProgram(compiler, [
    ...["-O2", "-s", "-std=c++17", "-fPIC", "-shared", `-DNAPI_VERSION=${version}`],
    ...[`-I${headers}`, `-I${join(packageFolder, "deps", "include")}`],
    ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(packageFolder, "binding", name)),
    ...["-o", output, `-L${join(packageFolder, "deps", "lib")}`, "-ltensorflow", "-ltensorflow_framework"],
    "-Wl,-rpath,$ORIGIN/../../deps/lib",
  ]);
  if (compiled.ok) return undefined;
  return compiled.failure.endsWith("is not installed")
    ? `${compiled.failure} (Debian: g++)`
    : `${compiler} could not compile the binding: ${compiled.failure}`;
}
