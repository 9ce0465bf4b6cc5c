/**
 * @file What limits one guided hypothesis: the diffusion head, or the feature that it is given?
 */
import { ready } from "../../backend";
import type { Category } from "../../geometry/symmetry";
import { accuracyAt, type PoseError } from "../../metrics/poseError";
import { createParameters, type Parameters } from "../../models/params";
import { bindScoreNetwork } from "../../models/scoreEvaluator";
import { dimensionOf, type ScoreNetworkConfig, scoreNetworkParameters } from "../../models/scoreNetwork";
import { Rng } from "../../random";
import { ddim } from "../../samplers/ddim";
import { scoreScalings } from "../../samplers/scoreScaling";
import { loadModel, loadParameters } from "../../training/checkpoint";
import { focusedTime } from "../../training/denoisingDraws";
import { warmStart } from "../../training/warmStart";
import { cloudEncoder } from "../cloudEncoder";
import { type JointLearningConfig, jointLearningParameters, presets } from "../jointLearning";
import type { EncodedObjects, Encoder } from "../keptFeatures";
import { pause } from "../pause";
import { embeddedCheckpoint } from "../poseEstimator";
import { encodedObjects } from "./encodedObjects";
import type { Experiment, ExperimentPart, Json, PartContext } from "./experiment";
import { accuracyBySeed, errorsOfState, rounded, startingNoise, testObjects } from "./testObjects";
import { trainFrozenHead } from "./trainFrozenHead";

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

const encodeTraining = (
  amount: FrozenFeatureAmount,
  pointDraws: number,
  context: PartContext,
): Promise<EncodedObjects> => {
  const { checkpoint, batches, config } = amount;
  const key = `${checkpoint} ${batches} ${pointDraws}`;
  const size = { batches, batchSize, width: config.score.featureSize, dimension: dimensionOf(config.score) };
  const open = (): Encoder =>
    cloudEncoder(config, loaded(config, checkpoint), { batchSize, pointDraws, poolSize: 8 * batches, seed: 11 });
  return encodedObjects({ key, ...size, open, share: 0.3 }, context);
};

function loaded(config: JointLearningConfig, checkpoint: string): Parameters {
  const parameters = createParameters(jointLearningParameters(config), new Rng(0));
  loadParameters(parameters, loadModel(checkpoint));
  return parameters;
}

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
  const loss = await trainFrozenHead(parameters, await encodeTraining(amount, arm.pointDraws, context), {
    score,
    steps,
    batchSize,
    draws,
    rng: new Rng(3),
    time,
    signal: context.signal,
    progress: (step, loss) => context.progress(0.3 + (0.5 * step) / steps, `${step}/${steps}  loss ${loss.toFixed(3)}`),
  });
  return { parameters, loss };
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
      batches: 600,
      steps: 1_500,
      objects: 300,
      seeds: 3,
    }),
};
