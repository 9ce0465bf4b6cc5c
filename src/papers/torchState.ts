/**
 * @file Arrays of a weight file as a network asks for them: other libraries' names, and nothing left over.
 */
import { assertInput, InputError } from "../check";
import type { LazyTensor } from "../formats/safetensors";
import { openStateDict } from "../formats/weightFile";
import type { TorchTensor } from "../models/torchWeights";

/** A file's arrays under this library's names. */
export interface TorchStateFile {
  path: string;
  find: (name: string) => TorchTensor | undefined;
  /** All arrays whose names begin so, by their whole names. */
  under: (prefix: string) => Record<string, TorchTensor>;
  /** @throws InputError that names arrays which nobody asked for, but those that `ignored` matches */
  assertUsed: (ignored: RegExp) => void;
}

/**
 * Open a file of PyTorch weights (safetensors or .pth).
 *
 * @param rename an array's name in the file → the name it is asked for by
 * @throws InputError if the file is damaged, wants to run code, or two of its arrays get one name
 */
export function openTorchState(path: string, rename: (name: string) => string = (name) => name): TorchStateFile {
  const state = new Map<string, LazyTensor>();
  for (const [name, tensor] of openStateDict(path)) {
    const renamed = rename(name);
    assertInput(!state.has(renamed), `openTorchState: ${path} has two arrays for ${renamed}; take another copy`);
    state.set(renamed, tensor);
  }
  const used = new Set<string>();
  const find: TorchStateFile["find"] = (name) => {
    const tensor = state.get(name);
    if (!tensor) return undefined;
    used.add(name);
    const values = tensor.read();
    if (values instanceof BigInt64Array || values instanceof BigUint64Array)
      throw new InputError(`openTorchState: ${path} holds ${name} as 64-bit integers; expected floats`);
    return { shape: tensor.shape, values };
  };
  return {
    path,
    find,
    under: (prefix) => {
      const found: Record<string, TorchTensor> = {};
      for (const name of state.keys()) {
        const tensor = name.startsWith(prefix) ? find(name) : undefined;
        if (tensor) found[name] = tensor;
      }
      return found;
    },
    assertUsed: (ignored) => {
      const surplus = [...state.keys()].filter((name) => !used.has(name) && !ignored.test(name));
      assertInput(
        surplus.length === 0,
        `openTorchState: ${path} has ${surplus.length} arrays that this network does not (${surplus.slice(0, 3).join(", ")}); it belongs to another configuration`,
      );
    },
  };
}
