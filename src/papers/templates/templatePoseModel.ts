/**
 * @file template-pose (Nguyen et al., CVPR 2022), the baseline of paper C: a residual network trained whole by InfoNCE on
 * pairs of picture and template, and its model as a backbone of one layer.
 */
import { tf } from "../../backend";
import { assertInput } from "../../check";
import { proceduralPhotoVersion } from "../../datasets/procedural/proceduralPhoto";
import { type FeatureBackbone, normalizedPictures } from "../../models/featureBackbone";
import { createParameters, keptWeights, weightsOf } from "../../models/params";
import type { ResNetConfig } from "../../models/resNet";
import { type TemplateNetworkConfig, templateNetwork, templateNetworkParameters } from "../../models/templateNetwork";
import { Rng } from "../../random";
import { loadModel, loadParameters } from "../../training/checkpoint";
import type { TrainingStep } from "../../training/fit";
import type { LossFunction } from "../../training/gradients";
import { modelDigest } from "../../training/modelDigest";
import { createTrainingState, type TrainingState } from "../../training/trainingState";
import { fitStream } from "../fitStream";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "../trainModel";
import {
  bothOf,
  type ContrastiveOptions,
  type ContrastiveRun,
  type PairSources,
  pairLoss,
  pairsAhead,
  pairsSchedule,
  sourceWords,
} from "./contrastivePairs";
import type { ViewBatch, ViewSizes } from "./viewBatch";

const small: ResNetConfig = {
  inputSize: [128, 128],
  channels: 3,
  stem: { kernel: 7, width: 24, stride: 2, pool: false },
  stages: [
    { blocks: 1, width: 32, stride: 2 },
    { blocks: 2, width: 64, stride: 2 },
    { blocks: 2, width: 96, stride: 1 },
  ],
  norm: "none",
  grid: [1, 1],
};

/**
 * Pictures of 128 pixels → 16 × 16 × 32, an eighth of the side as in template-pose. That is a ResNet-50 with the weights
 * of MoCo; this one begins at random, so what it knows it learned from the objects that it saw.
 */
export const templatePoseNetwork: TemplateNetworkConfig = { resNet: small, hidden: 64, width: 32 };

const [size] = templatePoseNetwork.resNet.inputSize;

/** Sides of its pictures and of its map. */
export const templatePoseSizes: ViewSizes = { size, grid: size / 8 };

/** InfoNCE of the network's maps of a batch. */
export const templatePoseLoss =
  (config: TemplateNetworkConfig, temperature: number): LossFunction<ViewBatch> =>
  (weights, pairs) => {
    const pictures = normalizedPictures(bothOf(pairs), 2 * pairs.batch, config.resNet.inputSize[0]);
    return pairLoss(templateNetwork(weights, config, pictures), pairs.masks, temperature);
  };

/** The state before the first step. */
export const startTemplatePose = ({ seed }: Pick<ContrastiveRun, "seed">): TrainingState =>
  createTrainingState(
    createParameters(templateNetworkParameters(templatePoseNetwork), new Rng(seed).split("parameters")),
  );

/** Train `state` in place to the end of the run, yielding every step; stopped and saved, it goes on bit for bit. */
export const trainTemplatePose = (
  run: ContrastiveRun,
  state: TrainingState,
  { signal, ...sources }: ContrastiveOptions = {},
): AsyncGenerator<TrainingStep, void, undefined> =>
  fitStream({
    stream: pairsAhead(run, templatePoseSizes, sources),
    state,
    loss: templatePoseLoss(templatePoseNetwork, run.temperature),
    ...pairsSchedule(run),
    signal,
  });

/**
 * The same in a folder: saved, stopped, resumed. The model file is one of `templatePoseBackbone`.
 *
 * @throws Interrupted if the signal was aborted before the end; call again to go on
 */
export const trainTemplatePoseModel = ({
  run,
  sources = {},
  command,
  ...options
}: NetworkTrainingOptions<TrainingStep> & { run: ContrastiveRun; sources?: PairSources }): Promise<TrainedModel> =>
  trainModel({
    ...options,
    run: { preset: "small", run: { ...run, ...sourceWords(sources) } },
    totalSteps: run.steps,
    state: startTemplatePose(run),
    steps: (state, signal) => trainTemplatePose(run, state, { signal, ...sources }),
    card: {
      preset: "small",
      network: "templatePose",
      ...(command && { command }),
      seed: run.seed,
      photoVersion: proceduralPhotoVersion,
      ...sourceWords(sources),
    },
  });

/**
 * A model of `posediff train --network templatePose`: one map.
 *
 * @throws InputError if the file is missing, damaged or of another network, or for another size of pictures or layer
 */
export function templatePoseBackbone(
  path: string,
  { inputSize: asked = size, layers = [1] }: { inputSize?: number; layers?: readonly number[] } = {},
): FeatureBackbone {
  const model = loadModel(path);
  assertInput(
    model.card.network === "templatePose",
    `templatePoseBackbone: ${path} is no network of template-pose; use a model of posediff train --network templatePose`,
  );
  assertInput(
    asked === size && layers.join() === "1",
    `templatePoseBackbone: the network reads pictures of ${size} pixels and has one layer, not ${asked} and layers ${layers.join(", ")}; leave both out`,
  );
  const parameters = createParameters(templateNetworkParameters(templatePoseNetwork), new Rng(0));
  loadParameters(parameters, model);
  const weights = keptWeights(() => weightsOf(parameters));
  return {
    name: `template-pose-${modelDigest(path).slice(0, 8)}`,
    inputSize: size,
    layers: [{ name: "projector", channels: templatePoseNetwork.width }],
    features: async (pictures, batch) =>
      tf.tidy(() => [templateNetwork(weights, templatePoseNetwork, normalizedPictures(pictures, batch, size))]),
    dispose: () => tf.dispose(weights),
  };
}
