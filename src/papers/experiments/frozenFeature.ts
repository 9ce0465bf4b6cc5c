/**
 * @file What limits one guided hypothesis: the diffusion head, or the feature that it is given?
 */
import { ready, tf } from "../../backend";
import type { Category } from "../../geometry/symmetry";
import { accuracyAt, type PoseError } from "../../metrics/poseError";
import { createParameters, keptWeights, type Parameters, weightsOf } from "../../models/params";
import { encode, featureSize, meanOverDraws } from "../../models/pointNet2";
import { bindScoreNetwork } from "../../models/scoreEvaluator";
import { type ScoreNetworkConfig, scaledScore, scoreNetworkParameters } from "../../models/scoreNetwork";
import { Rng } from "../../random";
import { ddim } from "../../samplers/ddim";
import { scoreScalings } from "../../samplers/scoreScaling";
import { vesde } from "../../sde/vesde";
import { loadModel, loadParameters } from "../../training/checkpoint";
import { type DenoisingDraws, focusedTime, perturb } from "../../training/denoisingDraws";
import { fit } from "../../training/fit";
import type { LossFunction } from "../../training/gradients";
import { warmupExponential } from "../../training/schedule";
import { scoreMatchingLoss } from "../../training/scoreMatchingLoss";
import { createTrainingState } from "../../training/trainingState";
import { warmStart } from "../../training/warmStart";
import { type JointLearningConfig, jointLearningParameters, presets } from "../jointLearning";
import { poseBatches } from "../poseBatch";
import { embeddedCheckpoint } from "../poseEstimator";
import { type Experiment, type ExperimentPart, Interrupted, type Json, type PartContext } from "./experiment";
import { accuracyBySeed, errorsOfState, pause, rounded, startingNoise, testObjects } from "./testObjects";

/** How the head is trained on features that no longer change. */
interface Arm {
  score: ScoreNetworkConfig;
  /** Whether it begins with the shipped weights; otherwise with new ones. */
  warm: boolean;
  /** Steps; 0 leaves the head as it is. */
  steps: number;
  /** Draws of points whose mean feature the head is trained on; all arms are scored on the mean of four. */
  pointDraws: number;
  time: (rng: Rng) => number;
}

/** How much is trained and measured. */
export interface FrozenFeatureAmount {
  config: JointLearningConfig;
  checkpoint: string;
  /** Batches of 32 encoded clouds that the head is trained on. */
  batches: number;
  steps: number;
  objects: number;
  seeds: number;
}

const [batchSize, draws, ddimSteps] = [32, 20, 40];

const armsOf = ({ config: { score, timeFocus }, steps }: FrozenFeatureAmount): Record<string, Arm> => {
  const time = (rng: Rng): number => focusedTime(rng, timeFocus);
  return {
    "as shipped": { score, warm: true, steps: 0, pointDraws: 1, time },
    "longer, slower": { score, warm: true, steps, pointDraws: 1, time },
    // σ from 0.08 to 1.7: where the trajectories part.
    "noise levels of the decision": {
      score,
      warm: true,
      steps,
      pointDraws: 1,
      time: (rng) => (rng.chance(0.8) ? rng.uniform(0.25, 0.6) : focusedTime(rng, 0)),
    },
    "a layer more": { score: { ...score, headLayers: 3 }, warm: false, steps, pointDraws: 1, time },
    "four draws of points, as in an estimate": { score, warm: true, steps, pointDraws: 4, time },
  };
};

/** Encoded training clouds: B·batches × F features and the poses beside them. */
interface Encoded {
  features: Float32Array;
  poses: Float32Array;
}

// The same for all arms of a process.
const encodedBefore = new Map<string, Encoded>();

async function encodeTraining(
  { config, checkpoint, batches }: FrozenFeatureAmount,
  pointDraws: number,
  context: PartContext,
): Promise<Encoded> {
  const key = `${checkpoint} ${batches} ${pointDraws}`;
  const before = encodedBefore.get(key);
  if (before) return before;
  const parameters = loaded(config, checkpoint);
  const size = featureSize(config.encoder);
  const features = new Float32Array(batches * batchSize * size);
  const poses = new Float32Array(batches * batchSize * 9);
  const { encoder, timeFocus } = config;
  const next = poseBatches({ encoder, batchSize, draws: 1, pointDraws, poolSize: 8 * batches, seed: 11, timeFocus });
  const weights = keptWeights(() => weightsOf(parameters));
  try {
    for (let i = 0; i < batches; i++) {
      await pause(context);
      const batch = next(i);
      const feature = tf.tidy(() => meanOverDraws(encode(weights, encoder, batch.grouping).feature, pointDraws));
      features.set(feature.dataSync(), i * batchSize * size);
      feature.dispose();
      poses.set(batch.poses, i * batchSize * 9);
      context.progress((0.3 * i) / batches, `encoding training clouds, ${i + 1} of ${batches} batches`);
    }
  } finally {
    tf.dispose(weights);
  }
  const encoded = { features, poses };
  encodedBefore.set(key, encoded);
  return encoded;
}

function loaded(config: JointLearningConfig, checkpoint: string): Parameters {
  const parameters = createParameters(jointLearningParameters(config), new Rng(0));
  loadParameters(parameters, loadModel(checkpoint));
  return parameters;
}

interface HeadBatch {
  features: Float32Array;
  draws: DenoisingDraws;
}

const headLoss =
  (score: ScoreNetworkConfig): LossFunction<HeadBatch> =>
  (weights, { features, draws: { t, deviation, noise, noised } }) => {
    const feature = tf.tensor2d(features, [batchSize, score.featureSize]);
    const x = tf.tensor2d(noised, [t.length, 9]);
    const total = scoreMatchingLoss(scaledScore(weights, score, { feature, x, t, sigma: deviation }), noise);
    return { total, parts: { diffusion: total } };
  };

/** The arm's head, trained; and the mean loss of its last fifth. */
async function trainHead(
  arm: Arm,
  amount: FrozenFeatureAmount,
  context: PartContext,
): Promise<{ parameters: Parameters; loss: number | null }> {
  const { score, warm, steps, time } = arm;
  const parameters = createParameters(scoreNetworkParameters(score), new Rng(1));
  if (warm) warmStart(parameters, loadModel(amount.checkpoint));
  if (steps === 0) return { parameters, loss: null };
  const { features, poses } = await encodeTraining(amount, arm.pointDraws, context);
  const clouds = poses.length / 9;
  const rng = new Rng(3);
  const batch = (step: number): HeadBatch => {
    const own = rng.split(step);
    const [f, p] = [new Float32Array(batchSize * score.featureSize), new Float32Array(batchSize * 9)];
    for (let b = 0; b < batchSize; b++) {
      const cloud = own.integer(clouds);
      f.set(features.subarray(cloud * score.featureSize, (cloud + 1) * score.featureSize), b * score.featureSize);
      p.set(poses.subarray(9 * cloud, 9 * cloud + 9), 9 * b);
    }
    const t = Float32Array.from({ length: batchSize * draws }, () => time(own));
    const noise = Float32Array.from({ length: t.length * 9 }, () => own.normal());
    return { features: f, draws: perturb(p, t, noise, (at) => vesde.sigma(at), draws) };
  };
  const state = createTrainingState(parameters);
  const learningRate = warmupExponential({ base: 1e-3, totalSteps: steps, finalFraction: 0.02 });
  const late: number[] = [];
  const { signal } = context;
  for await (const step of fit({ state, loss: headLoss(score), batches: batch, steps, learningRate, signal })) {
    if (step.step > 0.8 * steps) late.push(step.loss);
    context.progress(0.3 + (0.5 * step.step) / steps, `${step.step}/${steps}  loss ${step.loss.toFixed(3)}`);
  }
  if (signal.aborted) throw new Interrupted("stopped; this part begins anew, it takes a few minutes");
  state.parameters.values.set(state.ema);
  return { parameters: state.parameters, loss: rounded(late.reduce((a, b) => a + b, 0) / late.length) };
}

/** What one arm came to. */
export interface FrozenFeatureResult {
  steps: number;
  /** Denoising score matching, mean of the last fifth of the steps; of arms with the same times comparable. */
  loss: number | null;
  /** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm by one hypothesis, a row per noise seed. */
  accuracy: Record<string, number[][]>;
  /** Percent within 10°5cm by category, exponential scaling, all noise seeds together. */
  byCategory: Record<string, number>;
}

async function measureArm(arm: Arm, amount: FrozenFeatureAmount, context: PartContext): Promise<FrozenFeatureResult> {
  await ready();
  const { parameters, loss } = await trainHead(arm, amount, context);
  const objects = await testObjects(amount.objects, context);
  const { scoreOf } = bindScoreNetwork(parameters, arm.score);
  const names = ["none", "exponential", "linear"] as const;
  const accuracy: FrozenFeatureResult["accuracy"] = {};
  const byCategory: FrozenFeatureResult["byCategory"] = {};
  for (const [n, name] of names.entries()) {
    const errors: PoseError[][] = [];
    for (const object of objects) {
      await pause(context);
      const z = startingNoise(object, amount.seeds);
      const { x } = ddim(scoreOf(object.feature), z, { steps: ddimSteps, scaling: scoreScalings[name] });
      errors.push(errorsOfState(object, x));
      context.progress(0.8 + 0.2 * ((n + errors.length / objects.length) / names.length), name);
    }
    accuracy[name] = accuracyBySeed(errors);
    if (name !== "exponential") continue;
    for (const category of new Set(objects.map((object) => object.category))) {
      const own = errors.filter((_, i) => objects[i].category === (category satisfies Category)).flat();
      byCategory[category] = rounded(100 * accuracyAt(own, 10, 5));
    }
  }
  return { steps: arm.steps, loss, accuracy, byCategory };
}

/** One part an arm; a smaller amount for a quick look. */
export const frozenFeatureParts = (amount: FrozenFeatureAmount): ExperimentPart[] =>
  Object.entries(armsOf(amount)).map(([name, arm]) => ({
    name,
    measure: async (context): Promise<Json> => ({ ...(await measureArm(arm, amount, context)) }),
  }));

export const frozenFeature: Experiment = {
  name: "frozenFeature",
  title: "Is it the diffusion head, or the feature? The head trained further on features that stay as they are",
  question:
    "Why does one guided hypothesis lag on mug, laptop and camera: noise levels, capacity or too few steps of the head, or the feature? " +
    "The encoder is frozen; the head goes on learning, or learns mainly where σ lies between 0.08 and 1.7, or gets a layer more, or learns from the mean feature over four draws of points, which an estimate gives it. " +
    "If an arm gains at least 3 points within 10°5cm (exponential scaling, mean over 3 noise seeds, 300 objects), that was the limit; " +
    "if none does, the feature is: the head then tells truly how unsure it leaves one.",
  reads: [embeddedCheckpoint],
  parts: () =>
    frozenFeatureParts({
      config: presets.small,
      checkpoint: embeddedCheckpoint,
      batches: 1_200,
      steps: 2_500,
      objects: 300,
      seeds: 3,
    }),
};
