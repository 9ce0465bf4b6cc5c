/**
 * @file What all ONNX models here share: a card beside the file, one picture in, named outputs.
 */
import { readFileSync, statSync } from "node:fs";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { assertInput, InputError } from "../check";

/** How bytes become a model's numbers: a channel is (byte/255 − mean)/std. */
export interface PictureNorm {
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** @throws InputError where nothing is there, or what is no file: a pipe would be waited for */
function assertFile(name: string, path: string, cure: string): void {
  const status = statSync(path, { throwIfNoEntry: false });
  assertInput(status, `${name}: ${path} is not there; ${cure}`);
  assertInput(status.isFile(), `${name}: ${path} is a folder or a pipe, no file; ${cure}`);
}

/** `model.onnx` → `model.json`. */
export const onnxCardPath = (path: string): string => `${path.replace(/\.onnx$/, "")}.json`;

/** The card as JSON. @throws InputError if it is missing or no JSON; `fields` are those to write into it */
export function readOnnxCard(where: string, path: string, fields: string): Record<string, unknown> {
  assertFile(where, path, `write ${fields} of the model into it`);
  try {
    // TextDecoder leaves a byte order mark away.
    return ((JSON.parse(new TextDecoder().decode(readFileSync(path))) as unknown) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw new InputError(`${where}: ${path} is no JSON (${(error as Error).message}); write ${fields} into it anew`);
  }
}

/** Check mean and std of a card. @throws InputError that names the field */
export function pictureNorm(where: string, { mean, std }: Record<string, unknown>): PictureNorm {
  const three = (values: unknown): values is [number, number, number] =>
    Array.isArray(values) && values.length === 3 && values.every(Number.isFinite);
  assertInput(three(mean), `${where}: mean is ${JSON.stringify(mean)}; give three numbers, red, green, blue`);
  assertInput(
    three(std) && std.every((value) => value > 0),
    `${where}: std is ${JSON.stringify(std)}; give three positive numbers, red, green, blue`,
  );
  return { mean, std };
}

/** H × W × 3 values of bytes → 3 planes, normalised. */
export function picturePlanes(picture: ArrayLike<number>, { mean, std }: PictureNorm): Float32Array {
  const pixels = picture.length / 3;
  const planes = new Float32Array(3 * pixels);
  for (let i = 0; i < pixels; i++)
    for (let c = 0; c < 3; c++) planes[c * pixels + i] = (picture[3 * i + c] / 255 - mean[c]) / std[c];
  return planes;
}

/** A model that takes one picture. */
export interface OnnxPictureModel {
  outputNames: readonly string[];
  /** @param planes 3 × height × width @throws InputError if the model does not take such a picture */
  run: (planes: Float32Array, width: number, height: number, outputs: readonly string[]) => Promise<Tensor[]>;
  dispose: () => void;
}

/**
 * Open a model by onnxruntime on the CPU.
 *
 * @param model the file's bytes, changed; default: the file as it is
 * @throws InputError if the file is missing or damaged, onnxruntime does not load, or the model has several inputs
 */
export async function openOnnx(name: string, path: string, model?: Uint8Array): Promise<OnnxPictureModel> {
  const where = `${name}: ${path}`;
  assertFile(name, path, "give the path of an ONNX model");
  // Loaded only by whoever wants it: its binary is not there for every platform.
  const runtime = await import("onnxruntime-node").catch((error: Error) => {
    throw new InputError(`${name}: onnxruntime-node does not load (${error.message}); use what is embedded`);
  });
  const opening = model ? runtime.InferenceSession.create(model) : runtime.InferenceSession.create(path);
  const session: InferenceSession = await opening.catch((error: Error) => {
    throw new InputError(`${where} is no model that onnxruntime reads (${error.message}); export it again`);
  });
  const [input, ...others] = session.inputNames;
  assertInput(
    others.length === 0,
    `${where} has the inputs ${session.inputNames.join(", ")}; a picture must be the only`,
  );
  return {
    outputNames: session.outputNames,
    run: async (planes, width, height, outputs) => {
      const picture = new runtime.Tensor("float32", planes, [1, 3, height, width]);
      const values = await session.run({ [input]: picture }, [...outputs]).catch((error: Error) => {
        throw new InputError(
          `${where} does not take a picture of ${width === height ? width : `${width} × ${height}`} pixels (${error.message}); see its card`,
        );
      });
      return outputs.map((output) => values[output] as Tensor);
    },
    dispose: () => {
      void session.release();
    },
  };
}
