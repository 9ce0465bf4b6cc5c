/**
 * @file What every backbone of template matching is: a picture → a list of feature maps, one a layer.
 */
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, assertShape } from "../check";

/** A tapped layer. */
export interface FeatureLayer {
  name: string;
  channels: number;
}

/** A frozen network that gives feature maps of pictures. */
export interface FeatureBackbone {
  /** What it is and what it reads, as one word: `efficientnet-lite0-224`. Stored features are told apart by it. */
  name: string;
  /** Side of the square pictures, pixels. */
  inputSize: number;
  layers: readonly FeatureLayer[];
  /**
   * Feature maps of a batch of pictures.
   *
   * @param pictures B × inputSize × inputSize × 3 bytes, red, green, blue
   * @returns one [B, h, w, C] a layer; sizes differ between layers; the caller's
   * @throws InputError if the pictures are of another size
   */
  features: (pictures: Uint8Array, batch: number) => Promise<Tensor4D[]>;
  /** Frees what it holds. */
  dispose: () => void;
}

/** Mean and deviation of ImageNet's pictures over 255, red, green, blue. */
export const imageNetNorm = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Bytes → [B, S, S, 3], (byte/255 − mean)/std. */
export function normalizedPictures(
  pictures: Uint8Array,
  batch: number,
  size: number,
  { mean, std }: { mean: readonly number[]; std: readonly number[] } = imageNetNorm,
): Tensor4D {
  assertShape("normalizedPictures", pictures, [batch, size, size, 3]);
  const values = new Float32Array(pictures.length);
  for (let i = 0; i < values.length; i++) values[i] = (pictures[i] / 255 - mean[i % 3]) / std[i % 3];
  return tf.tensor4d(values, [batch, size, size, 3]);
}

/**
 * Maps of one size: bilinear, corners not aligned (paper C resizes all to 64 × 64). The maps given are freed.
 *
 * @throws InputError unless `grid` is a positive whole number
 */
export function resizedMaps(maps: readonly Tensor4D[], grid: number): Tensor4D[] {
  assertInput(Number.isInteger(grid) && grid > 0, `resizedMaps: the grid is ${grid}; give a positive whole number`);
  return maps.map((map) => {
    if (map.shape[1] === grid && map.shape[2] === grid) return map;
    const resized = tf.image.resizeBilinear(map, [grid, grid], false, true);
    map.dispose();
    return resized;
  });
}
