/**
 * @file Weights of torchvision's residual networks in this library's layout.
 */
import { assertInput } from "../check";
import { type ParameterSlot, type Parameters, parameterView } from "./params";
import type { TorchState, TorchTensor } from "./torchWeights";

/** [out, in, k, k] → [k, k, in′, out]; input channels that the file does not have get weight 0. */
function convolution({ shape, values }: TorchTensor, inputs: number): Float32Array {
  const [outputs, known, height, width] = shape;
  const filter = new Float32Array(height * width * inputs * outputs);
  for (let o = 0, from = 0; o < outputs; o++)
    for (let i = 0; i < known; i++)
      for (let at = 0; at < height * width; at++, from++) filter[(at * inputs + i) * outputs + o] = values[from];
  return filter;
}

/** Whether an array of the file fits a slot; a first convolution may have more channels than the file's. */
function fits({ shape }: ParameterSlot, { shape: known }: TorchTensor): boolean {
  if (shape.length !== 4) return shape.length === known.length && shape.every((n, d) => n === known[d]);
  const [height, width, inputs, outputs] = shape;
  return known[0] === outputs && known[1] <= inputs && known[2] === height && known[3] === width;
}

/**
 * Fill the residual network that lies under `prefix` (`resNetParameters`, with norm) from torchvision's state dict:
 * `conv1.weight`, `bn1.weight`, …, `layer4.2.bn2.running_var`. What else the file has (`fc`, `num_batches_tracked`) is
 * passed over; input channels beyond the file's three begin at 0, so that they change nothing before training.
 *
 * @throws InputError if the network has no arrays there, or one is missing in the file or of another size
 */
export function loadResNetWeights(parameters: Parameters, prefix: string, state: TorchState): void {
  const slots = parameters.slots.filter(({ name }) => name.startsWith(prefix) && !name.includes(".projection."));
  assertInput(slots.length > 0, `loadResNetWeights: the network has no arrays under "${prefix}"; give another prefix`);
  const found = slots.map((slot): [ParameterSlot, TorchTensor] => {
    const name = slot.name.slice(prefix.length);
    const tensor = state[name];
    assertInput(
      tensor,
      `loadResNetWeights: the file has no ${name}; give the weights of a torchvision ResNet with as many blocks`,
    );
    assertInput(
      fits(slot, tensor),
      `loadResNetWeights: ${name} is [${tensor.shape.join(", ")}] in the file, which does not fit [${slot.shape.join(", ")}] here; give the weights of a network of the same widths`,
    );
    return [slot, tensor];
  });
  for (const [slot, tensor] of found)
    parameterView(parameters, slot.name).set(
      slot.shape.length === 4 ? convolution(tensor, slot.shape[2]) : Float32Array.from(tensor.values),
    );
}
