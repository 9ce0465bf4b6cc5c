/**
 * @file From a cloud to poses with a trained model of paper A.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertFinite, assertInput, InputError } from "../check";
import { type Aggregation, meanOfAll, meanOfBest } from "../estimation/aggregation";
import type { RankedPoses } from "../estimation/energyRanking";
import { group } from "../geometry/grouping";
import { centroid, samplePoints } from "../geometry/pointcloud";
import { type Pose, poseDimension, poseFromVector } from "../geometry/pose";
import { add } from "../geometry/vector";
import { createParameters, keptWeights, type Weights, weightsOf } from "../models/params";
import { encode, meanOverDraws } from "../models/pointNet2";
import { regress } from "../models/regressionHead";
import { bindScoreNetwork } from "../models/scoreEvaluator";
import { Rng } from "../random";
import { priorNoise } from "../samplers/priorNoise";
import type { Sampled, SamplerOptions } from "../samplers/sampler";
import { exponentialScaling } from "../samplers/scoreScaling";
import type { Score } from "../sde/sde";
import { loadModel, loadParameters, type ModelCard } from "../training/checkpoint";
import { finishedOde, type PoseSampler } from "./finishedOde";
import { genPoseNetwork, genPoseParameters } from "./genPose";
import { isPreset, type JointLearningConfig, jointLearningParameters, presets } from "./jointLearning";
import type { Ranker } from "./ranker";
import { shippedCheckpoint } from "./shippedCheckpoint";

/** The checkpoint that ships with the project. */
export const embeddedCheckpoint: string = shippedCheckpoint("joint-small");

/** The default: one integration per hypothesis. */
export const independentOde: PoseSampler = finishedOde({ perHypothesis: true });

/** How a cloud is read. */
export interface EncodeOptions {
  /** Of the points that are drawn. */
  seed?: number;
  /**
   * How often the encoder's number of points is drawn from the cloud; the feature is the mean over the draws. A frame
   * has thousands of points, one draw of 512 wastes most of them: its feature trembles with the draw, and the answers
   * with it. 1 is as published, and the fastest.
   */
  draws?: number;
}

export interface EstimateOptions extends EncodeOptions {
  /** K. One suffices with score scaling (paper A, Table 2). */
  hypotheses?: number;
  /** Of points and noise. */
  seed?: number;
  sampler?: PoseSampler;
  /** Passed on to the sampler; default: exponential score scaling from t₀ = 0.55 (eq. 9). */
  options?: SamplerOptions;
  /** Orders the K hypotheses, the likeliest first (GenPose). */
  ranker?: Ranker;
  /** From the hypotheses to the one answer; default: the mean of all, with a ranker of the best 60 % (GenPose). */
  aggregate?: Aggregation;
}

/** Poses are those of the object's box centre in the camera frame, metres. */
export interface Estimate {
  /** The one answer: the hypothesis, or what `aggregate` made of K. */
  pose: Pose;
  /** As they were sampled. */
  hypotheses: Pose[];
  /** With a ranker: rotations and translations from the best to the worst, and their energies. */
  ranked?: RankedPoses;
  /** What the regression head says. @throws InputError when read of a model without one (`hasRegression`) */
  regression: Pose;
  /** Score calls. */
  nfe: number;
  /** Milliseconds from the cloud to the pose. */
  ms: number;
  /** The sampler's states, centroid not yet added, if `options.trajectory` was set. */
  trajectory?: Sampled["trajectory"];
  /** Mean of the points that the network read; t of a state is relative to it. */
  centroid: Pose["translation"];
}

/** A loaded model. Owns tensors: `dispose()` when done. */
export interface PoseEstimator {
  config: JointLearningConfig;
  card: ModelCard;
  /** false for GenPose's own weights: then reading a `regression` is an error. */
  hasRegression: boolean;
  /** Estimate from a cloud of N × 3 metres in the camera frame. */
  estimate: (cloud: Float32Array, options?: EstimateOptions) => Estimate;
  /** The point feature F of a cloud, the centroid of the points that were read, and the regressed pose. */
  encode: (cloud: Float32Array, options?: EncodeOptions) => Encoded;
  /** The learned score s(x, t | feature) of one object, for any number of hypotheses. */
  scoreOf: (feature: Float32Array) => Score;
  dispose: () => void;
}

export interface Encoded {
  feature: Float32Array;
  centroid: Pose["translation"];
  /** @throws InputError when read of a model without a regression head */
  regression: Pose;
}

/** The same with a regressed pose; where there is none, whoever reads it is told. */
const withRegression = <T extends object>(result: T, pose: Pose | undefined): T & { regression: Pose } =>
  pose
    ? { ...result, regression: pose }
    : (Object.defineProperty(result, "regression", {
        get: () => {
          throw new InputError(
            "this model has no regression head, as GenPose's weights have none; sample hypotheses, or take a model of `posediff train`",
          );
        },
      }) as T & { regression: Pose });

/**
 * Feature and regressed pose as numbers, of one object whose points lie around `centre`.
 *
 * @param head undefined: there is none
 * @param encoder gives [draws, F]; the feature is the mean over the draws
 */
export function encoded(
  centre: Pose["translation"],
  weights: Weights,
  head: JointLearningConfig["regression"] | undefined,
  encoder: () => Tensor2D,
): Encoded {
  const [feature, output] = tf.tidy(() => {
    const drawn = encoder();
    const f = meanOverDraws(drawn, drawn.shape[0]);
    return [tf.keep(f), head ? tf.keep(regress(weights, head, f)) : undefined] as const;
  });
  const pose = output && poseOfRow(output.dataSync(), 0, centre);
  const result = withRegression({ feature: feature.dataSync() as Float32Array, centroid: centre }, pose);
  tf.dispose(output ? [feature, output] : feature);
  return result;
}

/** A cloud needs as many points. */
export const leastPoints = 50;

/** A state's row as a pose in the camera frame. */
export const poseOfRow = (x: ArrayLike<number>, row: number, centre: Pose["translation"]): Pose => {
  const pose = poseFromVector(x, row * poseDimension);
  return { rotation: pose.rotation, translation: add(pose.translation, centre) };
};

/**
 * K hypotheses of one object by its score, and the one answer.
 *
 * @param score s(x, t | object), `centre` what its translations are relative to
 * @param rank by the ranker of the options, on this object
 * @throws InputError if K is not a whole number of at least 1
 */
export function sampleEstimate(
  score: Score,
  centre: Pose["translation"],
  options: EstimateOptions = {},
  rank?: (hypotheses: readonly Pose[]) => RankedPoses,
): Pick<Estimate, "pose" | "hypotheses" | "ranked" | "nfe" | "trajectory"> {
  const { hypotheses: k = 1, seed = 0, sampler = independentOde, options: samplerOptions } = options;
  assertInput(Number.isInteger(k) && k >= 1, `estimate: hypotheses is ${k}; give a whole number of at least 1`);
  assertInput(rank || !options.ranker, "estimate: this estimator ranks no hypotheses; leave the ranker away");
  const z = priorNoise(new Rng(seed).split("prior"), k, poseDimension);
  const { x, nfe, trajectory } = sampler(score, z, { scaling: exponentialScaling(), ...samplerOptions });
  const hypotheses = Array.from({ length: k }, (_, row) => poseOfRow(x, row, centre));
  const ranked = rank?.(hypotheses);
  const aggregate = options.aggregate ?? (ranked ? meanOfBest() : meanOfAll);
  const pose = k === 1 ? hypotheses[0] : aggregate(ranked?.poses ?? hypotheses, new Rng(seed).split("aggregation"));
  return { pose, hypotheses, ...(ranked && { ranked }), nfe, trajectory };
}

/**
 * Load a checkpoint of `posediff train`, or GenPose's weights as `posediff weights convert --to genpose` writes them.
 *
 * @throws InputError if the file is missing, damaged or of another network
 */
export function loadPoseEstimator(path: string = embeddedCheckpoint): PoseEstimator {
  const model = loadModel(path);
  const { preset, network } = model.card;
  const hasRegression = network !== genPoseNetwork;
  assertInput(
    isPreset(preset),
    `loadPoseEstimator: the card in ${path} names ${preset === undefined ? "no preset" : `the preset ${JSON.stringify(preset)}`}; use a model of \`posediff train\``,
  );
  const config = presets[preset];
  const specs = hasRegression ? jointLearningParameters(config) : genPoseParameters(config);
  const parameters = createParameters(specs, new Rng(0));
  loadParameters(parameters, model);
  const weights = keptWeights(() => weightsOf(parameters));

  const encodeCloud = (cloud: Float32Array, options: EncodeOptions = {}): Encoded => {
    const { seed = 0, draws = 4 } = options;
    assertInput(
      cloud.length >= 3 * leastPoints,
      `estimate: the cloud has ${Math.floor(cloud.length / 3)} points; at least ${leastPoints} are needed: use a larger mask or a nearer view`,
    );
    assertFinite("estimate: cloud", cloud);
    const { points: count } = config.encoder;
    // A cloud that is no larger is read whole: every draw would be the same.
    const used = cloud.length > 3 * count ? draws : 1;
    const points = samplePoints(cloud, count, new Rng(seed).split("points"), used);
    return encoded(
      centroid(points),
      weights,
      hasRegression ? config.regression : undefined,
      () => encode(weights, config.encoder, group(config.encoder, points, used)).feature,
    );
  };

  const { scoreOf } = bindScoreNetwork(parameters, config.score);

  const estimate = (cloud: Float32Array, options: EstimateOptions = {}): Estimate => {
    const began = performance.now();
    const read = encodeCloud(cloud, options);
    const { feature, centroid: centre } = read;
    const { ranker, seed } = options;
    const rank = ranker && ((hypotheses: readonly Pose[]) => ranker.rank(cloud, hypotheses, { seed }));
    const sampled = sampleEstimate(scoreOf(feature), centre, options, rank);
    const result = { ...sampled, ms: performance.now() - began, centroid: centre };
    return withRegression(result, hasRegression ? read.regression : undefined);
  };
  return {
    config,
    card: model.card,
    hasRegression,
    estimate,
    encode: encodeCloud,
    scoreOf,
    dispose: () => tf.dispose(weights),
  };
}
