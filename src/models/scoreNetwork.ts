/**
 * @file The score network of GenPose and paper A: point feature, time and noisy pose → score.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import { constant, linearUniform } from "./initializers";
import { linear, linearParameters, weight } from "./layers";
import { dense } from "./ops/dense";
import { relu } from "./ops/relu";
import type { ParameterSpec, Weights } from "./params";
import { embedTime, type TimeEmbeddingConfig, timeEmbeddingParameters } from "./timeEmbedding";

/** Length of the pose vector [first column of R | second column | translation], where a configuration names no other. */
export const poseSize = 9;

/** Sizes and form of a score network. */
export interface ScoreNetworkConfig {
  /** F, of the encoder. */
  featureSize: number;
  /** Width of both layers of the pose encoder. */
  poseWidth: number;
  time: TimeEmbeddingConfig;
  /** Hidden width of each fusion head. */
  hidden: number;
  /** D; default: 9. */
  dimension?: number;
  /**
   * 3: one head each for the rotation columns and the translation (`Rx_Ry_and_T`); 1: a single one (`RT`); 4: one more
   * for the size (paper B). They share the D outputs evenly.
   */
  heads: 1 | 3 | 4;
  /** Layers of each head: 2 (GenPose; the default) or 3 (paper B), with ReLUs between. */
  headLayers?: 2 | 3;
  /** Numbers `from` ≤ i < `to` of the feature that the first `heads` heads do not see (paper B's NGR). */
  unseen?: { heads: number; from: number; to: number };
  /**
   * Per-dimension standard deviation of clean poses: then input and output are scaled by it and σ (Karras et al. 2022,
   * Table 1, "Ours"), so that the network sees and gives unit variance at every noise level. Without it the network's
   * output is divided by σ only, as in GenPose.
   */
  preconditioning?: { dataDeviation: readonly number[] };
}

/** Paper A and GenPose: three heads 1408 → 256 → 3; 1,169,289 parameters. */
export const paperScoreNetwork: ScoreNetworkConfig = {
  featureSize: 1024,
  poseWidth: 256,
  time: { width: 128, fourierScale: 30 },
  hidden: 256,
  heads: 3,
};

/**
 * For the small encoder: an entry of a random rotation has the deviation 1/√3; a box centre lies about 3 cm an axis
 * from the centroid of the visible points.
 */
export const smallScoreNetwork: ScoreNetworkConfig = {
  featureSize: 512,
  poseWidth: 192,
  time: { width: 128, fourierScale: 4 },
  hidden: 256,
  heads: 3,
  headLayers: 3,
  preconditioning: { dataDeviation: [0.577, 0.577, 0.577, 0.577, 0.577, 0.577, 0.03, 0.03, 0.03] },
};

/** For the ablation encoder, in the small network's form. */
export const ablationScoreNetwork: ScoreNetworkConfig = {
  ...smallScoreNetwork,
  featureSize: 256,
  poseWidth: 128,
  time: { width: 64, fourierScale: 4 },
  hidden: 128,
  headLayers: 2,
};

/** D of a configuration. */
export const dimensionOf = ({ dimension = poseSize }: Pick<ScoreNetworkConfig, "dimension">): number => dimension;

/**
 * The parameters. The heads' first layers lie side by side: `fusion_tail.0.point` [F, heads·H] acts on the point
 * feature, `fusion_tail.0.timePose` [T + P, heads·H] on [time | pose]; the last, `fusion_tail.2.weight` (with three
 * layers `fusion_tail.4.weight`, after `fusion_tail.2.weight` [heads·H, H]), holds those of the heads one below the other.
 */
export function scoreNetworkParameters(config: ScoreNetworkConfig): ParameterSpec[] {
  const { featureSize, poseWidth, time, hidden, heads, headLayers = 2 } = config;
  const dimension = dimensionOf(config);
  const last = lastLayer(config);
  assertInput(
    dimension % heads === 0,
    `score network: ${heads} heads cannot share ${dimension} outputs evenly; take a number of heads that divides them`,
  );
  const fusionInputs = featureSize + time.width + poseWidth;
  const start = linearUniform(fusionInputs);
  const width = heads * hidden;
  return [
    ...linearParameters("pose_encoder.0", dimension, poseWidth),
    ...linearParameters("pose_encoder.2", poseWidth, poseWidth),
    ...timeEmbeddingParameters(time),
    { name: "fusion_tail.0.point", shape: [featureSize, width], initial: start },
    { name: "fusion_tail.0.timePose", shape: [time.width + poseWidth, width], initial: start },
    { name: "fusion_tail.0.bias", shape: [width], initial: start },
    ...(headLayers === 3
      ? [
          { name: "fusion_tail.2.weight", shape: [width, hidden], initial: linearUniform(hidden) },
          { name: "fusion_tail.2.bias", shape: [width], initial: linearUniform(hidden) },
        ]
      : []),
    { name: `${last}.weight`, shape: [width, dimension / heads], initial: constant(0) },
    { name: `${last}.bias`, shape: [dimension], initial: constant(0) },
  ];
}

/** Name of the heads' last layers. */
export const lastLayer = ({ headLayers = 2 }: Pick<ScoreNetworkConfig, "headLayers">): string =>
  `fusion_tail.${2 * headLayers - 2}`;

/** 0 where a number of the feature is not seen by the head of a hidden unit, 1 elsewhere; undefined: all see all. */
export function featureMask({ featureSize, hidden, heads, unseen }: ScoreNetworkConfig): Float32Array | undefined {
  if (!unseen) return undefined;
  const width = heads * hidden;
  const mask = new Float32Array(featureSize * width).fill(1);
  for (let i = unseen.from; i < unseen.to; i++) mask.fill(0, i * width, i * width + unseen.heads * hidden);
  return mask;
}

/** 1 where a hidden unit and an output belong to the same head. */
export function headMask(config: ScoreNetworkConfig): Float32Array {
  const { hidden, heads } = config;
  const dimension = dimensionOf(config);
  const mask = new Float32Array(heads * hidden * dimension);
  for (let row = 0; row < heads * hidden; row++)
    for (let d = 0; d < dimension; d++)
      if (Math.floor(row / hidden) === Math.floor((d * heads) / dimension)) mask[row * dimension + d] = 1;
  return mask;
}

/** The heads' last layers as one block-diagonal matrix [heads·H, D]. */
function outputMatrix(weights: Weights, config: ScoreNetworkConfig): Tensor2D {
  const stacked = weight<Tensor2D>(weights, `${lastLayer(config)}.weight`);
  if (config.heads === 1) return stacked;
  const mask = tf.tensor2d(headMask(config), [stacked.shape[0], dimensionOf(config)]);
  return tf.mul(tf.tile(stacked, [1, config.heads]), mask);
}

/** The part of the heads' first layers that acts on the feature, with zeros where a head must not see it. */
function featureMatrix(weights: Weights, config: ScoreNetworkConfig): Tensor2D {
  const matrix = weight<Tensor2D>(weights, "fusion_tail.0.point");
  const mask = featureMask(config);
  return mask ? tf.mul(matrix, tf.tensor2d(mask, matrix.shape)) : matrix;
}

/**
 * The heads' second matrices, each on its own columns: [M, heads·H] → [M, heads·H].
 *
 * @param transposed from the layer's outputs back to its inputs, for gradients
 */
export function throughMiddle(
  weights: Weights,
  { heads, hidden }: ScoreNetworkConfig,
  x: Tensor2D,
  { transposed = false }: { transposed?: boolean } = {},
): Tensor2D {
  const rows = x.shape[0];
  const byHead = tf.transpose(tf.reshape(x, [rows, heads, hidden]), [1, 0, 2]);
  const matrices = tf.reshape(weight(weights, "fusion_tail.2.weight"), [heads, hidden, hidden]);
  const products = tf.transpose(tf.matMul(byHead, matrices, false, transposed), [1, 0, 2]);
  return tf.reshape(products, [rows, heads * hidden]);
}

/** relu of the heads' second layers. */
const middleLayer = (weights: Weights, config: ScoreNetworkConfig, first: Tensor2D): Tensor2D =>
  relu(tf.add(throughMiddle(weights, config, first), weight(weights, "fusion_tail.2.bias")) as Tensor2D);

/**
 * The coefficients of σ·score = skip·x + out·F(in·x, t), each [M, D].
 *
 * With preconditioning D = c_skip·x + c_out·F and score = (D − x)/σ² (Karras et al. 2022, eq. 7 and 3), hence
 * σ·score = −x·σ/(σ² + σ_d²) + F·σ_d/√(σ² + σ_d²): no difference of nearly equal numbers at small σ.
 */
export function scoreCoefficients(
  config: ScoreNetworkConfig,
  sigma: ArrayLike<number>,
): { input: Float64Array; skip: Float64Array; output: Float64Array } | undefined {
  const deviation = config.preconditioning?.dataDeviation;
  if (!deviation) return undefined;
  const dimension = dimensionOf(config);
  assertInput(
    deviation.length === dimension,
    `score network: the preconditioning has ${deviation.length} deviations, a pose ${dimension} numbers; give one each`,
  );
  const size = sigma.length * dimension;
  const [input, skip, output] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  for (let row = 0, o = 0; row < sigma.length; row++)
    for (let d = 0; d < dimension; d++, o++) {
      const variance = sigma[row] ** 2 + deviation[d] ** 2;
      input[o] = 1 / Math.sqrt(variance);
      skip[o] = -sigma[row] / variance;
      output[o] = deviation[d] / Math.sqrt(variance);
    }
  return { input, skip, output };
}

/** What the score is asked for: R noisy poses of each of B objects, object by object. */
export interface ScoreInput {
  /** [B, F] */
  feature: Tensor2D;
  /** [B·R, D] */
  x: Tensor2D;
  /** [B·R], diffusion times. */
  t: ArrayLike<number>;
  /** [B·R], σ(t). */
  sigma: ArrayLike<number>;
}

/** What the layers of one evaluation gave, B·R rows each. */
export interface ScoreActivations {
  /** [B·R, P] */
  pose1: Tensor2D;
  /** [B·R, P] */
  pose2: Tensor2D;
  /** [B·R, heads·H], of the heads' first layers. */
  first: Tensor2D;
  /** [B·R, heads·H], before the last layers: `first` where a head has two. */
  hidden: Tensor2D;
  /** The heads' last layers as one matrix, [heads·H, D]. */
  outputMatrix: Tensor2D;
  /** F(x, t | feature), [B·R, D]. */
  raw: Tensor2D;
}

/** The network without its scalings, layer by layer. The point part is computed once an object. */
export const scoreActivations = (
  weights: Weights,
  config: ScoreNetworkConfig,
  { feature, x, t }: Omit<ScoreInput, "sigma">,
): ScoreActivations =>
  tf.tidy(() => {
    const objects = feature.shape[0];
    const draws = x.shape[0] / objects;
    assertInput(
      Number.isInteger(draws) && t.length === x.shape[0],
      `score network: got ${objects} features, ${x.shape[0]} poses and ${t.length} times; each feature needs the same number of poses, each pose one time`,
    );
    const pose1 = linear(weights, "pose_encoder.0", x, "relu");
    const pose2 = linear(weights, "pose_encoder.2", pose1, "relu");
    const ofTimePose = dense(
      tf.concat([embedTime(weights, t), pose2], 1),
      weight(weights, "fusion_tail.0.timePose"),
      weight(weights, "fusion_tail.0.bias"),
    );
    const width = config.heads * config.hidden;
    // [B, 1, heads·H] beside [B, R, heads·H]
    const ofPoints = tf.reshape(tf.matMul(feature, featureMatrix(weights, config)), [objects, 1, width]);
    const sum = tf.add(tf.reshape(ofTimePose, [objects, draws, width]), ofPoints);
    const first = relu(tf.reshape(sum, [objects * draws, width]) as Tensor2D);
    const hidden = config.headLayers === 3 ? middleLayer(weights, config, first) : first;
    const matrix = outputMatrix(weights, config);
    const raw = dense(hidden, matrix, weight(weights, `${lastLayer(config)}.bias`));
    return { pose1, pose2, first, hidden, outputMatrix: matrix, raw };
  });

/** F(x, t | feature) without the scalings by σ, [B·R, D]. */
export const rawScore = (weights: Weights, config: ScoreNetworkConfig, input: Omit<ScoreInput, "sigma">): Tensor2D =>
  tf.tidy(() => scoreActivations(weights, config, input).raw);

/**
 * σ(t)·score(x, t | feature), the quantity of the denoising loss (paper A, eq. 3; zero loss where it equals −z).
 *
 * @returns [B·R, D]
 * @throws InputError if the rows are not B × R
 */
export const scaledScore = (weights: Weights, config: ScoreNetworkConfig, input: ScoreInput): Tensor2D =>
  tf.tidy(() => {
    const c = scoreCoefficients(config, input.sigma);
    if (!c) return rawScore(weights, config, input);
    const column = (values: Float64Array): Tensor2D =>
      tf.tensor2d(Float32Array.from(values), [input.sigma.length, dimensionOf(config)]);
    const raw = rawScore(weights, config, { ...input, x: tf.mul(input.x, column(c.input)) });
    return tf.add(tf.mul(input.x, column(c.skip)), tf.mul(raw, column(c.output)));
  });
