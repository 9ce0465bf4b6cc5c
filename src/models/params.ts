/**
 * @file Parameters of a network: one flat Float32Array with named slots. Optimisers, moving averages and checkpoints
 * work on the flat array; a forward pass works on tensors by name.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, assertShape } from "../check";
import type { Rng } from "../random";

/** How a slot is filled: a draw from the slot's own stream. */
export type Initializer = (rng: Rng, shape: readonly number[]) => ArrayLike<number>;

/** A named array of a network. Non-trainable slots are buffers: running statistics, frozen frequencies. */
export interface ParameterSpec {
  name: string;
  shape: readonly number[];
  initial: Initializer;
  trainable?: boolean;
}

/** Where a named array lies in the flat array. */
export interface ParameterSlot {
  name: string;
  shape: readonly number[];
  offset: number;
  size: number;
  trainable: boolean;
}

/** All numbers of a network; the trainable ones fill `values[0 … trainableCount)`. */
export interface Parameters {
  slots: readonly ParameterSlot[];
  values: Float32Array;
  trainableCount: number;
}

/** Tensors by parameter name: what a forward pass reads. */
export type Weights = Readonly<Record<string, Tensor>>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Lay the arrays out and fill each from `rng.split(name)`: adding an array changes no other's start.
 *
 * @throws InputError if two arrays share a name
 */
export function createParameters(specs: readonly ParameterSpec[], rng: Rng): Parameters {
  const ordered = [...specs.filter((s) => s.trainable !== false), ...specs.filter((s) => s.trainable === false)];
  const names = new Set<string>();
  const slots: ParameterSlot[] = [];
  let offset = 0;
  for (const { name, shape, trainable } of ordered) {
    assertInput(!names.has(name), `createParameters: two arrays are named ${name}; every name must be unique`);
    names.add(name);
    slots.push({ name, shape, offset, size: sizeOf(shape), trainable: trainable !== false });
    offset += sizeOf(shape);
  }
  const values = new Float32Array(offset);
  ordered.forEach((spec, i) => {
    const start = spec.initial(rng.split(spec.name), spec.shape);
    assertShape(`createParameters ${spec.name}`, start, spec.shape);
    values.set(start, slots[i]!.offset);
  });
  const trainableCount = slots.filter((s) => s.trainable).reduce((n, s) => n + s.size, 0);
  return { slots, values, trainableCount };
}

/** The numbers of one slot, a view into `values` (or into another flat array of the same layout). */
export function parameterView(
  parameters: Parameters,
  name: string,
  values: Float32Array = parameters.values,
): Float32Array {
  const slot = parameters.slots.find((s) => s.name === name);
  assertInput(
    slot,
    `parameterView: there is no parameter ${name}; the network has ${parameters.slots.map((s) => s.name).join(", ")}`,
  );
  return values.subarray(slot.offset, slot.offset + slot.size);
}

/** Tensors of all slots, owned by the caller (inside a tf.tidy they go with it). */
export function weightsOf(parameters: Parameters, values: Float32Array = parameters.values): Weights {
  const weights: Record<string, Tensor> = {};
  for (const { name, shape, offset, size } of parameters.slots)
    weights[name] = tf.tensor(values.slice(offset, offset + size), [...shape]);
  return weights;
}

/** The tensors that `make` makes, kept past every tf.tidy around the call; the caller frees them with `tf.dispose`. */
export const keptWeights = (make: () => Weights): Weights =>
  tf.tidy(() => {
    const made = make();
    for (const tensor of Object.values(made)) tf.keep(tensor);
    return made;
  });
