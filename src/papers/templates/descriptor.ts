/**
 * @file What templates and queries are compared by: feature maps of one grid, either a backbone's layers as they are or
 * what an aggregation network makes of them.
 */
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { type AggregationConfig, aggregate } from "../../models/aggregation";
import { type FeatureBackbone, resizedMaps } from "../../models/featureBackbone";
import { weight } from "../../models/layers";
import type { Weights } from "../../models/params";
import { unitFeatures } from "../../models/unitFeatures";

/** Renders, or pictures of the world. */
export type PictureSide = "queries" | "templates";

/** Pictures → feature maps. */
export interface Descriptor {
  /** Backbone, grid and aggregation, as a file's name may hold them. */
  name: string;
  /** Side of the pictures, pixels. */
  inputSize: number;
  /** Side of the maps. */
  grid: number;
  /** Channels of each map; similarities of several maps are averaged. */
  channels: readonly number[];
  /**
   * Maps of a batch of pictures.
   *
   * @param pictures B × inputSize × inputSize × 3 bytes
   * @param side what the pictures are (default queries); only a descriptor that was fitted to both tells them apart
   * @returns for each map B × grid × grid × channels
   */
  describe: (pictures: Uint8Array, batch: number, side?: PictureSide) => Promise<Float32Array[]>;
}

/** The layers of a backbone as they are, each resized to a grid. */
export const frozenDescriptor = (backbone: FeatureBackbone, grid: number): Descriptor => ({
  name: `${backbone.name}-frozen-grid${grid}`,
  inputSize: backbone.inputSize,
  grid,
  channels: backbone.layers.map(({ channels }) => channels),
  describe: async (pictures, batch) => {
    const maps = resizedMaps(await backbone.features(pictures, batch), grid);
    const values = await Promise.all(maps.map(async (map) => (await map.data()) as Float32Array));
    tf.dispose(maps);
    return values;
  },
});

/** Options of descriptors with a network of their own. */
export interface AggregatedDescriptorOptions {
  grid: number;
  /** Of the network's file: stored features are told apart by it. */
  digest: string;
  /** Numbers from 0 of layers of the backbone that are compared beside the aggregated maps, as they are. */
  beside?: readonly number[];
}

/** Cells of a layer → the space of their canonical correlations, of any norm before. */
export const canonicalCells = <T extends Tensor2D | Tensor4D>(
  weights: Weights,
  layer: number,
  side: PictureSide,
  map: T,
): T =>
  tf.tidy(() => {
    const centred = tf.sub(unitFeatures(map), weight<Tensor1D>(weights, `layers.${layer}.${side}`));
    const matrix = weight<Tensor2D>(weights, `layers.${layer}.matrix`);
    return tf.reshape(tf.matMul(tf.reshape(centred, [-1, matrix.shape[0]]) as Tensor2D, matrix), map.shape) as T;
  });

const besideName = (beside: readonly number[]): string => (beside.length > 0 ? `-beside${beside.join(".")}` : "");

/** The layers of a backbone in the space of their canonical correlations (`fitCanonical`), after those `beside`. */
export const canonicalDescriptor = (
  backbone: FeatureBackbone,
  weights: Weights,
  { grid, digest, beside = [] }: AggregatedDescriptorOptions,
): Descriptor => ({
  name: `${backbone.name}-canonical-${digest.slice(0, 12)}${besideName(beside)}-grid${grid}`,
  inputSize: backbone.inputSize,
  grid,
  channels: [...beside, ...backbone.layers.keys()].map((layer) => backbone.layers[layer].channels),
  describe: async (pictures, batch, side = "queries") => {
    const maps = resizedMaps(await backbone.features(pictures, batch), grid);
    const projected = maps.map((map, layer) => canonicalCells(weights, layer, side, map));
    const all = [...beside.map((layer) => maps[layer]), ...projected];
    const values = await Promise.all(all.map(async (map) => (await map.data()) as Float32Array));
    tf.dispose([...maps, ...projected]);
    return values;
  },
});

/** An aggregation network over a backbone's layers, resized to twice the grid that it gives; its map is the last. */
export const aggregatedDescriptor = (
  backbone: FeatureBackbone,
  weights: Weights,
  config: AggregationConfig,
  { grid, digest, beside = [] }: AggregatedDescriptorOptions,
): Descriptor => ({
  name: `${backbone.name}-${config.kind}${config.width}-${digest.slice(0, 12)}${besideName(beside)}-grid${grid}`,
  inputSize: backbone.inputSize,
  grid,
  channels: [...beside.map((layer) => backbone.layers[layer].channels), config.width],
  describe: async (pictures, batch) => {
    const maps = await backbone.features(pictures, batch);
    const frozen = resizedMaps(
      beside.map((layer) => maps[layer].clone()),
      grid,
    );
    const wide = resizedMaps(maps, 2 * grid);
    const all = [...frozen, tf.tidy(() => aggregate(weights, config, wide).map)];
    const values = await Promise.all(all.map(async (map) => (await map.data()) as Float32Array));
    tf.dispose([...wide, ...all]);
    return values;
  },
});
