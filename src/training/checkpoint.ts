/**
 * @file Checkpoints as safetensors: a model (parameters and a card) and a whole training state.
 */
import { assertInput, InputError } from "../check";
import { readSafetensors, type SafetensorsTensor, type TensorToWrite, writeSafetensors } from "../formats/safetensors";
import type { ParameterSlot, Parameters } from "../models/params";
import { assertReplaceable, modelFormat, stateFormat, writeAtomically } from "./checkpointFile";
import type { TrainingState } from "./trainingState";

/** What a model is: preset, command, seed, steps, minutes, data version, scores. Any JSON. */
export type ModelCard = Readonly<Record<string, unknown>>;

/** A float32 array with its shape. */
export interface NamedValues {
  shape: readonly number[];
  data: Float32Array;
}

/** A model file: its card and its arrays by name. */
export interface LoadedModel {
  path: string;
  card: ModelCard;
  values: ReadonlyMap<string, NamedValues>;
}

/** Path of the card beside a model file: `mug.safetensors` → `mug.json`. */
export const cardPath = (path: string): string => `${path.replace(/\.safetensors$/, "")}.json`;

/** What the card beside a model file holds. */
export const cardText = (card: ModelCard): string => `${JSON.stringify({ format: modelFormat, ...card }, null, 2)}\n`;

/**
 * Save a model: `values` in the layout of `parameters` (usually `state.ema`), the card inside the file and, to be
 * read by people, as JSON beside it.
 *
 * @throws InputError if a value is not finite, or if either path holds a file that is not one of ours (it is left alone)
 */
export function saveModel(path: string, parameters: Parameters, values: Float32Array, card: ModelCard): void {
  assertInput(
    path.endsWith(".safetensors"),
    `saveModel: ${path} must end in .safetensors; its card is written beside it with the ending .json`,
  );
  for (const { name, offset, size } of parameters.slots)
    assertInput(
      values.subarray(offset, offset + size).every(Number.isFinite),
      `saveModel: ${name} holds NaN or infinite numbers; the training diverged, save an earlier state`,
    );
  writeModel(path, slotsToTensors(parameters.slots, values), card);
}

/** The arrays with the card inside, and the card beside it. @throws InputError if either path holds a foreign file */
function writeModel(path: string, tensors: ReadonlyMap<string, TensorToWrite>, card: ModelCard): void {
  const beside = cardPath(path);
  assertReplaceable("saveModel", path);
  assertReplaceable("saveModel", beside);
  writeAtomically(path, writeSafetensors(tensors, { format: modelFormat, card: JSON.stringify(card) }));
  writeAtomically(beside, cardText(card));
}

/** Give a model file another card; its arrays stay as they are. @throws InputError if it is not a model file of ours */
export function replaceCard(path: string, card: ModelCard): void {
  const { tensors } = readOurs("replaceCard", path, modelFormat);
  const kept = [...tensors].map(([name, tensor]): [string, TensorToWrite] => [
    name,
    { ...float32Of("replaceCard", path, name, tensor), half: tensor.dtype === "F16" },
  ]);
  writeModel(path, new Map(kept), card);
}

/**
 * Write a model again with its numbers in half precision, half as large; what reads models reads it. The card says so.
 *
 * @throws InputError if `from` is not a model file of ours, a number does not fit (above 65,504), or `to` holds a foreign file
 */
export function halveModel(from: string, to: string): { arrays: number; numbers: number } {
  const { card, values } = loadModel(from);
  let numbers = 0;
  const halved = [...values].map(([name, { shape, data }]): [string, TensorToWrite] => {
    assertInput(
      data.every((x) => Math.abs(x) <= 65_504),
      `halveModel: ${name} in ${from} holds numbers above 65,504, which half precision has not; keep the file as it is`,
    );
    numbers += data.length;
    return [name, { shape, data, half: true }];
  });
  writeModel(to, new Map(halved), { ...card, precision: "half" });
  return { arrays: halved.length, numbers };
}

/** Load a model file. @throws InputError if it is missing, damaged or not a model of this library */
export function loadModel(path: string): LoadedModel {
  const { tensors, metadata } = readOurs("loadModel", path, modelFormat);
  const values = new Map([...tensors].map(([name, tensor]) => [name, float32Of("loadModel", path, name, tensor)]));
  return { path, card: parseText("loadModel", path, "card", metadata.card), values };
}

/**
 * Put a model's arrays into a network's parameters, in place; all names and shapes are checked before anything changes.
 *
 * @param file a path or what `loadModel` gave
 * @throws InputError that says what differs: missing, surplus or differently shaped arrays
 */
export function loadParameters(parameters: Parameters, file: string | LoadedModel): void {
  const { path, card, values } = typeof file === "string" ? loadModel(file) : file;
  const preset = typeof card.preset === "string" ? ` (preset ${card.preset})` : "";
  assertSameLayout(`loadParameters: ${path}${preset}`, parameters.slots, values);
  for (const { name, offset } of parameters.slots) parameters.values.set(values.get(name)!.data, offset);
}

/**
 * Save all that training needs to go on bit for bit. `meta` is any JSON: seed, configuration, command.
 *
 * @throws InputError if the path holds a file that is not one of ours (it is left alone)
 */
export function saveTrainingState(path: string, state: TrainingState, meta: ModelCard = {}): void {
  const { parameters, m, v, ema, adamSteps, step, updates, skippedInARow } = state;
  const { slots } = parameters;
  assertReplaceable("saveTrainingState", path);
  const tensors = new Map<string, TensorToWrite>();
  for (const [kind, values] of Object.entries({ values: parameters.values, m, v, ema }))
    for (const [name, tensor] of slotsToTensors(slots, values)) tensors.set(`${kind}/${name}`, tensor);
  tensors.set("adamSteps", { shape: [adamSteps.length], data: adamSteps });
  const layout = slots.map(({ name, shape, trainable }) => ({ name, shape, trainable }));
  const counters = { step, updates, skippedInARow };
  writeAtomically(
    path,
    writeSafetensors(tensors, {
      format: stateFormat,
      layout: JSON.stringify(layout),
      counters: JSON.stringify(counters),
      meta: JSON.stringify(meta),
    }),
  );
}

/**
 * Load what `saveTrainingState` wrote. The layout of the parameters comes from the file.
 *
 * @param parameters the network to train on: if given, its layout must be the file's, and its values are replaced
 * @throws InputError if the file is missing, damaged, no training state, or of another network
 */
export function loadTrainingState(path: string, parameters?: Parameters): { state: TrainingState; meta: ModelCard } {
  const where = "loadTrainingState";
  const { tensors, metadata } = readOurs(where, path, stateFormat);
  const layout = parseText(where, path, "layout", metadata.layout) as unknown as Pick<
    ParameterSlot,
    "name" | "shape" | "trainable"
  >[];
  const counters = parseText(where, path, "counters", metadata.counters) as Record<string, number>;
  const damaged = `${where}: ${path} holds a damaged description of its arrays; take another copy`;
  assertInput(
    Array.isArray(layout) && layout.every((s) => typeof s?.name === "string" && Array.isArray(s.shape)),
    damaged,
  );
  for (const key of ["step", "updates", "skippedInARow"]) assertInput(Number.isSafeInteger(counters[key]), damaged);
  let offset = 0;
  const slots = layout.map(({ name, shape, trainable }): ParameterSlot => {
    const size = shape.reduce((a, b) => a * b, 1);
    offset += size;
    return { name, shape, trainable, size, offset: offset - size };
  });
  const arraysOf = (kind: string): Float32Array => {
    const flat = new Float32Array(offset);
    const named = new Map<string, NamedValues>();
    for (const [name, tensor] of tensors)
      if (name.startsWith(`${kind}/`)) named.set(name.slice(kind.length + 1), float32Of(where, path, name, tensor));
    assertSameLayout(`${where}: ${path}, ${kind}`, slots, named);
    for (const slot of slots) flat.set(named.get(slot.name)!.data, slot.offset);
    return flat;
  };
  const adamSteps = tensors.get("adamSteps")?.data;
  assertInput(adamSteps instanceof Int32Array && adamSteps.length === slots.length, damaged);
  const values = arraysOf("values");
  const [m, v, ema] = [arraysOf("m"), arraysOf("v"), arraysOf("ema")];
  const { step, updates, skippedInARow } = counters;
  let own = parameters;
  if (own) {
    const named = slots.map(({ name, shape, offset: o, size }): [string, NamedValues] => [
      name,
      { shape, data: values.subarray(o, o + size) },
    ]);
    assertSameLayout(`${where}: ${path}`, own.slots, new Map(named));
    assertInput(
      own.slots.every((slot, i) => slot.name === slots[i].name && slot.trainable === slots[i].trainable),
      `${where}: ${path} keeps its arrays in another order than the network; it was saved by another version`,
    );
    own.values.set(values);
  } else {
    const trainableCount = slots.reduce((n, slot) => n + (slot.trainable ? slot.size : 0), 0);
    own = { slots, values, trainableCount };
  }
  const state: TrainingState = { parameters: own, m, v, ema, adamSteps, step, updates, skippedInARow };
  return { state, meta: parseText(where, path, "meta", metadata.meta) };
}

function slotsToTensors(slots: readonly ParameterSlot[], values: Float32Array): Map<string, TensorToWrite> {
  return new Map(
    slots.map(({ name, shape, offset, size }) => [name, { shape, data: values.subarray(offset, offset + size) }]),
  );
}

function readOurs(
  where: string,
  path: string,
  format: string,
): { tensors: Map<string, SafetensorsTensor>; metadata: Record<string, string> } {
  const file = readSafetensors(path);
  const { format: found } = file.metadata;
  const cure =
    found === stateFormat
      ? "it is a training state: use loadTrainingState, or save the model first"
      : found === modelFormat
        ? "it is a model: use loadModel and loadParameters; training starts anew from it"
        : `its arrays are ${[...file.tensors.keys()].slice(0, 3).join(", ") || "none"}, …: it comes from another program`;
  assertInput(found === format, `${where}: ${path} is not marked ${format}; ${cure}`);
  return file;
}

function float32Of(where: string, path: string, name: string, { shape, data }: SafetensorsTensor): NamedValues {
  if (data instanceof Float32Array) return { shape, data };
  throw new InputError(`${where}: ${path} holds ${name} as ${data.constructor.name}; expected float32 numbers`);
}

function parseText(where: string, path: string, key: string, text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // the sentence below says it
  }
  throw new InputError(`${where}: ${path} has no readable ${key} in its metadata; take another copy`);
}

/** @throws InputError that names the first arrays that differ */
function assertSameLayout(
  where: string,
  slots: readonly ParameterSlot[],
  values: ReadonlyMap<string, NamedValues>,
): void {
  const some = (names: readonly string[]): string =>
    `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
  const missing = slots.filter(({ name }) => !values.has(name)).map(({ name }) => name);
  const known = new Set(slots.map(({ name }) => name));
  const surplus = [...values.keys()].filter((name) => !known.has(name));
  const reshaped = slots
    .filter(({ name, shape }) => values.has(name) && values.get(name)!.shape.join() !== shape.join())
    .map(({ name, shape }) => `${name} is [${values.get(name)!.shape.join(", ")}] instead of [${shape.join(", ")}]`);
  const differences = [
    missing.length > 0 ? `${some(missing)} missing` : "",
    surplus.length > 0 ? `${some(surplus)} unknown to the network` : "",
    reshaped.length > 0 ? some(reshaped) : "",
  ].filter(Boolean);
  assertInput(
    differences.length === 0,
    `${where} does not fit this network: ${differences.join("; ")}; build the network with the preset it was trained with`,
  );
}
