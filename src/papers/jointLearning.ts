/**
 * @file Paper A: one encoder, a regression head and a denoising-diffusion head that learn together.
 */
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, assertShape, InputError } from "../check";
import { categories } from "../geometry/symmetry";
import { type ClassificationHeadConfig, classificationHeadParameters, classify } from "../models/classificationHead";
import { type FoldingDecoderConfig, fold, foldingDecoderParameters } from "../models/foldingDecoder";
import type { ParameterSpec, Weights } from "../models/params";
import {
  ablationEncoder,
  encode,
  featureSize,
  meanOverDraws,
  type PointNet2Config,
  paperEncoder,
  pointNet2Parameters,
  smallEncoder,
} from "../models/pointNet2";
import {
  ablationRegressionHead,
  paperRegressionHead,
  type RegressionHeadConfig,
  regress,
  regressionHeadParameters,
  smallRegressionHead,
} from "../models/regressionHead";
import {
  ablationScoreNetwork,
  paperScoreNetwork,
  type ScoreNetworkConfig,
  scaledScore,
  scoreNetworkParameters,
  smallScoreNetwork,
} from "../models/scoreNetwork";
import { chamferLoss } from "../training/chamferLoss";
import { crossEntropyLoss } from "../training/crossEntropyLoss";
import type { LossFunction } from "../training/gradients";
import { type PoseRegressionOptions, poseRegressionLoss } from "../training/poseRegressionLoss";
import { scoreMatchingLoss } from "../training/scoreMatchingLoss";
import type { PoseBatch } from "./poseBatch";

/** The networks of paper A and the choices of their training. */
export interface JointLearningConfig {
  preset: Preset;
  encoder: PointNet2Config;
  regression: RegressionHeadConfig;
  score: ScoreNetworkConfig;
  /** Length in metres of the unit in which the regression loss squares Δt (eq. 4 has metres). */
  translationUnit: number;
  /** Share of the diffusion times drawn from (0.05, 0.6) instead of (0, 1); 0 is the paper's. */
  timeFocus: number;
  /** Form of the regression head's rotation loss; default: the geodesic angle (eq. 3). */
  rotationForm?: PoseRegressionOptions["rotationForm"];
  /** Heads of other pre-training tasks, if any: see `withPretextHeads`. */
  classification?: ClassificationHeadConfig;
  reconstruction?: FoldingDecoderConfig;
}

export type Preset = "paper" | "small" | "ablation";

/**
 * `paper`: layer for layer the published networks (2,196,841 parameters, and 792,073 of the regression head).
 * `small`: less than half the size, for training on two CPU cores. It departs from the paper where that learned faster in
 * trials: centred points, preconditioned score network, squared translations in decimetres, and half of the times drawn
 * where a sample's fate is decided.
 * `ablation`: the same choices at a quarter of its cost, for experiments that compare many trained arms with each other.
 */
export const presets: Record<Preset, JointLearningConfig> = {
  paper: {
    preset: "paper",
    encoder: paperEncoder,
    regression: paperRegressionHead,
    score: paperScoreNetwork,
    translationUnit: 1,
    timeFocus: 0,
  },
  small: {
    preset: "small",
    encoder: smallEncoder,
    regression: smallRegressionHead,
    score: smallScoreNetwork,
    translationUnit: 0.1,
    timeFocus: 0.5,
  },
  ablation: {
    preset: "ablation",
    encoder: ablationEncoder,
    regression: ablationRegressionHead,
    score: ablationScoreNetwork,
    translationUnit: 0.1,
    timeFocus: 0.5,
  },
};

export const presetNames: readonly Preset[] = Object.keys(presets) as Preset[];

export const isPreset = (name: unknown): name is Preset => presetNames.some((known) => known === name);

/** The preset of that name. @throws InputError for any other name */
export function presetNamed(name: string): JointLearningConfig {
  if (isPreset(name)) return presets[name];
  const names = presetNames.map((known) => `"${known}"`);
  throw new InputError(
    `presetNamed: there is no preset "${name}"; use ${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`,
  );
}

/** All arrays of encoder and heads. */
export const jointLearningParameters = (config: JointLearningConfig): ParameterSpec[] => [
  ...pointNet2Parameters(config.encoder),
  ...regressionHeadParameters(config.regression),
  ...scoreNetworkParameters(config.score),
  ...(config.classification ? classificationHeadParameters(config.classification) : []),
  ...(config.reconstruction ? foldingDecoderParameters(config.reconstruction) : []),
];

/** The same networks with the heads of the other pre-training tasks: a classifier of six and a folding decoder of 256 points. */
export const withPretextHeads = (config: JointLearningConfig): JointLearningConfig => {
  const feature = featureSize(config.encoder);
  return {
    ...config,
    classification: { widths: [feature, feature / 2, categories.length] },
    reconstruction: { featureSize: feature, side: 16, width: 128 },
  };
};

/**
 * Which heads learn in a phase: regression alone is the pre-training, regression and diffusion the joint phase (Fig. 1a),
 * diffusion alone GenPose's training from scratch. Classification and reconstruction are the other ways to pre-train the
 * encoder (Fig. 4a, S.2.2). A number is the weight of the head's loss; eq. 7 has 1, which `true` is.
 */
export type Phase = Readonly<Partial<Record<Head, boolean | number>>>;

export type Head = "regression" | "diffusion" | "classification" | "reconstruction";

type Parts = Record<string, Scalar>;

/** Metres in the unit of the reconstructed points: then objects are about as large as the sheet that is folded. */
const reconstructionUnit = 0.1;

/** The loss of each head by the feature that it shares with the others. */
const headLosses: Record<
  Head,
  (weights: Weights, config: JointLearningConfig, feature: Tensor2D, batch: PoseBatch) => Parts
> = {
  regression: (weights, config, feature, { poses, symmetric }) => {
    const { translationUnit, rotationForm = "geodesic" } = config;
    const output = regress(weights, config.regression, feature);
    const { rotation, translation } = poseRegressionLoss(output, poses, symmetric, { translationUnit, rotationForm });
    return { rotation, translation };
  },
  diffusion: (weights, config, feature, { draws: { t, deviation, noise, noised } }) => {
    const x = tf.tensor2d(noised, [t.length, 9]);
    const scaled = scaledScore(weights, config.score, { feature, x, t, sigma: deviation });
    return { diffusion: scoreMatchingLoss(scaled, noise) };
  },
  classification: (weights, { classification }, feature, { labels }) => {
    assertInput(classification, "jointLoss: there is no classification head; add one by withPretextHeads(config)");
    return { classification: crossEntropyLoss(classify(weights, classification, feature), labels) };
  },
  reconstruction: (weights, { reconstruction, encoder }, feature, { clouds }) => {
    assertInput(reconstruction, "jointLoss: there is no folding decoder; add one by withPretextHeads(config)");
    const target = clouds.map((x) => x / reconstructionUnit);
    assertShape("jointLoss clouds", clouds, [feature.shape[0], encoder.points, 3]);
    return { reconstruction: chamferLoss(fold(weights, reconstruction, feature), target) };
  },
};

/**
 * The loss of a phase: the sum over its heads, unweighted unless the phase says otherwise; the encoder runs once for all. Of several draws of points the
 * heads are given the mean feature.
 *
 * Eq. 7 for regression and diffusion: L = L_φ + L_θ with L_φ = geodesic angle + ‖Δt‖² of the regression head (eqs. 3–5)
 * and L_θ = denoising score matching (eq. 6) averaged over the draws of the batch. Classification: cross-entropy of the
 * six categories. Reconstruction: Chamfer distance of the decoded to the seen points, both centred, in decimetres.
 *
 * @param options `frozenEncoder`: its norms keep their statistics; that its arrays do is up to `fit`
 */
export const jointLoss =
  (
    config: JointLearningConfig,
    phase: Phase,
    { frozenEncoder = false }: { frozenEncoder?: boolean } = {},
  ): LossFunction<PoseBatch> =>
  (weights, batch) => {
    const { feature, updates } = encode(weights, config.encoder, batch.grouping, { training: !frozenEncoder });
    const perPose = batch.grouping.batch / batch.symmetric.length;
    const parts = headLossesOf(weights, config, phase, meanOverDraws(feature, perPose), batch);
    return { total: Object.values(parts).reduce((a, b) => tf.add(a, b)), parts, updates };
  };

const heads = Object.keys(headLosses) as Head[];

/** The losses of a phase's heads by their names, as they are summed, from a feature [B, F] of any encoder. @throws InputError if none learns */
export function headLossesOf(
  weights: Weights,
  config: JointLearningConfig,
  phase: Phase,
  feature: Tensor2D,
  batch: PoseBatch,
): Parts {
  const parts: Parts = {};
  for (const head of heads) {
    const weight = Number(phase[head] ?? 0);
    if (weight === 0) continue;
    for (const [name, loss] of Object.entries(headLosses[head](weights, config, feature, batch)))
      parts[name] = weight === 1 ? loss : tf.mul(loss, weight);
  }
  assertInput(
    Object.keys(parts).length > 0,
    "jointLoss: no head learns; switch at least one on, e.g. { regression: true }",
  );
  return parts;
}
