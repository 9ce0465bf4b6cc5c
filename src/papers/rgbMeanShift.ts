/**
 * @file Paper B: pose and size of an object in one photo, by a score network that is conditioned on what is seen.
 */
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, InputError } from "../check";
import { thumbnailSize } from "../datasets/procedural/proceduralPhoto";
import { poseSizeDimension } from "../geometry/poseSizeVector";
import { categories } from "../geometry/symmetry";
import type { ParameterSpec } from "../models/params";
import { type RegressionHeadConfig, regress, regressionHeadParameters } from "../models/regressionHead";
import { type ResNetConfig, resNet34 } from "../models/resNet";
import { type ScoreNetworkConfig, scaledScore, scoreNetworkParameters } from "../models/scoreNetwork";
import {
  encodeViews,
  featureParts,
  type ViewEncoderConfig,
  viewEncoderParameters,
  viewFeatureSize,
} from "../models/viewEncoder";
import type { LossFunction } from "../training/gradients";
import { poseRegressionLoss } from "../training/poseRegressionLoss";
import { scoreMatchingLoss } from "../training/scoreMatchingLoss";
import type { RgbBatch } from "./rgbBatch";
import { noStandard, type PoseStandard, smallStandard } from "./rgbPose";

export type RgbPreset = "paper" | "small";

/** The network of paper B and the choices of its training. */
export interface RgbConfig {
  preset: RgbPreset;
  encoder: ViewEncoderConfig;
  score: ScoreNetworkConfig;
  /** Paper A's joint learning, which paper B does not have: a head that says the pose at once. */
  regression?: RegressionHeadConfig;
  /** Rotation relative to the ray of the crop's centre instead of the optical axis. */
  allocentric: boolean;
  /** Means and units of the twelve numbers on which the diffusion acts. */
  standard: PoseStandard;
  /** Probability with which each condition is left out in training. */
  dropRate: number;
  /** Share of the diffusion times drawn from (0.05, 0.6) instead of (0, 1); 0 is the paper's. */
  timeFocus: number;
}

/** The paper's encoders: 512 channels averaged to 2 × 2 cells are its "2048 dimensional tensors" (section 3.5). */
const paperEncoder: ResNetConfig = { ...resNet34, inputSize: [256, 256], grid: [2, 2] };

const paperViews: ViewEncoderConfig = {
  rgb: paperEncoder,
  geometry: { ...paperEncoder, channels: 4 },
  global: { ...paperEncoder, channels: 4, inputSize: [thumbnailSize.height, thumbnailSize.width] },
  categoryWidth: 128,
  categories: categories.length,
  // ImageNet's, with which the pretrained weights were trained.
  pixels: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
};

/** 64 × 64 pixels → 4 × 4 cells. */
const smallCropNet = (channels: number, widths: readonly [number, number, number, number]): ResNetConfig => ({
  inputSize: [64, 64],
  channels,
  stem: { kernel: 5, width: widths[0], stride: 2, pool: false },
  stages: [
    { blocks: 1, width: widths[1], stride: 2 },
    { blocks: 1, width: widths[2], stride: 2 },
    { blocks: 1, width: widths[3], stride: 2 },
  ],
  norm: "none",
  grid: [4, 4],
});

const smallViews: ViewEncoderConfig = {
  rgb: smallCropNet(3, [24, 48, 96, 128]),
  geometry: smallCropNet(4, [16, 32, 64, 96]),
  global: {
    inputSize: [thumbnailSize.height, thumbnailSize.width],
    channels: 4,
    stem: { kernel: 5, width: 16, stride: 2, pool: false },
    stages: [
      { blocks: 1, width: 32, stride: 2 },
      { blocks: 1, width: 64, stride: 2 },
      { blocks: 1, width: 96, stride: 2 },
    ],
    norm: "none",
    grid: [3, 4],
  },
  featureWidth: 256,
  categoryWidth: 64,
  categories: categories.length,
  pixels: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
};

/** An entry of a random rotation has the deviation 1/√3; standardised numbers are brought to the same. */
const standardDeviation = 0.577;

/** The score network for an encoder; `globalOnlyForScale` is variant NGR: rotation heads do not see the whole photo. */
const scoreFor = (
  encoder: ViewEncoderConfig,
  own: Omit<ScoreNetworkConfig, "featureSize" | "dimension" | "heads" | "headLayers">,
  globalOnlyForScale: boolean,
): ScoreNetworkConfig => {
  const [from, to] = featureParts(encoder).global;
  return {
    featureSize: viewFeatureSize(encoder),
    dimension: poseSizeDimension,
    heads: 4,
    headLayers: 3,
    ...own,
    ...(globalOnlyForScale && to > from && { unseen: { heads: 2, from, to } }),
  };
};

const paperScore = { poseWidth: 256, time: { width: 128, fourierScale: 30 }, hidden: 512 };
const smallScore = {
  poseWidth: 128,
  time: { width: 64, fourierScale: 4 },
  hidden: 192,
  preconditioning: { dataDeviation: new Array<number>(poseSizeDimension).fill(standardDeviation) },
};

/**
 * `paper`: the published sizes; the whole photo is read by a third ResNet-34, where the paper takes a feature of its
 * detector's. `small`: trains on two CPU cores. It departs from the paper where that learned faster in trials: no norm,
 * standardised numbers and a preconditioned score, rotation relative to the crop's ray, a regression head beside, half of
 * the times drawn where a sample's fate is decided. Both are variant NGR, the paper's best: the whole photo speaks to
 * translation and size only.
 */
export const rgbPresets: Record<RgbPreset, RgbConfig> = {
  paper: {
    preset: "paper",
    encoder: paperViews,
    score: scoreFor(paperViews, paperScore, true),
    allocentric: false,
    standard: noStandard,
    dropRate: 0.1,
    timeFocus: 0,
  },
  small: {
    preset: "small",
    encoder: smallViews,
    score: scoreFor(smallViews, smallScore, true),
    regression: { widths: [viewFeatureSize(smallViews), 256, poseSizeDimension] },
    allocentric: true,
    standard: smallStandard,
    dropRate: 0.1,
    timeFocus: 0.5,
  },
};

/** What the network is not told, or told everywhere (Table 1). */
export type RgbVariant = "NGR" | "NG" | "NC" | "all";

/** Names of the variants. */
export const rgbVariants: readonly RgbVariant[] = ["NGR", "NG", "NC", "all"];

/**
 * A variant of paper B's Table 1: `NGR` the global feature only for translation and size (the presets), `NG` without it,
 * `NC` without the category, `all` everything for all heads ("Ours").
 */
export function rgbVariant(config: RgbConfig, variant: RgbVariant): RgbConfig {
  const encoder: ViewEncoderConfig = {
    ...config.encoder,
    ...(variant === "NG" && { global: undefined }),
    ...(variant === "NC" && { categoryWidth: 0 }),
  };
  const { featureSize: _, unseen: __, ...own } = config.score;
  const feature = viewFeatureSize(encoder);
  return {
    ...config,
    encoder,
    score: scoreFor(encoder, own, variant === "NGR"),
    regression: config.regression && { widths: [feature, ...config.regression.widths.slice(1)] },
  };
}

export const isRgbPreset = (name: unknown): name is RgbPreset =>
  typeof name === "string" && Object.hasOwn(rgbPresets, name);

/** The preset of that name. @throws InputError for any other name */
export function rgbPresetNamed(name: string): RgbConfig {
  if (isRgbPreset(name)) return rgbPresets[name];
  throw new InputError(
    `rgbPresetNamed: there is no preset "${name}"; use ${Object.keys(rgbPresets)
      .map((known) => `"${known}"`)
      .join(" or ")}`,
  );
}

/** All arrays: encoder, score network, regression head. */
export const rgbParameters = (config: RgbConfig): ParameterSpec[] => [
  ...viewEncoderParameters(config.encoder),
  ...scoreNetworkParameters(config.score),
  ...(config.regression ? regressionHeadParameters(config.regression) : []),
];

/** Parts of the regression head's loss: angle in radians (of the y axis for symmetric objects), SITE and size squared. */
function regressionParts(output: Tensor2D, { poses, symmetric }: RgbBatch): Record<string, Scalar> {
  const batch = output.shape[0];
  const truth = new Float32Array(9 * batch);
  const sizes = new Float32Array(3 * batch);
  for (let b = 0; b < batch; b++) {
    truth.set(poses.subarray(12 * b, 12 * b + 9), 9 * b);
    sizes.set(poses.subarray(12 * b + 9, 12 * b + 12), 3 * b);
  }
  const { rotation, translation } = poseRegressionLoss(tf.slice(output, [0, 0], [batch, 9]), truth, symmetric);
  const difference = tf.sub(tf.slice(output, [0, 9], [batch, 3]), tf.tensor2d(sizes, [batch, 3]));
  return { rotation, translation, size: tf.mul(tf.mean(tf.square(difference)), 3) as Scalar };
}

/**
 * Denoising score matching on the twelve numbers (paper B, eq. 1), averaged over the draws; with a regression head its
 * parts are added unweighted (paper A, eq. 7).
 */
export const rgbLoss =
  (config: RgbConfig): LossFunction<RgbBatch> =>
  (weights, batch) => {
    const { feature, updates } = encodeViews(weights, config.encoder, batch.view, { training: true });
    const { t, deviation, noise, noised } = batch.draws;
    assertInput(
      noised.length === t.length * poseSizeDimension,
      `rgbLoss: ${t.length} times and ${noised.length} noised numbers; a pose has ${poseSizeDimension}`,
    );
    const x = tf.tensor2d(noised, [t.length, poseSizeDimension]);
    const scaled = scaledScore(weights, config.score, { feature, x, t, sigma: deviation });
    const parts: Record<string, Scalar> = { diffusion: scoreMatchingLoss(scaled, noise) };
    if (config.regression) Object.assign(parts, regressionParts(regress(weights, config.regression, feature), batch));
    return { total: Object.values(parts).reduce((a, b) => tf.add(a, b)), parts, updates };
  };
