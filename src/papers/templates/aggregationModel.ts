/**
 * @file Trained aggregation networks as files, and the backbone that each reads.
 */
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { type AggregationConfig, aggregate, aggregationKinds, aggregationParameters } from "../../models/aggregation";
import { type FeatureBackbone, resizedMaps } from "../../models/featureBackbone";
import { createParameters, weightsOf } from "../../models/params";
import { Rng } from "../../random";
import { loadModel, loadParameters, type ModelCard } from "../../training/checkpoint";
import { modelDigest } from "../../training/modelDigest";
import { shippedCheckpoint } from "../shippedCheckpoint";
import type { BackboneOptions } from "./backbones";
import { canonicalParameters } from "./canonicalModel";
import {
  type AggregatedDescriptorOptions,
  aggregatedDescriptor,
  canonicalDescriptor,
  type Descriptor,
} from "./descriptor";

/** What a network of `posediff train --network aggregation` reads and gives; its card holds this. */
export interface AggregationPreset {
  /** Name of the backbone and its options (`openBackbone`). */
  backbone: string;
  options: BackboneOptions;
  /** Side of the maps that it gives; it reads maps of twice the side. */
  grid: number;
  aggregation: AggregationConfig;
}

/** A trained network. */
export interface LoadedAggregation {
  card: ModelCard;
  /** What it reads. */
  preset: Pick<AggregationPreset, "backbone" | "options" | "grid">;
  /** How many maps its descriptor gives, beside those that are compared as they are. */
  maps: number;
  /**
   * Its descriptor over the backbone that the preset names.
   *
   * @param options another grid than the preset's, and layers to compare beside it
   * @throws InputError if the backbone has other layers
   */
  over: (
    backbone: FeatureBackbone,
    options?: Partial<Pick<AggregatedDescriptorOptions, "grid" | "beside">>,
  ) => Descriptor;
  /**
   * Weights w_ℓ that a context-aware network (CWA) gives the layers of each picture, B × layers; they add up to 1.
   *
   * @param pictures B × inputSize × inputSize × 3 bytes
   * @throws InputError for a network that weighs no layers, or if the backbone has other layers
   */
  layerWeights: (backbone: FeatureBackbone, pictures: Uint8Array, batch: number) => Promise<Float32Array>;
  dispose: () => void;
}

/** The shipped network: CWA, trained on toys. */
export const aggregationCheckpoint: string = shippedCheckpoint("aggregation-small");

/** A backbone must have the layers that a network reads. @throws InputError if it has others */
function assertLayers(path: string, expected: readonly number[], backbone: FeatureBackbone, trained: string): void {
  const channels = backbone.layers.map((layer) => layer.channels);
  assertInput(
    channels.join() === expected.join(),
    `loadAggregation: ${path} reads layers of ${expected.join(", ")} channels, ${backbone.name} gives ${channels.join(", ")}; use the backbone it was trained on, ${trained}`,
  );
}

const isList = (value: unknown): value is number[] => Array.isArray(value) && value.length > 0;

/**
 * Load a network of `posediff train --network aggregation` or `canonical`.
 *
 * @throws InputError if the file is missing, damaged or of another network
 */
export function loadAggregation(path: string): LoadedAggregation {
  const model = loadModel(path);
  const { network, aggregation, canonical } = model.card;
  const preset = (network === "canonical" ? canonical : aggregation) as
    | (AggregationPreset & { channels?: unknown })
    | undefined;
  const config = network === "aggregation" ? preset?.aggregation : undefined;
  const channels = config?.channels ?? preset?.channels;
  assertInput(
    preset !== undefined &&
      isList(channels) &&
      (network === "canonical" || (config !== undefined && aggregationKinds.includes(config.kind))),
    `loadAggregation: ${path} is no aggregation network; use a model of posediff train --network aggregation or canonical`,
  );
  const parameters = createParameters(
    config ? aggregationParameters(config) : canonicalParameters(channels),
    new Rng(0),
  );
  loadParameters(parameters, model);
  const weights = weightsOf(parameters);
  const digest = modelDigest(path);
  return {
    card: model.card,
    preset,
    maps: config ? 1 : channels.length,
    over: (backbone, options = {}) => {
      assertLayers(path, channels, backbone, preset.backbone);
      const own = { grid: preset.grid, digest, ...options };
      return config
        ? aggregatedDescriptor(backbone, weights, config, own)
        : canonicalDescriptor(backbone, weights, own);
    },
    layerWeights: async (backbone, pictures, batch) => {
      assertLayers(path, channels, backbone, preset.backbone);
      assertInput(
        config?.kind === "cwa",
        `loadAggregation: ${path} weighs no layers; use a model of posediff train --network aggregation --kind cwa`,
      );
      const maps = resizedMaps(await backbone.features(pictures, batch), 2 * preset.grid);
      const { map, layerWeights } = aggregate(weights, config, maps);
      const values = (await layerWeights!.data()) as Float32Array;
      tf.dispose([...maps, map, layerWeights!]);
      return values;
    },
    dispose: () => tf.dispose(weights),
  };
}
