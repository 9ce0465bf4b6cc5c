import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/check";
import { readOnnxGraph, transformerHiddenStates, withOnnxOutputs } from "../../src/formats/onnxGraph";

const folder = join(__dirname, "..", "fixtures", "formats", "vit-tiny");
const model = (name: string): Uint8Array => readFileSync(join(folder, name));

interface Expected {
  onnx: Record<string, { nodes: number; add_nodes: number; outputs: string[]; block_final_add: { output: string }[] }>;
}

test.each([
  ["dinov2", "dynamo"],
  ["dinov2", "torchscript"],
  ["clip-vision", "dynamo"],
])("the graph of %s, %s exporter, and its hidden states", (name, exporter) => {
  const expected = (JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8")) as Expected).onnx[exporter];
  const graph = readOnnxGraph(model(join(name, `model.${exporter}.onnx`)));
  expect(graph.nodes.length).toBe(expected.nodes);
  expect(graph.nodes.filter(({ operation }) => operation === "Add").length).toBe(expected.add_nodes);
  expect(graph.outputs).toEqual(expected.outputs);
  expect(graph.inputs).toEqual(["pixel_values"]);
  const states = transformerHiddenStates(graph);
  expect(states.slice(1)).toEqual(expected.block_final_add.map(({ output }) => output));
});

test("outputs are added behind the others; everything else keeps its bytes", () => {
  const bytes = model("dinov2/model.dynamo.onnx");
  const before = readOnnxGraph(bytes);
  const states = transformerHiddenStates(before);
  const changed = withOnnxOutputs(bytes, [...states, before.outputs[0], states[0]]);
  const after = readOnnxGraph(changed);
  expect(after.outputs).toEqual([...before.outputs, ...states]);
  expect({ ...after, outputs: [] }).toEqual({ ...before, outputs: [] });
  expect(Buffer.compare(withOnnxOutputs(bytes, before.outputs), bytes)).toBe(0);
  expect(() => withOnnxOutputs(bytes, ["elsewhere"])).toThrow("no node writes elsewhere");
});

test("a graph without residual additions is told", () => {
  expect(() => transformerHiddenStates({ nodes: [], initializers: [], inputs: [], outputs: [] })).toThrow(
    "chain of 0 residual additions",
  );
  const circle = { name: "", operation: "Identity", inputs: ["a"], outputs: ["a"] };
  const sum = { name: "", operation: "Add", inputs: ["a", "b"], outputs: ["c"] };
  expect(() => transformerHiddenStates({ nodes: [circle, sum], initializers: [], inputs: [], outputs: [] })).toThrow(
    "circle",
  );
});

test("damaged bytes give a graph or a sentence", () => {
  const whole = model("dinov2/model.dynamo.onnx").subarray(0, 20_000);
  expect(() => readOnnxGraph(new Uint8Array())).toThrow("0 graphs");
  expect(() => readOnnxGraph(whole)).toThrow(InputError);
  const graph = readFileSync(join(folder, "dinov2", "model.dynamo.onnx"));
  fc.assert(
    fc.property(fc.nat(4000), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const damaged = Buffer.from(graph);
      damaged[at] = value;
      try {
        readOnnxGraph(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { numRuns: 50, seed: 1 },
  );
});
