/**
 * @file Training of the multi-modal network: paper A's phases, with pictures and sizes.
 */
import { assertInput } from "../check";
import { imageCnnParameters } from "../models/imageCnn";
import type { ImageFeatureExtractor } from "../models/imageFeatures";
import { createParameters } from "../models/params";
import { scaleNetParameters } from "../models/scaleNet";
import { Rng } from "../random";
import { createTrainingState, type TrainingState } from "../training/trainingState";
import type { ImageBatchOptions } from "./imageBatch";
import { gridOf, type MultiModalConfig, multiModalLoss, multiModalParameters } from "./multiModal";
import {
  defaultJointRun,
  type JointRun,
  type JointStep,
  jointPhases,
  type TrainingTask,
  trainPhases,
} from "./trainJoint";
import { type NetworkTrainingOptions, type TrainedModel, trainModel } from "./trainModel";

/** A run of `trainJoint` and the colours of its objects. */
export interface MultiModalRun extends JointRun {
  /** Default: "typical", colours that tell something (see `ProceduralOptions.materials`). */
  materials?: ImageBatchOptions["materials"];
}

/** As for joint learning, with fewer views: each keeps its picture in memory (30 kB). */
export const defaultMultiModalRun: MultiModalRun = { ...defaultJointRun, poolSize: 8_192 };

/** What the steps need beside the run. */
export interface MultiModalStepOptions {
  signal?: AbortSignal;
  /** Of a frozen image model. */
  extractor?: ImageFeatureExtractor;
}

/** The state before the first step. */
export const startMultiModal = (config: MultiModalConfig, { seed }: Pick<JointRun, "seed">): TrainingState =>
  createTrainingState(createParameters(multiModalParameters(config), new Rng(seed).split("parameters")));

/**
 * Train `state` in place, yielding every step: regression and sizes first, then all heads (`trainPhases`). A frozen image
 * model reads the crops of each batch anew, since they follow the augmentation: DINOv2 on a CPU is slow here.
 *
 * @throws InputError if a frozen image model is wanted and not given
 */
export function trainMultiModal(
  config: MultiModalConfig,
  run: MultiModalRun,
  state: TrainingState,
  { signal, extractor }: MultiModalStepOptions = {},
): AsyncGenerator<JointStep, void, undefined> {
  const { image } = config;
  const { materials = "typical", ...joint } = run;
  const task: TrainingTask = {
    batches: {
      axesDraws: config.axesDraws,
      ...(image && { image: { cropSize: gridOf(image).cropSize, gridSize: gridOf(image).gridSize, materials } }),
    },
    loss: (heads) => multiModalLoss(config, heads),
  };
  if (image?.kind === "frozen") {
    assertInput(
      extractor,
      "trainMultiModal: this network reads a frozen image model; pass { extractor: await onnxExtractor(path) }",
    );
    task.complete = async (batch) => {
      assertInput(batch.image, "trainMultiModal: the batch has no pictures");
      const maps = await extractor.extract(batch.image.crops, batch.grouping.batch);
      return { ...batch, image: { ...batch.image, maps } };
    };
  }
  return trainPhases(config.joint, { ...joint, phases: jointPhases(joint) }, state, { signal, task });
}

/** Options of `trainMultiModalModel`. */
export type TrainMultiModalOptions = NetworkTrainingOptions<JointStep> & {
  config: MultiModalConfig;
  run: MultiModalRun;
  extractor?: ImageFeatureExtractor;
};

/** What a network of point clouds alone lacks: ScaleNet and the CNN. */
const addedToClouds = ({ scaleNet, image }: MultiModalConfig): ((name: string) => boolean) => {
  const own = [...scaleNetParameters(scaleNet), ...(image?.kind === "cnn" ? imageCnnParameters(image.cnn) : [])];
  const names = new Set(own.map(({ name }) => name));
  return (name) => names.has(name);
};

/**
 * The same in a folder: saved, stopped, resumed. The model file is one of `loadMultiModalEstimator`. It may start from a
 * model of joint learning: the grown network gives the same poses before its first step, whatever the picture.
 *
 * @throws Interrupted if the signal was aborted before the end; call again to go on
 */
export const trainMultiModalModel = ({
  config,
  run,
  extractor,
  command,
  ...options
}: TrainMultiModalOptions): Promise<TrainedModel> =>
  trainModel({
    ...options,
    run: { preset: config.preset, run: { ...run, image: config.image !== undefined } },
    totalSteps: run.pretrainSteps + run.jointSteps,
    state: startMultiModal(config, run),
    added: addedToClouds(config),
    steps: (state, signal) => trainMultiModal(config, run, state, { signal, extractor }),
    card: {
      preset: config.preset,
      network: "multiModal",
      image: config.image !== undefined,
      ...(command && { command }),
      seed: run.seed,
    },
  });
