/**
 * @file Start a run from a trained model of the same or of a narrower network.
 */
import { assertInput } from "../check";
import type { Parameters } from "../models/params";
import type { LoadedModel } from "./checkpoint";

/**
 * Fill `parameters` (fresh, in place) with a trained model. Arrays of equal shape are copied. Wider ones are grown so
 * that the network computes what the model computed (function-preserving growth, the idea of Net2Net, Chen et al.,
 * ICLR 2016): the trained block is copied, new inputs of old outputs get weight 0, and the weights of new outputs keep
 * their random start, from which they learn.
 *
 * @param added tells by name the arrays of a part that the model lacks; they keep their random start. Where that part
 *   hands numbers to layers of the model, these are new inputs, so that the network still computes what the model did.
 * @throws InputError if the model lacks another array, or has one that is larger than the network's
 */
export function warmStart(
  parameters: Parameters,
  { path, values }: LoadedModel,
  added: (name: string) => boolean = () => false,
): void {
  for (const { name, shape, offset } of parameters.slots) {
    const known = values.get(name);
    if (!known && added(name)) continue;
    assertInput(known, `warmStart: ${path} has no ${name}; start from a model of the same kind of network`);
    if (String(known.shape) === String(shape)) {
      parameters.values.set(known.data, offset);
      continue;
    }
    const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape;
    const [knownRows, knownColumns] = known.shape.length === 1 ? [1, known.shape[0]] : known.shape;
    assertInput(
      known.shape.length === shape.length && shape.length <= 2 && knownRows <= rows && knownColumns <= columns,
      `warmStart: ${path} has ${name} as [${known.shape.join(", ")}], the network [${shape.join(", ")}]; start from one that is not wider`,
    );
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < knownColumns; j++)
        parameters.values[offset + i * columns + j] = i < knownRows ? known.data[i * knownColumns + j] : 0;
  }
}
