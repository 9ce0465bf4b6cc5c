/**
 * @file Unseen objects, rendered and grouped once, on which any state of a training is scored in a second: for learning
 * curves. `errorsOf` estimates one object after the other and by any sampler.
 */
import { tf } from "../backend";
import { objectCloud } from "../datasets/objectCloud";
import { proceduralSample } from "../datasets/procedural/proceduralSample";
import { type Grouping, group } from "../geometry/grouping";
import { centroid, samplePoints } from "../geometry/pointcloud";
import { type Pose, poseDimension } from "../geometry/pose";
import { type Category, type RotationSymmetry, symmetryOf } from "../geometry/symmetry";
import { accuracyAt, type PoseError, poseError } from "../metrics/poseError";
import { type Parameters, weightsOf } from "../models/params";
import { encode, featureSize, type PointNet2Config } from "../models/pointNet2";
import { regress } from "../models/regressionHead";
import { bindScoreNetwork } from "../models/scoreEvaluator";
import { Rng } from "../random";
import { ddim } from "../samplers/ddim";
import { priorNoise } from "../samplers/priorNoise";
import { exponentialScaling } from "../samplers/scoreScaling";
import { thresholds } from "./evaluation";
import type { JointLearningConfig } from "./jointLearning";
import { poseOfRow } from "./poseEstimator";

/** An object of the test split. */
export interface TestTruth {
  category: Category;
  pose: Pose;
  symmetry: RotationSymmetry;
  /** Of the points that the encoder reads. */
  centroid: Pose["translation"];
}

/** Objects as an encoder reads them, in groups. */
export interface TestClouds {
  truths: TestTruth[];
  groupings: Grouping[];
}

const groupSize = 32;
const made = new WeakMap<PointNet2Config, Map<string, TestClouds>>();

/** The first `count` objects of a split for this encoder; rendered once in the life of the process. */
export function testClouds(encoder: PointNet2Config, count: number, split: string = "test"): TestClouds {
  const known = made.get(encoder) ?? new Map<string, TestClouds>();
  made.set(encoder, known);
  const key = `${split} ${count}`;
  const before = known.get(key);
  if (before) return before;
  const truths: TestTruth[] = [];
  const groupings: Grouping[] = [];
  for (let from = 0; from < count; from += groupSize) {
    const batch = Math.min(groupSize, count - from);
    const clouds = new Float32Array(batch * encoder.points * 3);
    for (let b = 0; b < batch; b++) {
      const sample = proceduralSample(split, from + b, { maps: false });
      const points = samplePoints(objectCloud(sample), encoder.points, new Rng(0).split("points"));
      clouds.set(points, b * encoder.points * 3);
      const { category, pose, handleVisible } = sample;
      truths.push({ category, pose, symmetry: symmetryOf(category, handleVisible), centroid: centroid(points) });
    }
    groupings.push(group(encoder, clouds, batch));
  }
  const clouds = { truths, groupings };
  known.set(key, clouds);
  return clouds;
}

/** Features [objects, F] of all test clouds, and what the regression head says of each, [objects, 9]. */
export function encodeTestClouds(
  config: JointLearningConfig,
  parameters: Parameters,
  { groupings }: TestClouds,
): { feature: Float32Array; regressed: Float32Array } {
  const [features, outputs] = tf.tidy(() => {
    const weights = weightsOf(parameters);
    const found = groupings.map((grouping) => {
      const { feature } = encode(weights, config.encoder, grouping);
      return [feature, regress(weights, config.regression, feature)] as const;
    });
    return [tf.keep(tf.concat(found.map(([f]) => f))), tf.keep(tf.concat(found.map(([, r]) => r)))] as const;
  });
  const result = { feature: features.dataSync() as Float32Array, regressed: outputs.dataSync() as Float32Array };
  tf.dispose([features, outputs]);
  return result;
}

/** Errors of one state of a training on every test object. */
export interface TestErrors {
  /** Of one guided hypothesis, from each of several starting noises: [object][noise]. */
  guided: PoseError[][];
  /** Of the regression head. */
  regression: PoseError[];
}

export interface TestOptions {
  /** Starting noises per object, each an answer of its own (K = 1). */
  noises?: number;
  /** DDIM steps. */
  steps?: number;
}

const defaults = { noises: 3, steps: 20 } satisfies TestOptions;

/**
 * Errors of encoder and heads with these parameters: K = 1 by DDIM (eq. S4) from t₀ = 0.55 with exponential score scaling
 * (eq. 9), and the regression head. The noises are the same at every call.
 */
export function testErrors(
  config: JointLearningConfig,
  parameters: Parameters,
  clouds: TestClouds,
  options: TestOptions = {},
): TestErrors {
  const { noises, steps } = { ...defaults, ...options };
  const { feature, regressed } = encodeTestClouds(config, parameters, clouds);
  const { scoreOf } = bindScoreNetwork(parameters, config.score);
  const size = featureSize(config.encoder);
  const scaling = exponentialScaling();
  const errorAt = (x: ArrayLike<number>, row: number, { centroid, pose, symmetry }: TestTruth): PoseError =>
    poseError(poseOfRow(x, row, centroid), pose, symmetry);
  const guided = clouds.truths.map((truth, i) => {
    const z = priorNoise(new Rng(0).split("starting noise").split(i), noises, poseDimension);
    const { x } = ddim(scoreOf(feature.subarray(i * size, (i + 1) * size)), z, { steps, scaling });
    return Array.from({ length: noises }, (_, row) => errorAt(x, row, truth));
  });
  return { guided, regression: clouds.truths.map((truth, i) => errorAt(regressed, i, truth)) };
}

/** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm. */
export const accuracies = (errors: readonly PoseError[]): number[] =>
  thresholds.map(([deg, cm]) => Number((100 * accuracyAt(errors, deg, cm)).toPrecision(5)));
