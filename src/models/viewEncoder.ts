/**
 * @file What a network of paper B is told of an object: its crop, the crop's relative depth and normals, its category and
 * the whole photo; each may be left out.
 */
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, assertShape } from "../check";
import { normal } from "./initializers";
import { linear, linearParameters, type StatisticsUpdates, weight } from "./layers";
import { gatherRows } from "./ops/gatherRows";
import type { ParameterSpec, Weights } from "./params";
import { type ResNetConfig, resNet, resNetFeatureSize, resNetParameters } from "./resNet";

/** The conditions that can be left out. */
export type Condition = "rgb" | "geometry" | "global" | "category";

/** Their order in the flags of a batch. */
export const conditions: readonly Condition[] = ["rgb", "geometry", "category", "global"];

/** Sizes and parts of the encoder. */
export interface ViewEncoderConfig {
  /** Reads the crop's colours. */
  rgb: ResNetConfig;
  /** Reads the crop's relative depth and normals, 4 channels. */
  geometry: ResNetConfig;
  /** Reads the whole photo with the box marked, 4 channels. Without it: variant NG. */
  global?: ResNetConfig;
  /** Every network's feature is brought to so many numbers by a layer with ReLU; undefined: left as it is. */
  featureWidth?: number;
  /** Length of the category's embedding; 0: variant NC. */
  categoryWidth: number;
  /** Categories, the unknown one (0) not counted. */
  categories: number;
  /** Colours 0 … 1 are read as (c − mean)/deviation. */
  pixels: { mean: readonly [number, number, number]; deviation: readonly [number, number, number] };
}

/** What is known of B objects. */
export interface ViewBatch {
  batch: number;
  /** B × S × S × 3 bytes. */
  crops: Uint8Array;
  /** B × S × S × 4: standardised relative depth, normals in the crop's frame. */
  geometry: Float32Array;
  /** B × H × W × 4 bytes: the whole photos, small, and how far each pixel lies in the box (0 … 255). */
  photos: Uint8Array;
  /** B × 3: the direction of the crop's centre x/z, y/z and the logarithm of the angle that it spans. */
  frames: Float32Array;
  /** B: 1 + index of the category, 0 for unknown. */
  labels: Uint8Array;
  /** B × 4, 0 where a condition is left out (order of `conditions`); undefined: all are there. */
  kept?: Float32Array;
}

const frameSize = 3;

/** Where each part of the feature lies: from, to. */
export function featureParts(config: ViewEncoderConfig): Record<Condition, [number, number]> {
  const { featureWidth, rgb, geometry, global, categoryWidth } = config;
  const widths: Record<Condition, number> = {
    rgb: featureWidth ?? resNetFeatureSize(rgb),
    geometry: featureWidth ?? resNetFeatureSize(geometry),
    category: categoryWidth,
    global: global ? (featureWidth ?? resNetFeatureSize(global) + frameSize) : 0,
  };
  let from = 0;
  const parts = {} as Record<Condition, [number, number]>;
  for (const name of conditions) {
    parts[name] = [from, from + widths[name]];
    from += widths[name];
  }
  return parts;
}

/** F: [rgb | geometry | category | global]. */
export const viewFeatureSize = (config: ViewEncoderConfig): number => featureParts(config).global[1];

/** Parameters `rgb.…`, `geometry.…`, `global.…` (torchvision's names), their projections and `category.weight`. */
export function viewEncoderParameters(config: ViewEncoderConfig): ParameterSpec[] {
  const { rgb, geometry, global, featureWidth, categoryWidth, categories } = config;
  const projection = (name: string, inputs: number): ParameterSpec[] =>
    featureWidth === undefined ? [] : linearParameters(`${name}.projection`, inputs, featureWidth);
  return [
    ...resNetParameters("rgb.", rgb),
    ...projection("rgb", resNetFeatureSize(rgb)),
    ...resNetParameters("geometry.", geometry),
    ...projection("geometry", resNetFeatureSize(geometry)),
    ...(global
      ? [...resNetParameters("global.", global), ...projection("global", resNetFeatureSize(global) + frameSize)]
      : []),
    // PyTorch's nn.Embedding starts with N(0, 1).
    ...(categoryWidth > 0
      ? [{ name: "category.weight", shape: [categories + 1, categoryWidth], initial: normal(1) }]
      : []),
  ];
}

/** Bytes of channels 0, 1, 2 as (c/255 − mean)/deviation; a fourth as c/255. */
function pictures(
  where: string,
  bytes: Uint8Array,
  batch: number,
  { inputSize: [height, width], channels }: ResNetConfig,
  { mean, deviation }: ViewEncoderConfig["pixels"],
): Tensor4D {
  assertShape(where, bytes, [batch, height, width, channels]);
  const values = new Float32Array(bytes.length);
  for (let i = 0, c = 0; i < bytes.length; i++, c = c === channels - 1 ? 0 : c + 1)
    values[i] = c < 3 ? (bytes[i] / 255 - mean[c]) / deviation[c] : bytes[i] / 255;
  return tf.tensor4d(values, [batch, height, width, channels]);
}

/** Feature of B objects, and in training the new statistics of norms. */
export interface ViewEncoding {
  /** [B, F] */
  feature: Tensor2D;
  updates: StatisticsUpdates;
}

/**
 * The condition of the score: features of crop, geometry and photo and the embedded category side by side. What is left
 * out becomes zeros, the category the unknown one (paper B, section 3.3).
 *
 * @throws InputError if the maps do not have the configured sizes or a label is beyond the categories
 */
export function encodeViews(
  weights: Weights,
  config: ViewEncoderConfig,
  view: ViewBatch,
  { training = false }: { training?: boolean } = {},
): ViewEncoding {
  const { batch, labels, kept } = view;
  const updates: StatisticsUpdates = {};
  const flag = (b: number, condition: Condition): number => kept?.[4 * b + conditions.indexOf(condition)] ?? 1;
  const project = (name: string, feature: Tensor2D): Tensor2D =>
    config.featureWidth === undefined ? feature : linear(weights, `${name}.projection`, feature, "relu");
  const unlessLeftOut = (condition: Condition, feature: Tensor2D): Tensor2D => {
    if (!kept) return feature;
    const flags = Float32Array.from({ length: batch }, (_, b) => flag(b, condition));
    return tf.mul(feature, tf.tensor2d(flags, [batch, 1]));
  };
  const options = { training, updates };
  const parts: Tensor2D[] = [];
  const crops = pictures("encodeViews, crops", view.crops, batch, config.rgb, config.pixels);
  parts.push(unlessLeftOut("rgb", project("rgb", resNet(weights, "rgb.", config.rgb, crops, options).feature)));
  const [height, width] = config.geometry.inputSize;
  assertShape("encodeViews, geometry", view.geometry, [batch, height, width, 4]);
  const geometry = tf.tensor4d(view.geometry, [batch, height, width, 4]);
  const ofGeometry = resNet(weights, "geometry.", config.geometry, geometry, options).feature;
  parts.push(unlessLeftOut("geometry", project("geometry", ofGeometry)));
  if (config.categoryWidth > 0) {
    assertShape("encodeViews, labels", labels, [batch]);
    const rows = Int32Array.from(labels, (label, b) => (flag(b, "category") === 0 ? 0 : label));
    assertInput(
      rows.every((row) => row <= config.categories),
      `encodeViews: there is a label above ${config.categories}; give 0 for unknown or 1 + the category's index`,
    );
    parts.push(gatherRows(weight<Tensor2D>(weights, "category.weight"), tf.tensor1d(rows, "int32") as Tensor1D));
  }
  if (config.global) {
    const photos = pictures("encodeViews, photos", view.photos, batch, config.global, config.pixels);
    assertShape("encodeViews, frames", view.frames, [batch, frameSize]);
    const ofPhoto = resNet(weights, "global.", config.global, photos, options).feature;
    const withFrame = tf.concat([ofPhoto, tf.tensor2d(view.frames, [batch, frameSize])], 1);
    parts.push(unlessLeftOut("global", project("global", withFrame)));
  }
  return { feature: tf.concat(parts, 1), updates };
}
