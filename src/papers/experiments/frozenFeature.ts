/**
 * @file What limits one guided hypothesis: the diffusion head, the clouds it learned from, or the feature?
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
import { warmStart } from "../../training/warmStart";
import { cloudEncoder } from "../cloudEncoder";
import { type JointLearningConfig, jointLearningParameters, presets } from "../jointLearning";
import type { EncodedObjects, Encoder } from "../keptFeatures";
import { pause } from "../pause";
import { embeddedCheckpoint } from "../poseEstimator";
import { encodedAtOnce } from "../trainScoreHead";
import { encodedObjects } from "./encodedObjects";
import type { Experiment, ExperimentPart, Json, PartContext } from "./experiment";
import { meanHeadLoss } from "./meanHeadLoss";
import { accuracyBySeed, errorsOfState, rounded, startingNoise, testObjects } from "./testObjects";
import { trainFrozenHead } from "./trainFrozenHead";

/** A head that learns from nothing on features that no longer change. */
interface Training extends Pick<ScoreNetworkConfig, "headLayers"> {
  /** Of the encoded batches, the first so many. */
  batches: number;
}

/** How much is trained and measured. */
export interface FrozenFeatureAmount {
  config: JointLearningConfig;
  checkpoint: string;
  /** Batches of 32 encoded clouds that a head is trained on, and those that none sees. */
  batches: number;
  unseen: number;
  steps: number;
  /** Batches of 64 clouds over which a loss is averaged. */
  lossBatches: number;
  objects: number;
  seeds: number;
}

const [batchSize, draws, pointDraws, ddimSteps] = [64, 20, 4, 40];

/** The arms; the shipped head trains no more. */
const armsOf = ({ batches }: FrozenFeatureAmount): Record<string, Training | undefined> => ({
  "as shipped": undefined,
  "new, two layers": { headLayers: 2, batches },
  "new, three layers": { headLayers: 3, batches },
  "new, three layers, an eighth of the clouds": { headLayers: 3, batches: Math.ceil(batches / 8) },
});

/** Every cloud a view of its own, so that the last ones are of views that no arm learns from. */
function encodedClouds(amount: FrozenFeatureAmount, context: PartContext): Promise<EncodedObjects> {
  const { checkpoint, config } = amount;
  const batches = amount.batches + amount.unseen;
  const options = { batchSize: encodedAtOnce, pointDraws, poolSize: batches * encodedAtOnce, seed: 11 };
  const open = (): Encoder => {
    const parameters = createParameters(jointLearningParameters(config), new Rng(0));
    loadParameters(parameters, loadModel(checkpoint));
    return cloudEncoder(config, parameters, options);
  };
  const size = {
    batches,
    batchSize: encodedAtOnce,
    width: config.score.featureSize,
    dimension: dimensionOf(config.score),
  };
  return encodedObjects({ key: `${checkpoint} ${batches}`, ...size, open, share: 0.3 }, context);
}

/** Batches `from` ≤ i < `to`. */
function batchesOf(
  { features, poses }: EncodedObjects,
  score: ScoreNetworkConfig,
  from: number,
  to: number,
): EncodedObjects {
  const rows = (values: Float32Array, width: number): Float32Array =>
    values.subarray(from * encodedAtOnce * width, to * encodedAtOnce * width);
  return { features: rows(features, score.featureSize), poses: rows(poses, dimensionOf(score)) };
}

/** A head, and what it says of the clouds that it learned from and of those that no arm did. */
interface TrainedHead {
  parameters: Parameters;
  score: ScoreNetworkConfig;
  loss: FrozenFeatureResult["loss"];
}

async function headOf(
  training: Training | undefined,
  amount: FrozenFeatureAmount,
  context: PartContext,
): Promise<TrainedHead> {
  const { config, checkpoint, batches, unseen, steps, lossBatches } = amount;
  const score = training ? { ...config.score, headLayers: training.headLayers } : config.score;
  const drawn = { score, batchSize, draws, timeFocus: config.timeFocus };
  const parameters = createParameters(scoreNetworkParameters(score), new Rng(1));
  const encoded = await encodedClouds(amount, context);
  const others = batchesOf(encoded, score, batches, batches + unseen);
  const lossOn = (clouds: EncodedObjects): number =>
    rounded(meanHeadLoss(parameters, { ...drawn, encoded: clouds, batches: lossBatches, rng: new Rng(5) }));
  if (!training) {
    warmStart(parameters, loadModel(checkpoint));
    return { parameters, score, loss: { unseen: lossOn(others) } };
  }
  const own = batchesOf(encoded, score, 0, training.batches);
  await trainFrozenHead(parameters, own, {
    ...drawn,
    steps,
    rng: new Rng(3),
    signal: context.signal,
    progress: (step, loss) => context.progress(0.3 + (0.5 * step) / steps, `${step}/${steps}  loss ${loss.toFixed(3)}`),
  });
  return { parameters, score, loss: { own: lossOn(own), unseen: lossOn(others) } };
}

/** What one arm came to. */
export interface FrozenFeatureResult {
  /** Steps of training and clouds that it was done on; 0: none. */
  steps: number;
  clouds: number;
  /** Denoising score matching on its own clouds and on 2,048 that no arm learned from, the same times and noises. */
  loss: { own?: number; unseen: number };
  /** Percent within 5°2cm, 5°5cm, 10°2cm, 10°5cm by one hypothesis, a row per noise seed. */
  accuracy: Record<string, number[][]>;
  /** Percent within 10°5cm by category, exponential scaling, all noise seeds together. */
  byCategory: Record<string, number>;
}

async function measureArm(
  training: Training | undefined,
  amount: FrozenFeatureAmount,
  context: PartContext,
): Promise<FrozenFeatureResult> {
  await ready();
  const { parameters, score, loss } = await headOf(training, amount, context);
  const objects = await testObjects(amount.objects, context);
  const { scoreOf } = bindScoreNetwork(parameters, score);
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
  return {
    steps: training ? amount.steps : 0,
    clouds: training ? training.batches * encodedAtOnce : 0,
    ...{ loss, accuracy, byCategory },
  };
}

/** One part an arm; a smaller amount for a quick look. */
export const frozenFeatureParts = (amount: FrozenFeatureAmount): ExperimentPart[] =>
  Object.entries(armsOf(amount)).map(([name, training]) => ({
    name,
    measure: async (context): Promise<Json> => ({ ...(await measureArm(training, amount, context)) }),
  }));

export const frozenFeature: Experiment = {
  name: "frozenFeature",
  title: "Is it the feature, or the diffusion head? New heads on the shipped encoder, which stays as it is",
  question:
    "What limits one guided hypothesis: the depth of the diffusion head, the clouds that it learned from, or the feature? " +
    "The encoder is frozen, and heads learn from nothing: of two layers (GenPose's form) and of three, and of three on an eighth of the clouds; each is scored on unseen objects, and its loss on clouds that no arm learned from. " +
    "Where one arm gains at least 3 points over the other within 10°5cm (exponential scaling, mean over 3 noise seeds, 300 objects), that was a limit; " +
    "a loss that is lower on its own clouds than on unseen ones tells what a head has learned by heart.",
  reads: [embeddedCheckpoint],
  parts: () =>
    frozenFeatureParts({
      config: presets.small,
      checkpoint: embeddedCheckpoint,
      batches: 600,
      unseen: 64,
      steps: 3_000,
      lossBatches: 50,
      objects: 300,
      seeds: 3,
    }),
};
