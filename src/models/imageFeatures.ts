/**
 * @file Features of an image, as networks of points use them: a map over a crop, read at each point's pixel.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import { gatherRows } from "./ops/gatherRows";

/** What goes in and what comes out of an image feature extractor. */
export interface FeatureGrid {
  /** Side of the square crops, pixels. */
  cropSize: number;
  /** Side g of the map: the crop is divided into g × g cells. */
  gridSize: number;
  /** Length C of a cell's feature. */
  channels: number;
}

/**
 * An image crop → a map [g, g, C]. The one door through which features come to points: the small CNN that is trained
 * here (`cnnExtractor`), any ONNX model (`onnxExtractor`, e.g. DINOv2), or the reader's own.
 */
export interface ImageFeatureExtractor extends FeatureGrid {
  /**
   * Maps of a batch of crops.
   *
   * @param crops B × cropSize × cropSize × 3 bytes, red, green, blue
   * @returns B × g × g × C
   */
  extract: (crops: Uint8Array, batch: number) => Promise<Float32Array>;
  /** Frees what it holds. */
  dispose: () => void;
}

/**
 * The feature of each point: of the cell that its pixel lies in. The gradient goes back into the map.
 *
 * @param maps [B, g, g, C] or [B·g·g, C]
 * @param cells B × N cells of their own map (`pointCells`)
 * @returns [B·N, C]
 * @throws InputError if a cell lies beyond its map
 */
export function featuresOfPoints(maps: Tensor, cells: Int32Array, batch: number): Tensor2D {
  const channels = maps.shape[maps.rank - 1];
  const perMap = maps.size / channels / batch;
  const points = cells.length / batch;
  assertInput(
    Number.isInteger(perMap) && Number.isInteger(points),
    `featuresOfPoints: ${maps.size / channels} cells and ${cells.length} points do not make ${batch} objects; give each object one map and the same number of points`,
  );
  const rows = cells.map((cell, i) => {
    assertInput(
      cell >= 0 && cell < perMap,
      `featuresOfPoints: point ${i} lies in cell ${cell} of a map with ${perMap}; make cells with the grid of the map`,
    );
    return Math.floor(i / points) * perMap + cell;
  });
  return tf.tidy(() => gatherRows(tf.reshape(maps, [-1, channels]), tf.tensor1d(rows, "int32")));
}
