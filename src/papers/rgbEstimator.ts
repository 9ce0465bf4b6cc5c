/**
 * @file From a photo and a box to pose and size with a trained network of paper B.
 */
import { tf } from "../backend";
import { assertInput } from "../check";
import { type BoxAggregation, modeOfBoxes } from "../estimation/boxAggregation";
import { trackingT0 } from "../estimation/tracking";
import type { OrientedBox } from "../geometry/box";
import { poseSizeDimension } from "../geometry/poseSizeVector";
import type { SiteFrame } from "../geometry/siteTranslation";
import { createParameters, keptWeights, type Parameters, weightsOf } from "../models/params";
import { regress } from "../models/regressionHead";
import { bindScoreNetwork } from "../models/scoreEvaluator";
import { type Condition, conditions, encodeViews } from "../models/viewEncoder";
import { Rng } from "../random";
import { priorNoise } from "../samplers/priorNoise";
import type { Sampled, SamplerOptions } from "../samplers/sampler";
import type { Score } from "../sde/sde";
import { loadModel, loadParameters, type ModelCard } from "../training/checkpoint";
import { finishedOde, type PoseSampler } from "./finishedOde";
import { isRgbPreset, type RgbConfig, rgbParameters, rgbPresets, rgbVariant, rgbVariants } from "./rgbMeanShift";
import { boxesOfVectors, diffusionVector } from "./rgbPose";
import { type PhotoView, viewOfPhoto } from "./rgbView";
import { shippedCheckpoint } from "./shippedCheckpoint";

/** The RGB checkpoint that ships with the project. */
export const embeddedRgbCheckpoint: string = shippedCheckpoint("rgb-small");

/** The default: one integration for all hypotheses, as published. */
const commonOde = finishedOde({ perHypothesis: false });

/** Options of `RgbEstimator.estimate`. */
export interface RgbEstimateOptions {
  /** K; the paper takes 50 (Table 3). With `from`: as many as there were. */
  hypotheses?: number;
  seed?: number;
  sampler?: PoseSampler;
  /** Passed on to the sampler; default: no score scaling, from t₀ = 1, or with `from` from t₀ = 0.15. */
  options?: SamplerOptions;
  /** From the hypotheses to the one answer; default: the modes by Mean Shift++ (section 3.4). */
  aggregate?: BoxAggregation;
  /** What the network is not told, though it may be there. */
  without?: readonly Condition[];
  /** Hypotheses of the frame before, with which sampling starts in this one (appendix B). */
  from?: readonly OrientedBox[];
}

/** What was read of a photo. */
export interface RgbEncoded {
  /** F numbers: the condition of the score. */
  feature: Float32Array;
  /** How the twelve numbers are meant. */
  frame: SiteFrame;
  /** What the regression head says, if the network has one. */
  regression?: OrientedBox;
}

/** Pose and size in the camera frame, metres. */
export interface RgbEstimate {
  /** The one answer. */
  box: OrientedBox;
  /** As they were sampled. */
  hypotheses: OrientedBox[];
  regression?: OrientedBox;
  /** Score calls, each for all hypotheses. */
  nfe: number;
  /** Milliseconds from the photo to the answer. */
  ms: number;
  /** The sampler's states, if `options.trajectory` was set; `boxesOf` makes boxes of them. */
  trajectory?: Sampled["trajectory"];
  frame: SiteFrame;
}

/** A trained network. Owns tensors: `dispose()` when done. */
export interface RgbEstimator {
  config: RgbConfig;
  /** Pose and size of the object in the box. @throws InputError for a box outside of the photo or maps of another size */
  estimate: (view: PhotoView, options?: RgbEstimateOptions) => RgbEstimate;
  /** Feature, frame and regressed box. */
  encode: (view: PhotoView, options?: Pick<RgbEstimateOptions, "without">) => RgbEncoded;
  /** The learned score s(x, t | feature) of one object, for any number of hypotheses. */
  scoreOf: (feature: Float32Array) => Score;
  /** K × 12 numbers of the diffusion as boxes in the camera frame. */
  boxesOf: (x: ArrayLike<number>, frame: SiteFrame) => OrientedBox[];
  dispose: () => void;
}

/** The flags of a view, less what is to be left out. */
function withoutConditions(kept: Float32Array | undefined, without: readonly Condition[]): Float32Array | undefined {
  if (without.length === 0) return kept;
  return Float32Array.from(conditions, (condition, k) => (without.includes(condition) ? 0 : (kept?.[k] ?? 1)));
}

/** An estimator of trained parameters (of `state.ema`, for instance), which are copied. */
export function rgbEstimator(config: RgbConfig, parameters: Parameters): RgbEstimator {
  const weights = keptWeights(() => weightsOf(parameters));
  const { scoreOf } = bindScoreNetwork(parameters, config.score);
  const boxesOf: RgbEstimator["boxesOf"] = (x, frame) => boxesOfVectors(x, frame, config);

  const encode: RgbEstimator["encode"] = (photo, { without = [] } = {}) => {
    const { view, frame } = viewOfPhoto(photo, config.encoder.rgb.inputSize[0]);
    const told = { ...view, kept: withoutConditions(view.kept, without) };
    const [feature, output] = tf.tidy(() => {
      const encoded = encodeViews(weights, config.encoder, told).feature;
      return [tf.keep(encoded), config.regression && tf.keep(regress(weights, config.regression, encoded))] as const;
    });
    const result: RgbEncoded = { feature: feature.dataSync() as Float32Array, frame };
    if (output) [result.regression] = boxesOf(output.dataSync(), frame);
    feature.dispose();
    output?.dispose();
    return result;
  };

  const estimate: RgbEstimator["estimate"] = (photo, options = {}) => {
    const began = performance.now();
    const {
      from,
      hypotheses: k = from?.length ?? 50,
      seed = 0,
      sampler = commonOde,
      aggregate = modeOfBoxes(),
    } = options;
    assertInput(Number.isInteger(k) && k >= 1, `estimate: hypotheses is ${k}; give a whole number of at least 1`);
    const { feature, frame, regression } = encode(photo, options);
    const z = priorNoise(new Rng(seed).split("prior"), k, poseSizeDimension);
    const start: SamplerOptions = from ? { init: startAt(from, k, frame), t0: trackingT0 } : { t0: 1 };
    const { x, nfe, trajectory } = sampler(scoreOf(feature), z, { ...start, ...options.options });
    const boxes = boxesOf(x, frame);
    const box = k === 1 ? boxes[0] : aggregate(boxes);
    return {
      box,
      hypotheses: boxes,
      ...(regression && { regression }),
      nfe,
      ms: performance.now() - began,
      ...(trajectory && { trajectory }),
      frame,
    };
  };

  /** The numbers of K hypotheses of the frame before, in this frame. */
  function startAt(from: readonly OrientedBox[], k: number, frame: SiteFrame): Float64Array {
    assertInput(
      from.length === k,
      `estimate: sampling starts from ${from.length} hypotheses, but hypotheses is ${k}; leave it out, or give as many`,
    );
    return Float64Array.from(from.flatMap((box) => diffusionVector(box, frame, config)));
  }

  return {
    config,
    encode,
    estimate,
    scoreOf,
    boxesOf,
    dispose: () => tf.dispose(weights),
  };
}

/** A loaded model and its card. */
export interface LoadedRgbEstimator extends RgbEstimator {
  card: ModelCard;
}

/**
 * Load a checkpoint of `posediff train --network rgb`. Its card names preset, variant and whether it has a regression
 * head.
 *
 * @throws InputError if the file is missing, damaged or of another network
 */
export function loadRgbEstimator(path: string = embeddedRgbCheckpoint): LoadedRgbEstimator {
  const model = loadModel(path);
  const { preset, network, variant = "NGR", regression = true } = model.card;
  const known = rgbVariants.find((name) => name === variant);
  assertInput(
    isRgbPreset(preset) && network === "rgb" && known,
    `loadRgbEstimator: the card in ${path} names the network ${JSON.stringify(network ?? "joint")} and the preset ${JSON.stringify(preset)}; take a model of \`posediff train --network rgb\`, or loadPoseEstimator`,
  );
  const { regression: head, ...without } = rgbVariant(rgbPresets[preset], known);
  const config: RgbConfig = regression && head ? { ...without, regression: head } : without;
  const parameters = createParameters(rgbParameters(config), new Rng(0));
  loadParameters(parameters, model);
  return { ...rgbEstimator(config, parameters), card: model.card };
}
