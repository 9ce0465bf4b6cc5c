/**
 * @file The multi-modal network (GenPose++; paper A, Table 4): image features join the points at every level, ScaleNet
 * tells the size, and the heads are those of joint learning.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, InputError } from "../check";
import {
  ablationImageCnn,
  cnnGrid,
  type ImageCnnConfig,
  imageCnn,
  imageCnnParameters,
  smallImageCnn,
} from "../models/imageCnn";
import { type FeatureGrid, featuresOfPoints } from "../models/imageFeatures";
import type { ParameterSpec, Weights } from "../models/params";
import { type Encoding, encode, featureSize } from "../models/pointNet2";
import {
  paperScaleNet,
  type ScaleNetConfig,
  scaleNet,
  scaleNetLoss,
  scaleNetParameters,
  smallScaleNet,
} from "../models/scaleNet";
import type { LossFunction } from "../training/gradients";
import type { ImageBatch } from "./imageBatch";
import {
  headLossesOf,
  type JointLearningConfig,
  jointLearningParameters,
  type Phase,
  type Preset,
  presets,
} from "./jointLearning";
import type { PoseBatch } from "./poseBatch";

/** Where image features come from: a CNN that learns with the rest, or a frozen model whose maps are handed in. */
export type ImageSource =
  | { readonly kind: "cnn"; readonly cnn: ImageCnnConfig }
  | { readonly kind: "frozen"; readonly grid: FeatureGrid };

/** The networks and the choices of their training. */
export interface MultiModalConfig {
  preset: Preset;
  /** Encoder (with `imageChannels` where there are images) and heads. */
  joint: JointLearningConfig;
  /** Without it: depth only, with sizes. */
  image?: ImageSource;
  scaleNet: ScaleNetConfig;
  /** Length in metres of the unit in which ScaleNet's loss squares its error. */
  sizeUnit: number;
  /** Noisy rotations per object from which ScaleNet learns. */
  axesDraws: number;
}

/** Cells and channels of the maps that points read. */
export const gridOf = (image: ImageSource): FeatureGrid => (image.kind === "cnn" ? cnnGrid(image.cnn) : image.grid);

/** A depth-only network and its ScaleNet, with or without image features on every point. */
const multiModal = (joint: JointLearningConfig, own: Omit<MultiModalConfig, "preset" | "joint">): MultiModalConfig => ({
  ...own,
  preset: joint.preset,
  joint: { ...joint, encoder: { ...joint.encoder, imageChannels: own.image && gridOf(own.image).channels } },
});

/** DINOv2 ViT-S/14 on 224 × 224 pixels. */
const dinoSmall: FeatureGrid = { cropSize: 224, gridSize: 16, channels: 384 };

/**
 * `paper`: GenPose++'s sizes, tokens of DINOv2 ViT-S/14 from a file of the reader's (`onnxExtractor`). `small` and
 * `ablation`: the depth-only presets of that name with a CNN that learns together with them.
 */
export const multiModalPresets: Record<Preset, MultiModalConfig> = {
  paper: multiModal(presets.paper, {
    image: { kind: "frozen", grid: dinoSmall },
    scaleNet: paperScaleNet,
    sizeUnit: 0.01,
    axesDraws: 64,
  }),
  small: multiModal(presets.small, {
    image: { kind: "cnn", cnn: smallImageCnn },
    scaleNet: { ...smallScaleNet, featureSize: featureSize(presets.small.encoder) },
    sizeUnit: 0.05,
    axesDraws: 4,
  }),
  ablation: multiModal(presets.ablation, {
    image: { kind: "cnn", cnn: ablationImageCnn },
    scaleNet: { ...smallScaleNet, featureSize: featureSize(presets.ablation.encoder) },
    sizeUnit: 0.05,
    axesDraws: 4,
  }),
};

/** The same network without image features: what colour adds is the difference. */
export const withoutImage = ({ preset: _, joint, image: __, ...rest }: MultiModalConfig): MultiModalConfig =>
  multiModal(joint, rest);

/** All arrays: encoder, heads, ScaleNet, CNN. */
export const multiModalParameters = ({ joint, image, scaleNet }: MultiModalConfig): ParameterSpec[] => [
  ...jointLearningParameters(joint),
  ...scaleNetParameters(scaleNet),
  ...(image?.kind === "cnn" ? imageCnnParameters(image.cnn) : []),
];

/** [B·N, C], or undefined for a network without images. @throws InputError if the images or maps are missing */
function pointFeatures(
  weights: Weights,
  { image }: MultiModalConfig,
  input: ImageBatch | undefined,
  batch: number,
): Tensor2D | undefined {
  if (!image) return undefined;
  assertInput(input, "multi-modal network: there is no image; pass crops and cells, or take withoutImage(config)");
  if (image.kind === "cnn")
    return tf.tidy(() => featuresOfPoints(imageCnn(weights, image.cnn, input.crops, batch), input.cells, batch));
  const { gridSize, channels } = image.grid;
  const { maps } = input;
  if (!maps) throw new InputError("multi-modal network: the maps are missing; let an extractor make them of the crops");
  return tf.tidy(() => featuresOfPoints(tf.tensor4d(maps, [batch, gridSize, gridSize, channels]), input.cells, batch));
}

/** Feature of grouped clouds with their images, and in training the new statistics of norms. */
export const encodeMultiModal = (
  weights: Weights,
  config: MultiModalConfig,
  { grouping, image }: Pick<PoseBatch, "grouping" | "image">,
  { training = false }: { training?: boolean } = {},
): Encoding =>
  tf.tidy(() => ({
    ...encode(weights, config.joint.encoder, grouping, {
      training,
      pointFeatures: pointFeatures(weights, config, image, grouping.batch),
    }),
  }));

/**
 * The joint loss (paper A, eq. 7) plus ScaleNet's squared error. GenPose++ trains ScaleNet afterwards on the finished
 * feature; here it learns with the rest, and so does the CNN.
 *
 * @throws InputError (when called) if the batch has no `axes`, or no image where the network wants one
 */
export const multiModalLoss =
  (config: MultiModalConfig, phase: Phase): LossFunction<PoseBatch> =>
  (weights, batch) => {
    const { feature, updates } = encodeMultiModal(weights, config, batch, { training: true });
    const parts = headLossesOf(weights, config.joint, phase, feature, batch);
    assertInput(batch.axes, "multiModalLoss: the batch has no axes; make it with axesDraws");
    const sizes = scaleNet(weights, config.scaleNet, feature, batch.axes);
    parts.size = scaleNetLoss(sizes, batch.sizes, { unit: config.sizeUnit });
    return { total: Object.values(parts).reduce((a, b) => tf.add(a, b)), parts, updates };
  };
