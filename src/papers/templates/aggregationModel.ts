/**
 * @file Trained aggregation networks as files, and the backbone that each reads.
 */
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { type AggregationConfig, aggregationKinds, aggregationParameters } from "../../models/aggregation";
import type { FeatureBackbone } from "../../models/featureBackbone";
import { createParameters, weightsOf } from "../../models/params";
import { Rng } from "../../random";
import { loadModel, loadParameters, type ModelCard } from "../../training/checkpoint";
import { modelDigest } from "../../training/modelDigest";
import type { BackboneOptions } from "./backbones";
import { type AggregatedDescriptorOptions, aggregatedDescriptor, type Descriptor } from "./descriptor";

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
  preset: AggregationPreset;
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
  dispose: () => void;
}

/**
 * Load a network of `posediff train --network aggregation`.
 *
 * @throws InputError if the file is missing, damaged or of another network
 */
export function loadAggregation(path: string): LoadedAggregation {
  const model = loadModel(path);
  const { network, aggregation } = model.card;
  const preset = aggregation as AggregationPreset | undefined;
  assertInput(
    network === "aggregation" &&
      preset !== undefined &&
      aggregationKinds.includes(preset.aggregation?.kind) &&
      Array.isArray(preset.aggregation.channels),
    `loadAggregation: ${path} is no aggregation network; use a model of posediff train --network aggregation`,
  );
  const config = preset.aggregation;
  const parameters = createParameters(aggregationParameters(config), new Rng(0));
  loadParameters(parameters, model);
  const weights = weightsOf(parameters);
  const digest = modelDigest(path);
  return {
    card: model.card,
    preset,
    over: (backbone, options = {}) => {
      const channels = backbone.layers.map((layer) => layer.channels);
      assertInput(
        channels.join() === config.channels.join(),
        `loadAggregation: ${path} reads layers of ${config.channels.join(", ")} channels, ${backbone.name} gives ${channels.join(", ")}; use the backbone it was trained on, ${preset.backbone}`,
      );
      return aggregatedDescriptor(backbone, weights, config, { grid: preset.grid, digest, ...options });
    },
    dispose: () => tf.dispose(weights),
  };
}
