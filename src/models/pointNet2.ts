/**
 * @file PointNet++ with multi-scale grouping (Qi et al. 2017, section 3.3), as GenPose has it in its "light" form.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import type { GroupedScale, Grouping, GroupingConfig, GroupingLevel, GroupingScale } from "../geometry/grouping";
import {
  layerAffine,
  type SharedLayerOptions,
  type StatisticsUpdates,
  sharedLayer,
  sharedMlpParameters,
  trainingBatchNorm,
} from "./layers";
import { dense } from "./ops/dense";
import { gatherRows } from "./ops/gatherRows";
import { maxOverSamples } from "./ops/maxOverSamples";
import { relu } from "./ops/relu";
import type { ParameterSpec, Weights } from "./params";

/** A group scale with the widths of the MLP that reads it. */
export interface PointNet2Scale extends GroupingScale {
  widths: readonly number[];
}

/** A set abstraction level. */
export interface PointNet2Level extends GroupingLevel {
  scales: readonly PointNet2Scale[];
}

/** The encoder: how clouds are grouped and which MLPs read the groups. */
export interface PointNet2Config extends GroupingConfig {
  levels: readonly PointNet2Level[];
  /** Widths of the MLPs over all points of the last level; their outputs, concatenated, are the feature. */
  groupAll: readonly (readonly number[])[];
  /** Batch norm after every matrix (which then has no bias). */
  batchNorm: boolean;
  /**
   * C of the image feature that every point brings along: it is joined to the relative coordinates of the first level
   * and again to the features of every further one (GenPose++ `Pointnet2ClsMSGFus`). Without it: points alone.
   */
  imageChannels?: number;
}

/**
 * GenPose's encoder (`pts_encoder/pointnet2.py`, "light"): 1024 points → 1024 numbers, 1,027,552 parameters. Points
 * are not centred, as in its code: absolute position enters through the last level only.
 */
export const paperEncoder: PointNet2Config = {
  points: 1024,
  centred: false,
  relativeToRadius: false,
  coordinateScale: 1,
  batchNorm: true,
  levels: [
    {
      centroids: 512,
      scales: [
        { radius: 0.02, samples: 16, widths: [16, 16, 32] },
        { radius: 0.04, samples: 32, widths: [32, 32, 64] },
      ],
    },
    {
      centroids: 256,
      scales: [
        { radius: 0.04, samples: 16, widths: [64, 64, 128] },
        { radius: 0.08, samples: 32, widths: [64, 96, 128] },
      ],
    },
    {
      centroids: 128,
      scales: [
        { radius: 0.08, samples: 16, widths: [128, 196, 256] },
        { radius: 0.16, samples: 32, widths: [128, 196, 256] },
      ],
    },
  ],
  groupAll: [
    [256, 256, 512],
    [256, 384, 512],
  ],
};

/** An encoder that trains in minutes on two cores: 512 centred points → 512 numbers, no norm. */
export const smallEncoder: PointNet2Config = {
  points: 512,
  centred: true,
  relativeToRadius: true,
  coordinateScale: 10,
  batchNorm: false,
  levels: [
    { centroids: 128, scales: [{ radius: 0.035, samples: 16, widths: [32, 32, 64] }] },
    { centroids: 32, scales: [{ radius: 0.09, samples: 16, widths: [64, 64, 128] }] },
  ],
  groupAll: [[256, 512, 512]],
};

/** Half of the small encoder's points and widths: for experiments that train many arms. 256 centred points → 256 numbers. */
export const ablationEncoder: PointNet2Config = {
  ...smallEncoder,
  points: 256,
  levels: [
    { centroids: 64, scales: [{ radius: 0.04, samples: 12, widths: [16, 16, 32] }] },
    { centroids: 16, scales: [{ radius: 0.1, samples: 12, widths: [32, 64, 128] }] },
  ],
  groupAll: [[128, 256, 256]],
};

const last = (widths: readonly number[]): number => widths[widths.length - 1];
const totalWidth = (mlps: readonly (readonly number[])[]): number =>
  mlps.reduce((sum, widths) => sum + last(widths), 0);

/** Length F of the feature. */
export const featureSize = (config: PointNet2Config): number => totalWidth(config.groupAll);

const mlpName = (level: number, scale: number): string => `SA_modules.${level}.mlps.${scale}.`;

/**
 * The parameters, named as GenPose's checkpoints name them; the first matrix of an MLP is [3 + C + I, out]: relative
 * x, y, z, then the level's features, then the image's. So a network without images can grow into one with them
 * (`warmStart`) and starts as the same function.
 */
export function pointNet2Parameters(config: PointNet2Config): ParameterSpec[] {
  const specs: ParameterSpec[] = [];
  const { imageChannels = 0 } = config;
  let channels = 0;
  const stages = [...config.levels.map(({ scales }) => scales.map(({ widths }) => widths)), config.groupAll];
  stages.forEach((mlps, l) => {
    mlps.forEach((widths, q) => {
      specs.push(...sharedMlpParameters(mlpName(l, q), 3 + channels + imageChannels, widths, config.batchNorm));
    });
    channels = totalWidth(mlps);
  });
  return specs;
}

/**
 * The first layer of a group's MLP, ReLU included: W acts on [relative | features of the neighbour]. The feature half
 * is applied before the gather, N rows instead of S·K.
 */
function groupedLayer(
  weights: Weights,
  layer: string,
  features: Tensor2D | undefined,
  { neighbours, relative }: GroupedScale,
  options: SharedLayerOptions,
): Tensor2D {
  const { matrix, bias } = layerAffine(weights, layer, options.training);
  const width = matrix.shape[1];
  // [B·S·K, 3]
  const offsets = tf.tensor2d(relative, [neighbours.length, 3]);
  if (!features) {
    if (bias) return dense(offsets, matrix, bias, { activation: "relu", inputGradient: false });
    return relu(trainingBatchNorm(weights, layer, tf.matMul(offsets, matrix), options.updates));
  }
  const featureMatrix = tf.slice(matrix, [3, 0], [-1, width]);
  const ofPoints: Tensor2D = bias ? dense(features, featureMatrix, bias) : tf.matMul(features, featureMatrix);
  const ofOffsets = tf.matMul(offsets, tf.slice(matrix, [0, 0], [3, width]));
  const y: Tensor2D = tf.add(gatherRows(ofPoints, tf.tensor1d(neighbours, "int32")), ofOffsets);
  return relu(bias ? y : trainingBatchNorm(weights, layer, y, options.updates));
}

/**
 * The rest of an MLP, then the maximum over groups of `samples` rows. It is taken before the last bias and ReLU, with
 * which it commutes: they then see one row a group.
 */
function finishAndPool(
  weights: Weights,
  mlp: string,
  widths: readonly number[],
  from: number,
  rows: Tensor2D,
  samples: number,
  options: SharedLayerOptions,
): Tensor2D {
  const lastIndex = widths.length - 1;
  let h = rows;
  for (let i = from; i < lastIndex; i++) h = sharedLayer(weights, `${mlp}layer${i}`, h, "relu", options);
  const { matrix, bias } = layerAffine(weights, `${mlp}layer${lastIndex}`, options.training);
  const y: Tensor2D = tf.matMul(h, matrix);
  if (bias) return relu(tf.add(maxOverSamples(y, samples), bias));
  return relu(maxOverSamples(trainingBatchNorm(weights, `${mlp}layer${lastIndex}`, y, options.updates), samples));
}

/** What `encode` reads beside the groups, and how it runs. */
export interface EncodeOptions {
  /** Batch statistics instead of the stored ones, where the encoder has a norm. */
  training?: boolean;
  /** Give the output of every level. */
  keepLevels?: boolean;
  /** [B·N, imageChannels]: an image feature for each point, in the clouds' order. */
  pointFeatures?: Tensor2D;
}

/** [M, C] beside [M, I], of which either may be missing. */
const joined = (a: Tensor2D | undefined, b: Tensor2D | undefined): Tensor2D | undefined =>
  a && b ? tf.concat([a, b], 1) : (a ?? b);

/** The feature and, in training with batch norm, the new running statistics. */
export interface Encoding {
  /** [B, F] */
  feature: Tensor2D;
  updates: StatisticsUpdates;
  /** Output of each level, [B·S, C], the last one being `feature`; only on request. */
  levels?: Tensor2D[];
}

/**
 * Point feature of a batch of grouped clouds: set abstraction level upon level, then one group of all points.
 *
 * Qi et al. 2017, "PointNet++", eq. 1 and section 3.3. Inside `tf.valueAndGrads`, keep `updates` (`tf.keep`) to read
 * them afterwards.
 *
 * @param weights of `pointNet2Parameters(config)`
 * @param grouping of `group(config, clouds, batch)`
 * @throws InputError if weights, grouping or image features belong to another configuration
 */
export function encode(
  weights: Weights,
  config: PointNet2Config,
  grouping: Grouping,
  { training = false, keepLevels = false, pointFeatures }: EncodeOptions = {},
): Encoding {
  assertInput(
    grouping.levels.length === config.levels.length,
    `encode: the grouping has ${grouping.levels.length} levels, the encoder ${config.levels.length}; group with the encoder's own configuration`,
  );
  const expected = config.imageChannels ? [grouping.batch * config.points, config.imageChannels] : [];
  assertInput(
    (pointFeatures?.shape ?? []).join() === expected.join(),
    `encode: the image features are [${pointFeatures?.shape.join(", ") ?? ""}], the encoder takes [${expected.join(", ")}]; pass one feature per point, or none where the encoder has no imageChannels`,
  );
  return tf.tidy(() => {
    const options: SharedLayerOptions = { training, updates: {} };
    const levels: Tensor2D[] = [];
    let features: Tensor2D | undefined;
    let ofImage = pointFeatures;
    config.levels.forEach(({ scales }, l) => {
      const input = joined(features, ofImage);
      const ofScales = scales.map(({ samples, widths }, q) => {
        const mlp = mlpName(l, q);
        const first = groupedLayer(weights, `${mlp}layer0`, input, grouping.levels[l].scales[q], options);
        return finishAndPool(weights, mlp, widths, 1, first, samples, options);
      });
      // [B·S, C]
      features = ofScales.length === 1 ? ofScales[0] : tf.concat(ofScales, 1);
      levels.push(features);
      // The centres go on to the next level with their own pixels' features.
      if (ofImage) ofImage = gatherRows(ofImage, tf.tensor1d(grouping.levels[l].centres, "int32"));
    });
    const rows = grouping.coordinates.length / 3;
    const coordinates = tf.tensor2d(grouping.coordinates, [rows, 3]);
    const ofPoints = joined(features, ofImage);
    const input = ofPoints ? tf.concat([coordinates, ofPoints], 1) : coordinates;
    const pooled = config.groupAll.map((widths, q) =>
      finishAndPool(weights, mlpName(config.levels.length, q), widths, 0, input, rows / grouping.batch, options),
    );
    const feature = pooled.length === 1 ? pooled[0] : tf.concat(pooled, 1);
    levels.push(feature);
    return { feature, updates: options.updates, ...(keepLevels ? { levels } : {}) };
  });
}

/** Features of B·P clouds → the mean over the P draws of points of each object: [B, F]. */
export const meanOverDraws = (feature: Tensor2D, draws: number): Tensor2D =>
  draws === 1 ? feature : tf.mean(tf.reshape(feature, [feature.shape[0] / draws, draws, feature.shape[1]]), 1);
