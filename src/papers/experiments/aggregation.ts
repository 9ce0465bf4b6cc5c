/**
 * @file Aggregation networks VA, NA and CWA over frozen EfficientNet-Lite0, trained by InfoNCE on toys and measured on
 * others (paper C, Tables 1 and 2; claims C2, C8).
 */
import {
  type AggregationKind,
  aggregationKinds,
  aggregationParameters,
  stableDiffusionChannels,
} from "../../models/aggregation";
import type { FeatureBackbone } from "../../models/featureBackbone";
import type { AggregationPreset } from "../templates/aggregationModel";
import { efficientNetPath } from "../templates/backbonePath";
import { efficientNetBackbone } from "../templates/backbones";
import { type ContrastiveRun, defaultContrastiveRun } from "../templates/contrastivePairs";
import { frozenDescriptor } from "../templates/descriptor";
import { aggregationPreset } from "../templates/trainAggregation";
import { disposing } from "./disposing";
import type { Experiment, ExperimentPart } from "./experiment";
import { seededPart } from "./seededPart";
import { defaultToyMatching, type ToyMatchingAmount, toyMatching } from "./toyMatching";
import { withAggregation } from "./withAggregation";

/** Numbers of parameters with the channels of Stable Diffusion 1.5. */
export type ParameterCounts = Record<AggregationKind, number>;

/** Name of the part that counts them. */
export const parameterPart = "parameters";

/** Seeds of the arms that learn. */
export const aggregationSeeds: readonly number[] = [0, 1];

/** Name of the arm that learns nothing. */
export const frozenArm = "frozen";

const kinds = aggregationKinds.map((kind) => ({ name: kind.toUpperCase(), preset: aggregationPreset(kind) }));
const publishedNa = { name: "NA as published", preset: aggregationPreset("na", { zero: "all" }) };

/** The frozen layers that the networks read, then each network with each seed, alone. */
export function aggregationParts(
  run: Omit<ContrastiveRun, "seed">,
  amount: ToyMatchingAmount,
  seeds: readonly number[],
): ExperimentPart[] {
  const backboneOf = ({ options }: AggregationPreset): FeatureBackbone =>
    efficientNetBackbone(efficientNetPath, options);
  const frozen: ExperimentPart = {
    name: frozenArm,
    measure: (context) =>
      disposing(backboneOf(publishedNa.preset), async (backbone) => ({
        ...(await toyMatching(frozenDescriptor(backbone, publishedNa.preset.grid), amount, context)),
      })),
  };
  const counted: ExperimentPart = {
    name: parameterPart,
    measure: async () =>
      Object.fromEntries(
        aggregationKinds.map((kind) => [
          kind,
          aggregationParameters({ kind, channels: stableDiffusionChannels, width: 16 }).reduce(
            (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
            0,
          ),
        ]),
      ),
  };
  const learned = ({ name, preset }: typeof publishedNa, seed: number): ExperimentPart => ({
    name: seededPart(name, seed),
    measure: (context) =>
      disposing(backboneOf(preset), (backbone) =>
        withAggregation(
          {
            folder: context.folder,
            preset,
            backbone,
            run: { ...run, seed },
            signal: context.signal,
            progress: (share, note) => context.progress(0.8 * share, note),
          },
          async (descriptor, minutes) => ({ minutes, ...(await toyMatching(descriptor, amount, context)) }),
        ),
      ),
  });
  // What claims read comes first.
  return [
    counted,
    frozen,
    ...seeds.flatMap((seed) => kinds.map((arm) => learned(arm, seed))),
    ...seeds.map((seed) => learned(publishedNa, seed)),
  ];
}

const { seed: _seed, ...defaultRun } = defaultContrastiveRun;

export const aggregation: Experiment = {
  name: "aggregation",
  title: "Learned aggregation of frozen features: VA, NA, CWA",
  question:
    "C2: NA is at least as good as VA, CWA at least as good as NA on unseen objects. C8: learned aggregation beats the " +
    "frozen features that it begins from. Measured: Acc15 with class on pictures of toys that the training did not see, as they are and partly hidden, " +
    "against 301 templates of each, mean over two seeds; also NA begun as the published code begins it. " +
    "C6: the networks have the printed numbers of parameters.",
  photos: true,
  parts: () => aggregationParts({ ...defaultRun, steps: 750 }, defaultToyMatching, aggregationSeeds),
};
