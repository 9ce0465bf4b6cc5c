/**
 * @file Relative depth and normals of a photo by the reader's own ONNX models (Omnidata DPT, Depth Anything, …).
 */
import type { Tensor } from "onnxruntime-node";
import { assertInput, assertShape } from "../check";
import type { Camera } from "../geometry/camera";
import { onnxCardPath, openOnnx, type PictureNorm, pictureNorm, picturePlanes, readOnnxCard } from "./onnxSession";
import { type MapSize, resizeMap } from "./resizeMap";

/**
 * What must be known of a model beside its file: `model.onnx` wants `model.json` next to it, with these fields.
 *
 * @example Depth Anything: `{"inputSize": [518, 518], "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
 * "depth": {"means": "disparity"}}`; Omnidata's normals: `{"inputSize": [384, 384], "mean": [0, 0, 0],
 * "std": [1, 1, 1], "normals": {"zeroToOne": true, "signs": [1, -1, -1]}}`
 */
export interface OnnxGeometryCard extends PictureNorm {
  /** Width and height of the picture that the model takes, pixels. */
  inputSize: readonly [number, number];
  /** The model gives a depth map [1, h, w] or [1, 1, h, w]. */
  depth?: {
    /** Name; default: the first output. */
    output?: string;
    /** `depth` grows with the distance, `disparity` with the nearness (Depth Anything, MiDaS). */
    means: "depth" | "disparity";
  };
  /** The model gives normals [1, 3, h, w]. */
  normals?: {
    /** Name; default: the first output. */
    output?: string;
    /** Stored as (n + 1)/2. */
    zeroToOne?: boolean;
    /** Signs that bring x, y, z to x right, y down, z forward, pointing to the camera. */
    signs?: readonly [number, number, number];
  };
}

/** Maps over a photo; the form of `MonocularGeometry`. */
export interface PredictedMaps {
  /** H × W, relative; grows with the distance. All 0 where no model gives a depth. */
  depth: Float32Array;
  /** H × W × 3, unit vectors that point to the camera. All 0 where no model gives normals. */
  normals: Float32Array;
}

/** A `GeometryProvider`. `dispose()` when done. */
export interface OnnxGeometry {
  /** @throws InputError if the picture does not have the camera's size, or a model answers in another form */
  geometryOf: (image: { rgb: Uint8Array; camera: Camera }) => Promise<PredictedMaps>;
  dispose: () => void;
}

const fields = "inputSize [width, height], mean, std, and depth or normals (see OnnxGeometryCard)";

/** Read and check the card. @throws InputError that names the field */
function readCard(path: string): OnnxGeometryCard {
  const where = `onnxGeometry: ${path}`;
  const card = readOnnxCard("onnxGeometry", path, fields);
  const { inputSize, depth, normals } = card as Partial<OnnxGeometryCard>;
  assertInput(
    Array.isArray(inputSize) && inputSize.length === 2 && inputSize.every((n) => Number.isInteger(n) && n > 0),
    `${where}: inputSize is ${JSON.stringify(inputSize)}; give width and height in pixels, e.g. [384, 384]`,
  );
  assertInput(depth ?? normals, `${where}: it names neither depth nor normals; say what the model's output means`);
  assertInput(
    depth === undefined || depth.means === "depth" || depth.means === "disparity",
    `${where}: depth.means is ${JSON.stringify(depth?.means)}; give "depth" or "disparity"`,
  );
  const signs = normals?.signs;
  assertInput(
    signs === undefined || (Array.isArray(signs) && signs.length === 3 && signs.every((s) => Math.abs(s) === 1)),
    `${where}: normals.signs is ${JSON.stringify(signs)}; give three of 1 and −1`,
  );
  return { inputSize: [inputSize[0], inputSize[1]], ...pictureNorm(where, card), depth, normals };
}

/** Planes [1, C, h, w] (C = 1 may be left out) as h × w × C. */
function interleaved(
  where: string,
  { data, dims, type }: Tensor,
  channels: number,
): { values: Float32Array } & MapSize {
  const [height, width] = dims.slice(-2);
  assertInput(
    type === "float32" && dims.length >= 2 && channels * height * width === data.length,
    `${where}: the output is ${type} [${dims.join(", ")}]; expected float32 [1, ${channels}, h, w]: name another output in the card`,
  );
  const planes = data as Float32Array;
  const pixels = height * width;
  const values = new Float32Array(planes.length);
  for (let i = 0; i < pixels; i++) for (let c = 0; c < channels; c++) values[channels * i + c] = planes[c * pixels + i];
  return { values, width, height };
}

/**
 * A depth that grows with the distance, of a disparity whose zero is not known: 1/(0.1 + 0.9·d̂) with d̂ in [0, 1]. The
 * nearest is taken to be ten times nearer than the farthest, as nobody knows.
 */
function depthOfDisparity(disparity: Float32Array): Float32Array {
  const [low, high] = disparity.reduce(([a, b], d) => [Math.min(a, d), Math.max(b, d)], [Infinity, -Infinity]);
  const range = high > low ? high - low : 1;
  return disparity.map((d) => 1 / (0.1 + (0.9 * (d - low)) / range));
}

function unitNormals(values: Float32Array, { zeroToOne = false, signs = [1, 1, 1] }: OnnxGeometryCard["normals"] & {}) {
  const normals = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 3) {
    const n = [0, 1, 2].map((k) => signs[k] * (zeroToOne ? 2 * values[i + k] - 1 : values[i + k]));
    const length = Math.hypot(...n);
    if (length > 1e-6) for (let k = 0; k < 3; k++) normals[i + k] = n[k] / length;
  }
  return normals;
}

/**
 * One model for both, or one for each, as relative depth and normals of whole photos. The photo is resized to what the
 * model takes, the answer back to the photo.
 *
 * @param paths `model.onnx` files, each with its card `model.json` beside it
 * @throws InputError if a file is missing or damaged, or a card says too little
 */
export async function onnxGeometry(paths: readonly string[]): Promise<OnnxGeometry> {
  assertInput(paths.length > 0, "onnxGeometry: got no model; give the path of one for depth, normals or both");
  const models: { where: string; card: OnnxGeometryCard; model: Awaited<ReturnType<typeof openOnnx>> }[] = [];
  for (const path of paths) {
    const card = readCard(onnxCardPath(path));
    models.push({ where: `onnxGeometry: ${path}`, card, model: await openOnnx("onnxGeometry", path) });
  }
  const outputOf = (name: string | undefined, { where, model }: (typeof models)[number]): string => {
    const output = name ?? model.outputNames[0];
    const known = model.outputNames.join(", ");
    assertInput(model.outputNames.includes(output), `${where} has no output ${output}; name one of ${known}`);
    return output;
  };
  for (const entry of models)
    for (const part of [entry.card.depth, entry.card.normals]) if (part) outputOf(part.output, entry);
  return {
    geometryOf: async ({ rgb, camera }) => {
      assertShape("onnxGeometry", rgb, [camera.height, camera.width, 3]);
      const pixels = camera.width * camera.height;
      const maps: PredictedMaps = { depth: new Float32Array(pixels), normals: new Float32Array(3 * pixels) };
      for (const entry of models) {
        const { where, card, model } = entry;
        const [width, height] = card.inputSize;
        const planes = picturePlanes(resizeMap(rgb, 3, camera, { width, height }), card);
        const run = async (name: string | undefined, channels: number) => {
          const [tensor] = await model.run(planes, width, height, [outputOf(name, entry)]);
          return interleaved(where, tensor, channels);
        };
        if (card.depth) {
          const map = await run(card.depth.output, 1);
          const depth = card.depth.means === "depth" ? map.values : depthOfDisparity(map.values);
          maps.depth = resizeMap(depth, 1, map, camera);
        }
        if (card.normals) {
          const map = await run(card.normals.output, 3);
          maps.normals = unitNormals(resizeMap(unitNormals(map.values, card.normals), 3, map, camera), {});
        }
      }
      return maps;
    },
    dispose: () => {
      for (const { model } of models) model.dispose();
    },
  };
}
