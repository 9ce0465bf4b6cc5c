/**
 * @file Any vision model in ONNX form as an image feature extractor: DINOv2 (GenPose++), or the reader's own.
 */
import { existsSync } from "node:fs";
import type { Tensor } from "onnxruntime-node";
import { assertInput, assertShape } from "../check";
import type { FeatureGrid, ImageFeatureExtractor } from "./imageFeatures";
import { onnxCardPath, openOnnx, type PictureNorm, pictureNorm, picturePlanes, readOnnxCard } from "./onnxSession";

/**
 * What must be known of a model beside its file: `model.onnx` wants `model.json` next to it, with these fields.
 *
 * @example DINOv2 ViT-S/14 as GenPose++ uses it:
 * `{"inputSize": 224, "patchSize": 14, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "output": "last_hidden_state"}`
 */
export interface OnnxCard extends PictureNorm {
  /** Side of the square picture, pixels. */
  inputSize: number;
  /** Pixels of a cell's side; it divides `inputSize`. */
  patchSize: number;
  /**
   * The output to read; default: the first. Tokens [1, T, C], of which the last g² are the patches, row by row (those
   * before are class and register tokens), or a map [1, C, g, g].
   */
  output?: string;
}

/** Read and check the card. @throws InputError that names the field */
function readCard(path: string): OnnxCard {
  const where = `onnxExtractor: ${path}`;
  const card = readOnnxCard("onnxExtractor", path, "inputSize, patchSize, mean and std");
  const { inputSize, patchSize, output } = card;
  const whole = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
  assertInput(whole(inputSize), `${where}: inputSize is ${inputSize}; give the side of the picture in pixels`);
  assertInput(
    whole(patchSize) && inputSize % patchSize === 0,
    `${where}: patchSize is ${patchSize}; give a whole number that divides inputSize ${inputSize}`,
  );
  assertInput(output === undefined || typeof output === "string", `${where}: output is ${output}; give a name`);
  return { inputSize, patchSize, ...pictureNorm(where, card), ...(output !== undefined && { output }) };
}

/** Tokens or a map as g × g × C. @throws InputError for an output of another form */
function asMap(where: string, { data, dims, type }: Tensor, grid: number): { map: Float32Array; channels: number } {
  const shape = dims.join(", ");
  assertInput(type === "float32", `${where}: the output is of the type ${type}; export the model in float32`);
  const values = data as Float32Array;
  if (dims.length === 3 && dims[0] === 1 && dims[1] >= grid * grid) {
    const channels = dims[2];
    return { map: values.slice((dims[1] - grid * grid) * channels), channels };
  }
  assertInput(
    dims.length === 4 && dims[0] === 1 && dims[2] === grid && dims[3] === grid,
    `${where}: the output is [${shape}]; expected tokens [1, T ≥ ${grid * grid}, C] or a map [1, C, ${grid}, ${grid}]: check inputSize and patchSize, or name another output`,
  );
  const channels = dims[1];
  const map = new Float32Array(values.length);
  for (let cell = 0; cell < grid * grid; cell++)
    for (let c = 0; c < channels; c++) map[cell * channels + c] = values[c * grid * grid + cell];
  return { map, channels };
}

/**
 * An ONNX model as a frozen image feature extractor, by onnxruntime on the CPU. Pictures go through it one by one, since
 * exported models are often of batch 1.
 *
 * @param path `model.onnx`, with its card `model.json` beside it
 * @throws InputError if a file is missing or damaged, the model has another input than the card says, or the output is
 *   neither tokens nor a map
 */
export async function onnxExtractor(path: string): Promise<ImageFeatureExtractor> {
  const where = `onnxExtractor: ${path}`;
  assertInput(existsSync(path), `${where} is not there; give the path of an ONNX model`);
  const card = readCard(onnxCardPath(path));
  const { inputSize, patchSize } = card;
  const gridSize = inputSize / patchSize;
  const model = await openOnnx("onnxExtractor", path);
  const output = card.output ?? model.outputNames[0];
  assertInput(
    model.outputNames.includes(output),
    `${where} has no output ${output}; name one of ${model.outputNames.join(", ")}`,
  );
  const mapOf = async (crop: Uint8Array): Promise<{ map: Float32Array; channels: number }> => {
    const [values] = await model.run(picturePlanes(crop, card), inputSize, inputSize, [output]);
    return asMap(where, values, gridSize);
  };
  // The number of channels is known for certain only from an answer.
  const { channels } = await mapOf(new Uint8Array(inputSize * inputSize * 3));
  const grid: FeatureGrid = { cropSize: inputSize, gridSize, channels };
  return {
    ...grid,
    extract: async (crops, batch) => {
      const pixels = inputSize * inputSize * 3;
      assertShape("onnxExtractor crops", crops, [batch, inputSize, inputSize, 3]);
      const maps = new Float32Array(batch * gridSize * gridSize * channels);
      for (let b = 0; b < batch; b++) {
        const { map } = await mapOf(crops.subarray(b * pixels, (b + 1) * pixels));
        maps.set(map, b * map.length);
      }
      return maps;
    },
    dispose: model.dispose,
  };
}
