/**
 * @file A network from a folder as the hub gives it: `config.json` and a weight file, in safetensors or PyTorch's form.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { tf } from "../backend";
import { assertInput } from "../check";
import { readJsonObject } from "../formats/readJson";
import { keptWeights, type Weights } from "../models/params";
import { type TorchLayoutOptions, weightsFromTorch } from "../models/torchWeights";
import { openTorchState } from "./torchState";

/** A part of the pipeline: what it is and its tensors. */
export interface LoadedNetwork<Config> {
  config: Config;
  weights: Weights;
  dispose: () => void;
}

/** Which of the files of a folder to read. */
export interface NetworkFolderOptions extends TorchLayoutOptions {
  /** "fp16" reads `….fp16.safetensors`; default: the full one, and where it is missing fp16. */
  variant?: string;
  /** Paths of another `config.json` and of another weight file than the folder's. */
  config?: string;
  weights?: string;
}

/** The weight file of a part of the pipeline. @throws InputError if there is none */
function weightPath(folder: string, variant: string | undefined): string {
  const stems = ["diffusion_pytorch_model", "model", "pytorch_model"];
  const endings = variant ? [`.${variant}`] : ["", ".fp16"];
  const names = endings.flatMap((ending) =>
    stems.flatMap((stem) => [`${stem}${ending}.safetensors`, `${stem}${ending}.bin`]),
  );
  const found = names.find((name) => existsSync(join(folder, name)));
  assertInput(
    found,
    `${folder}: there is no ${variant ? `${variant} ` : ""}weight file (${names[0]}); download it into this folder`,
  );
  return join(folder, found);
}

/**
 * Load a network.
 *
 * @param parse its config.json
 * @param specs its arrays
 * @param rename an array's name in the file → this library's
 * @param ignored names in the file that belong to no part of the network
 * @throws InputError for a damaged file or another architecture: arrays that are missing, left over or of other shapes
 */
export function loadNetwork<Config>(
  folder: string,
  parse: (raw: Readonly<Record<string, unknown>>, where: string) => Config,
  specs: (config: Config) => Parameters<typeof weightsFromTorch>[1],
  rename: (name: string) => string,
  ignored: RegExp,
  { variant, weights: file, config: path = join(folder, "config.json"), kept }: NetworkFolderOptions,
): LoadedNetwork<Config> {
  const config = parse(readJsonObject("loadNetwork", path), path);
  const state = openTorchState(file ?? weightPath(folder, variant), rename);
  // Kept past the scope of a caller's tf.tidy.
  const weights = keptWeights(() => weightsFromTorch(state.path, specs(config), state.find, { kept }));
  try {
    state.assertUsed(ignored);
  } catch (error) {
    tf.dispose(weights);
    throw error;
  }
  return { config, weights, dispose: () => tf.dispose(weights) };
}

/** Use a network and let go of its tensors, whatever happens. */
export function withNetwork<Config, Result>(
  network: LoadedNetwork<Config>,
  use: (network: LoadedNetwork<Config>) => Result,
): Result {
  try {
    return use(network);
  } finally {
    network.dispose();
  }
}
