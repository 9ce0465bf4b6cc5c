/**
 * @file Any file of weights: what lies in it, by name, recognised by its content and not by its ending.
 */
import { assertInput } from "../check";
import { byteSource } from "./byteSource";
import { type LazyTensor, openSafetensors } from "./safetensors";
import { isTorchDict, looksLikeTorch, readTorchCheckpoint, TorchTensor, type TorchValue } from "./torchCheckpoint";

/** The arrays of a file, none of them read yet, and its plain texts. */
export interface WeightFile {
  format: "safetensors" | "PyTorch";
  /** In the file's order. In a PyTorch checkpoint the keys on the way are joined by "/": `model_state_dict/conv1.weight`. */
  tensors: Map<string, LazyTensor>;
  /** Metadata of a safetensors file; plain values of a checkpoint, the first hundred thousand. */
  texts: Record<string, string>;
}

/** Nothing deeper is looked into; no checkpoint is. */
const deepest = 20;

/** More plain values are not listed: one list of a small file can be referred to millions of times. */
const mostTexts = 100_000;

/** Tensors and plain values of a checkpoint by their paths. */
function collect(root: TorchValue): WeightFile {
  const file: WeightFile = { format: "PyTorch", tensors: new Map(), texts: {} };
  let texts = 0;
  const visit = (value: TorchValue, path: string, depth: number): void => {
    const inside = (key: string | number, item: TorchValue): void =>
      visit(item, path ? `${path}/${key}` : `${key}`, depth + 1);
    if (value instanceof TorchTensor) file.tensors.set(path, value);
    else if (Array.isArray(value)) {
      if (depth < deepest) for (let i = 0; i < value.length; i++) inside(i, value[i]);
    } else if (isTorchDict(value)) {
      if (depth < deepest) for (const [key, item] of Object.entries(value)) inside(key, item);
    } else if (value === null || typeof value !== "object") {
      if (++texts <= mostTexts) file.texts[path] = String(value);
    }
  };
  visit(root, "", 0);
  if (texts > mostTexts) file.texts["…"] = `${texts - mostTexts} more plain values`;
  return file;
}

/**
 * The arrays of a safetensors file or a PyTorch checkpoint (zip form or the one before).
 *
 * @throws InputError with one sentence if the file is missing, damaged, of another format, or wants to run code
 */
export function openWeightFile(path: string): WeightFile {
  const source = byteSource("openWeightFile", path);
  if (looksLikeTorch(source.read(0, Math.min(16, source.size)))) return collect(readTorchCheckpoint(path));
  const { tensors, metadata } = openSafetensors(path);
  return { format: "safetensors", tensors, texts: metadata };
}

/** How often published checkpoints name their dict of weights. */
const preferred = ["model_state_dict", "state_dict", "model", "module", "net", "network"];

/**
 * The one network in a file: of a checkpoint the dict that is named as weights are, else the one with the most arrays;
 * `module.`, which DataParallel puts before every name, is left away.
 *
 * @throws InputError as `openWeightFile`, and if the file has no arrays
 */
export function openStateDict(path: string): Map<string, LazyTensor> {
  const { tensors } = openWeightFile(path);
  assertInput(tensors.size > 0, `openStateDict: ${path} holds no arrays; give a file of a network's weights`);
  const groups = new Map<string, Map<string, LazyTensor>>();
  for (const [name, tensor] of tensors) {
    const cut = name.lastIndexOf("/") + 1;
    const group = groups.get(name.slice(0, cut)) ?? new Map<string, LazyTensor>();
    groups.set(name.slice(0, cut), group.set(name.slice(cut), tensor));
  }
  const rank = (group: string): number => {
    const place = preferred.indexOf(group.slice(0, -1));
    return place < 0 ? preferred.length : place;
  };
  const [[, state]] = [...groups].sort(([a, x], [b, y]) => rank(a) - rank(b) || y.size - x.size);
  const parallel = [...state.keys()].every((name) => name.startsWith("module."));
  return parallel ? new Map([...state].map(([name, tensor]) => [name.slice("module.".length), tensor])) : state;
}
