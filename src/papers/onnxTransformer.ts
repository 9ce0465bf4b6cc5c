/**
 * @file All blocks of a vision transformer in ONNX form (DINOv2, CLIP, one's own): values inside the graph become
 * outputs, whatever the exporter named them.
 */
import { readOnnxGraph, transformerHiddenStates, withOnnxOutputs } from "../formats/onnxGraph";
import { readBytes } from "../formats/readBytes";
import { openOnnx } from "../models/onnxSession";

/** Tokens [1, T, C] as they lie in the model: class token first, then the patches row by row. */
export interface TokenMap {
  tokens: number;
  channels: number;
  values: Float32Array;
}

/** A model whose hidden states can be read. */
export interface OnnxTransformer {
  /** Names of the hidden states: what goes into the first block, then what each block gives. */
  states: readonly string[];
  /** The file's own outputs. */
  outputs: readonly string[];
  /**
   * Values by name, of `states` or `outputs`.
   *
   * @param planes 3 × height × width, normalised
   * @throws InputError if the model does not take such a picture
   */
  run: (planes: Float32Array, width: number, height: number, names: readonly string[]) => Promise<TokenMap[]>;
  dispose: () => void;
}

/**
 * Open an ONNX vision transformer and tap every block.
 *
 * @param states names to tap, in order; default: found by the form of the graph (`transformerHiddenStates`)
 * @throws InputError if the file is damaged or no transformer, a name is not in it, or onnxruntime does not load
 */
export async function openOnnxTransformer(path: string, states?: readonly string[]): Promise<OnnxTransformer> {
  const bytes = readBytes(path);
  const graph = readOnnxGraph(bytes, path);
  const taps = states ?? transformerHiddenStates(graph, path);
  const model = await openOnnx("openOnnxTransformer", path, withOnnxOutputs(bytes, taps, path));
  return {
    states: taps,
    outputs: graph.outputs,
    run: async (planes, width, height, names) =>
      (await model.run(planes, width, height, names)).map(({ dims, data }) => ({
        tokens: dims.length === 3 ? dims[1] : 1,
        channels: dims[dims.length - 1],
        values: data as Float32Array,
      })),
    dispose: model.dispose,
  };
}
