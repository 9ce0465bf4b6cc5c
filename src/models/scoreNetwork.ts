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

/** Length of the pose vector [first column of R | second column | translation]. */
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
  /** 3: one head each for the rotation columns and the translation (`Rx_Ry_and_T`); 1: a single one (`RT`). */
  heads: 1 | 3;
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
  preconditioning: { dataDeviation: [0.577, 0.577, 0.577, 0.577, 0.577, 0.577, 0.03, 0.03, 0.03] },
};

/** For the ablation encoder, in the small network's form. */
export const ablationScoreNetwork: ScoreNetworkConfig = {
  ...smallScoreNetwork,
  featureSize: 256,
  poseWidth: 128,
  time: { width: 64, fourierScale: 4 },
  hidden: 128,
};

/**
 * The parameters. The heads' first layers lie side by side: `fusion_tail.0.point` [F, heads·H] acts on the point
 * feature, `fusion_tail.0.timePose` [T + P, heads·H] on [time | pose]; `fusion_tail.2.weight` holds the heads' last
 * layers one below the other.
 */
export function scoreNetworkParameters(config: ScoreNetworkConfig): ParameterSpec[] {
  const { featureSize, poseWidth, time, hidden, heads } = config;
  const fusionInputs = featureSize + time.width + poseWidth;
  const start = linearUniform(fusionInputs);
  const width = heads * hidden;
  return [
    ...linearParameters("pose_encoder.0", poseSize, poseWidth),
    ...linearParameters("pose_encoder.2", poseWidth, poseWidth),
    ...timeEmbeddingParameters(time),
    { name: "fusion_tail.0.point", shape: [featureSize, width], initial: start },
    { name: "fusion_tail.0.timePose", shape: [time.width + poseWidth, width], initial: start },
    { name: "fusion_tail.0.bias", shape: [width], initial: start },
    { name: "fusion_tail.2.weight", shape: [width, poseSize / heads], initial: constant(0) },
    { name: "fusion_tail.2.bias", shape: [poseSize], initial: constant(0) },
  ];
}

/** 1 where a hidden unit and an output belong to the same head. */
export function headMask({ hidden, heads }: ScoreNetworkConfig): Float32Array {
  const mask = new Float32Array(heads * hidden * poseSize);
  for (let row = 0; row < heads * hidden; row++)
    for (let d = 0; d < poseSize; d++)
      if (Math.floor(row / hidden) === Math.floor((d * heads) / poseSize)) mask[row * poseSize + d] = 1;
  return mask;
}

/** The heads' last layers as one block-diagonal matrix [heads·H, 9]. */
function outputMatrix(weights: Weights, config: ScoreNetworkConfig): Tensor2D {
  const stacked = weight<Tensor2D>(weights, "fusion_tail.2.weight");
  if (config.heads === 1) return stacked;
  return tf.mul(tf.tile(stacked, [1, config.heads]), tf.tensor2d(headMask(config), [stacked.shape[0], poseSize]));
}

/**
 * The coefficients of σ·score = skip·x + out·F(in·x, t), each [M, 9].
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
  const size = sigma.length * poseSize;
  const [input, skip, output] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  for (let row = 0, o = 0; row < sigma.length; row++)
    for (let d = 0; d < poseSize; d++, o++) {
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
  /** [B·R, 9] */
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
  /** [B·R, heads·H] */
  hidden: Tensor2D;
  /** The heads' last layers as one matrix, [heads·H, 9]. */
  outputMatrix: Tensor2D;
  /** F(x, t | feature), [B·R, 9]. */
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
    const ofPoints = tf.reshape(tf.matMul(feature, weight(weights, "fusion_tail.0.point")), [objects, 1, width]);
    const sum = tf.add(tf.reshape(ofTimePose, [objects, draws, width]), ofPoints);
    const hidden = relu(tf.reshape(sum, [objects * draws, width]) as Tensor2D);
    const matrix = outputMatrix(weights, config);
    const raw = dense(hidden, matrix, weight(weights, "fusion_tail.2.bias"));
    return { pose1, pose2, hidden, outputMatrix: matrix, raw };
  });

/** F(x, t | feature) without the scalings by σ, [B·R, 9]. */
export const rawScore = (weights: Weights, config: ScoreNetworkConfig, input: Omit<ScoreInput, "sigma">): Tensor2D =>
  tf.tidy(() => scoreActivations(weights, config, input).raw);

/**
 * σ(t)·score(x, t | feature), the quantity of the denoising loss (paper A, eq. 3; zero loss where it equals −z).
 *
 * @returns [B·R, 9]
 * @throws InputError if the rows are not B × R
 */
export const scaledScore = (weights: Weights, config: ScoreNetworkConfig, input: ScoreInput): Tensor2D =>
  tf.tidy(() => {
    const c = scoreCoefficients(config, input.sigma);
    if (!c) return rawScore(weights, config, input);
    const column = (values: Float64Array): Tensor2D =>
      tf.tensor2d(Float32Array.from(values), [input.sigma.length, poseSize]);
    const raw = rawScore(weights, config, { ...input, x: tf.mul(input.x, column(c.input)) });
    return tf.add(tf.mul(input.x, column(c.skip)), tf.mul(raw, column(c.output)));
  });
