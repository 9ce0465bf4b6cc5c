/**
 * @file What templates and queries are compared by: feature maps of one grid, either a backbone's layers as they are or
 * what an aggregation network makes of them.
 */
import { tf } from "../../backend";
import { type AggregationConfig, aggregate } from "../../models/aggregation";
import { type FeatureBackbone, resizedMaps } from "../../models/featureBackbone";
import type { Weights } from "../../models/params";

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
   * @returns for each map B × grid × grid × channels
   */
  describe: (pictures: Uint8Array, batch: number) => Promise<Float32Array[]>;
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

/** Options of `aggregatedDescriptor`. */
export interface AggregatedDescriptorOptions {
  grid: number;
  /** Of the network's file: stored features are told apart by it. */
  digest: string;
  /** Numbers from 0 of layers of the backbone that are compared beside the aggregated map, as they are. */
  beside?: readonly number[];
}

/** An aggregation network over a backbone's layers, resized to twice the grid that it gives; its map is the last. */
export const aggregatedDescriptor = (
  backbone: FeatureBackbone,
  weights: Weights,
  config: AggregationConfig,
  { grid, digest, beside = [] }: AggregatedDescriptorOptions,
): Descriptor => ({
  name: `${backbone.name}-${config.kind}${config.width}-${digest.slice(0, 12)}${beside.length > 0 ? `-beside${beside.join(".")}` : ""}-grid${grid}`,
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
