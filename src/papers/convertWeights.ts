/**
 * @file Any PyTorch checkpoint as safetensors.
 */
import { assertInput, InputError } from "../check";
import { type TensorToWrite, writeSafetensors } from "../formats/safetensors";
import { openStateDict } from "../formats/weightFile";
import { assertReplaceable, writeAtomically } from "../training/checkpointFile";

/** Marks what this library converted, so that it may be replaced by another conversion. */
const convertedFormat = "posediff-converted/1";

/**
 * Write the network in a checkpoint (`openStateDict`) as safetensors, names unchanged; fp16 and bf16 become float32.
 *
 * @throws InputError if the file is damaged or wants to run code, or `to` holds a file that this library did not write
 */
export function convertToSafetensors(from: string, to: string): { arrays: number; numbers: number } {
  assertInput(to.endsWith(".safetensors"), `convertToSafetensors: ${to} must end in .safetensors`);
  assertReplaceable("convertToSafetensors", to);
  const tensors = new Map<string, TensorToWrite>();
  let numbers = 0;
  for (const [name, tensor] of openStateDict(from)) {
    if (name === "__metadata__") throw new InputError(`convertToSafetensors: ${from} has an array named ${name}`);
    const data = tensor.read();
    numbers += data.length;
    tensors.set(name, { shape: tensor.shape, data });
  }
  writeAtomically(to, writeSafetensors(tensors, { format: convertedFormat }));
  return { arrays: tensors.size, numbers };
}
