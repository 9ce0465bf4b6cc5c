/**
 * @file An ONNX model's graph as its protobuf has it (onnx.proto3): nodes and names are read, outputs are added; every
 * other byte stays as it is.
 */
import { assertInput, InputError } from "../check";

/** An operation: what it reads and writes, by the names of the values. */
export interface OnnxNode {
  name: string;
  operation: string;
  inputs: readonly string[];
  outputs: readonly string[];
}

/** A stored array; its numbers are not read. */
export interface OnnxInitializer {
  name: string;
  /** TensorProto.DataType: 1 is float32, 7 int64, … */
  dataType: number;
  shape: readonly number[];
}

/** What is known of a model. */
export interface OnnxGraph {
  nodes: readonly OnnxNode[];
  initializers: readonly OnnxInitializer[];
  inputs: readonly string[];
  outputs: readonly string[];
}

/** Fields that are read, by the numbers of onnx.proto3. */
const modelGraph = 7;
const graphFields = { node: 1, initializer: 5, input: 11, output: 12 };
const nodeFields = { input: 1, output: 2, name: 3, operation: 4 };
const tensorFields = { dims: 1, dataType: 2, name: 8 };
const valueName = 1;

/** A field of a protobuf message: its number and its content, a number (wire type 0) or bytes (2; 1 and 5 are kept). */
interface Field {
  number: number;
  value: bigint | Uint8Array;
  /** Where the field begins, tag included, and where it ends. */
  start: number;
  end: number;
}

class ProtobufCursor {
  #at = 0;
  constructor(
    readonly bytes: Uint8Array,
    readonly where: string,
  ) {}

  fail(): never {
    throw new InputError(
      `${this.where} is no ONNX model or is truncated (byte ${this.#at} of a message); export it again`,
    );
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= this.bytes.length) this.fail();
      const byte = this.bytes[this.#at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return this.fail();
  }

  take(length: number): Uint8Array {
    if (!(length <= this.bytes.length - this.#at)) this.fail();
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  *fields(): Generator<Field> {
    while (this.#at < this.bytes.length) {
      const start = this.#at;
      const tag = this.varint();
      const wire = Number(tag & 7n);
      const number = Number(tag >> 3n);
      if (number === 0 || number > 0x1fffffff) this.fail();
      const value =
        wire === 0
          ? this.varint()
          : wire === 2
            ? this.take(Number(this.varint()))
            : wire === 1
              ? this.take(8)
              : wire === 5
                ? this.take(4)
                : this.fail();
      yield { number, value, start, end: this.#at };
    }
  }
}

const text = (value: bigint | Uint8Array): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : "";

/** All contents of the fields of a message, by number. */
function fieldsOf(where: string, bytes: Uint8Array): Map<number, (bigint | Uint8Array)[]> {
  const found = new Map<number, (bigint | Uint8Array)[]>();
  for (const { number, value } of new ProtobufCursor(bytes, where).fields()) {
    const list = found.get(number);
    if (list) list.push(value);
    else found.set(number, [value]);
  }
  return found;
}

/** int64s, written one by one or packed. */
function integers(where: string, values: readonly (bigint | Uint8Array)[]): number[] {
  const numbers: number[] = [];
  for (const value of values) {
    if (typeof value === "bigint") numbers.push(Number(value));
    else {
      const cursor = new ProtobufCursor(value, where);
      for (let used = 0; used < value.length; ) {
        const number = cursor.varint();
        used += Math.max(1, Math.ceil(number.toString(2).length / 7));
        numbers.push(Number(number));
      }
    }
  }
  return numbers;
}

/** The message of a field, which must be there once. */
function graphField(where: string, model: Uint8Array): Field & { value: Uint8Array } {
  const found = [...new ProtobufCursor(model, where).fields()].filter(({ number }) => number === modelGraph);
  const [graph] = found;
  assertInput(
    found.length === 1 && graph.value instanceof Uint8Array,
    `${where} is no ONNX model: it has ${found.length} graphs; export it again`,
  );
  return { ...graph, value: graph.value };
}

/**
 * The graph of a model; numbers are not read, nor subgraphs of control flow.
 *
 * @param where named in errors: the path
 * @throws InputError if the bytes are no ONNX model
 */
export function readOnnxGraph(model: Uint8Array, where: string = "readOnnxGraph"): OnnxGraph {
  const graph = fieldsOf(where, graphField(where, model).value);
  const messages = (number: number): Map<number, (bigint | Uint8Array)[]>[] =>
    (graph.get(number) ?? []).map((value) => {
      assertInput(value instanceof Uint8Array, `${where} is no ONNX model: a part of its graph is a number`);
      return fieldsOf(where, value);
    });
  const names = (number: number): string[] => messages(number).map((m) => text(m.get(valueName)?.[0] ?? 0n));
  return {
    nodes: messages(graphFields.node).map((m) => ({
      name: text(m.get(nodeFields.name)?.[0] ?? 0n),
      operation: text(m.get(nodeFields.operation)?.[0] ?? 0n),
      inputs: (m.get(nodeFields.input) ?? []).map(text),
      outputs: (m.get(nodeFields.output) ?? []).map(text),
    })),
    initializers: messages(graphFields.initializer).map((m) => ({
      name: text(m.get(tensorFields.name)?.[0] ?? 0n),
      dataType: Number(m.get(tensorFields.dataType)?.[0] ?? 0n),
      shape: integers(where, m.get(tensorFields.dims) ?? []),
    })),
    inputs: names(graphFields.input),
    outputs: names(graphFields.output),
  };
}

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
};

const message = (number: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.from([...varint(number * 8 + 2), ...varint(content.length)]), content]);

/** ValueInfoProto {name, type {tensor_type {elem_type: float}}}: the runtime infers the shape. */
const floatValue = (name: string): Uint8Array =>
  Buffer.concat([
    message(valueName, Buffer.from(name, "utf8")),
    message(2, message(1, Uint8Array.from([...varint(1 * 8), 1]))),
  ]);

/**
 * The model with further outputs: values inside the graph, float32, by name. Those that are outputs already stay.
 *
 * @throws InputError if no node writes such a value, or the bytes are no ONNX model
 */
export function withOnnxOutputs(
  model: Uint8Array,
  names: readonly string[],
  where: string = "withOnnxOutputs",
): Uint8Array {
  const { nodes, outputs } = readOnnxGraph(model, where);
  const written = new Set(nodes.flatMap((node) => node.outputs));
  const added = [...new Set(names)].filter((name) => !outputs.includes(name));
  for (const name of added)
    assertInput(
      written.has(name),
      `${where}: no node writes ${name}; the names depend on the exporter: list them with readOnnxGraph`,
    );
  const { value: graph, start, end } = graphField(where, model);
  const content = Buffer.concat([graph, ...added.map((name) => message(graphFields.output, floatValue(name)))]);
  return Buffer.concat([model.subarray(0, start), message(modelGraph, content), model.subarray(end)]);
}

/** Operations that tell a size, not the numbers. */
const sizeOperations = ["Shape", "Size"];
const passing = ["Identity", "Dropout"];
/** A transformer of 40 blocks takes some hundred thousand steps. */
const mostSteps = 30_000_000;

/**
 * The hidden states of a transformer with residual branches, in order: what goes into the first block, then what each
 * block gives. Found by form, since names depend on the exporter: h → h + attention(h) → h + mlp(h) is the longest chain
 * of additions each of which adds to a sum what was computed from it.
 *
 * @param where named in errors: the path
 * @throws InputError if the longest chain has an odd number of additions, or none
 */
export function transformerHiddenStates({ nodes }: OnnxGraph, where: string = "transformerHiddenStates"): string[] {
  const writers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  let steps = 0;
  const count = (): void => {
    assertInput(++steps <= mostSteps, `${where} has a graph that is too large; name the outputs yourself`);
  };
  /** A value that is only passed on is the same value. */
  const resolve = (name: string): string => {
    let value = name;
    let passed = 0;
    for (let node = writers.get(value); node && passing.includes(node.operation); node = writers.get(value)) {
      assertInput(++passed < 1000, `${where} has a graph that goes in a circle; name the outputs yourself`);
      value = node.inputs[0];
    }
    return value;
  };
  const computedFrom = (name: string, source: string): boolean => {
    const seen = new Set<string>();
    const pending = [name];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      if (value === source) return true;
      const node = writers.get(value);
      count();
      if (!node || seen.has(value) || sizeOperations.includes(node.operation)) continue;
      seen.add(value);
      pending.push(...node.inputs.map(resolve));
    }
    return false;
  };
  /** How many sums lead to a value, and the one before it. */
  const chains = new Map<string, { length: number; before: string }>();
  let last = "";
  for (const { operation, inputs, outputs } of nodes) {
    if (operation !== "Add" || inputs.length !== 2 || outputs.length !== 1) continue;
    const [a, b] = inputs.map(resolve);
    const source = computedFrom(b, a) ? a : computedFrom(a, b) ? b : undefined;
    if (source === undefined || a === b) continue;
    const length = (chains.get(source)?.length ?? 0) + 1;
    chains.set(outputs[0], { length, before: source });
    if (length > (chains.get(last)?.length ?? 0)) last = outputs[0];
  }
  const additions = chains.get(last)?.length ?? 0;
  assertInput(
    additions > 0 && additions % 2 === 0,
    `${where} has a longest chain of ${additions} residual additions, where a transformer has two a block; name the outputs yourself`,
  );
  const states: string[] = [];
  for (let value: string | undefined = last, i = additions; value !== undefined; i--) {
    if (i % 2 === 0) states.unshift(value);
    value = chains.get(value)?.before;
  }
  return states;
}
