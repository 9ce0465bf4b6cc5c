/**
 * @file From a depth image with colours to poses and sizes with a trained multi-modal network.
 */
import { tf } from "../backend";
import { assertFinite, assertInput, assertShape } from "../check";
import { cloudWindow, imageCrop, pointCells } from "../datasets/imageCrop";
import { objectCloud } from "../datasets/objectCloud";
import type { Sample } from "../datasets/sample";
import type { OrientedBox } from "../geometry/box";
import { group } from "../geometry/grouping";
import { centroid, samplePoints } from "../geometry/pointcloud";
import type { Vector3 } from "../geometry/vector";
import { cnnExtractor } from "../models/imageCnn";
import type { ImageFeatureExtractor } from "../models/imageFeatures";
import { createParameters, keptWeights, type Parameters, weightsOf } from "../models/params";
import { clampSize, scaleNet } from "../models/scaleNet";
import { bindScoreNetwork } from "../models/scoreEvaluator";
import { Rng } from "../random";
import type { Score } from "../sde/sde";
import { loadModel, loadParameters, type ModelCard } from "../training/checkpoint";
import { isPreset } from "./jointLearning";
import {
  encodeMultiModal,
  gridOf,
  type MultiModalConfig,
  multiModalParameters,
  multiModalPresets,
  withoutImage,
} from "./multiModal";
import { type Encoded, type Estimate, type EstimateOptions, encoded, sampleEstimate } from "./poseEstimator";

/** What is seen of an object: `rgb` may be missing for a network without images. */
export type ObjectView = Pick<Sample, "depth" | "mask" | "camera" | "rgb">;

/** An estimate with the object's extents. */
export interface BoxEstimate extends Estimate {
  /** Extents along the object's x, y, z, metres, by ScaleNet from `pose`. */
  size: Vector3;
  /** `pose` and `size` as one box. */
  box: OrientedBox;
}

/** Options of `MultiModalEstimator.estimate`. */
export interface BoxEstimateOptions extends EstimateOptions {
  /** Drop points that do not belong to the object (`cleanCloud`). */
  clean?: boolean;
}

/** A trained network. Owns tensors: `dispose()` when done. */
export interface MultiModalEstimator {
  config: MultiModalConfig;
  /** Pose and size. @throws InputError if the view has too few points, or no colours where the network wants them */
  estimate: (view: ObjectView, options?: BoxEstimateOptions) => Promise<BoxEstimate>;
  /** Feature, centroid and regressed pose; the points are drawn with `seed`. */
  encode: (view: ObjectView, options?: { seed?: number; clean?: boolean }) => Promise<Encoded>;
  /** The learned score s(x, t | feature) of an encoded object, for any number of hypotheses. */
  scoreOf: (feature: Float32Array) => Score;
  /** Extents of an encoded object by a rotation. */
  sizeOf: (feature: Float32Array, rotation: ArrayLike<number>) => Vector3;
  dispose: () => void;
}

const leastPoints = 50;

/** The extractor of a network: its own CNN, or the given frozen model, if it is of the right form. */
function extractorOf(
  { image }: MultiModalConfig,
  parameters: Parameters,
  given: ImageFeatureExtractor | undefined,
): ImageFeatureExtractor | undefined {
  if (image?.kind !== "frozen") return image && cnnExtractor(parameters, image.cnn);
  assertInput(
    given,
    "multiModalEstimator: this network reads a frozen image model; pass { extractor: await onnxExtractor(path) }, on the command line --extractor",
  );
  const { cropSize, gridSize, channels } = image.grid;
  assertInput(
    given.cropSize === cropSize && given.gridSize === gridSize && given.channels === channels,
    `multiModalEstimator: the extractor makes ${given.gridSize}² × ${given.channels} of ${given.cropSize} pixels, the network reads ${gridSize}² × ${channels} of ${cropSize}; pass the model that it was trained with`,
  );
  return given;
}

/**
 * An estimator of trained parameters (of `state.ema`, for instance), which are copied.
 *
 * @param extractor of a frozen image model; the caller keeps it and disposes of it
 * @throws InputError if a frozen image model is wanted and not given, or of another form
 */
export function multiModalEstimator(
  config: MultiModalConfig,
  parameters: Parameters,
  { extractor: given }: { extractor?: ImageFeatureExtractor } = {},
): MultiModalEstimator {
  const { encoder } = config.joint;
  const extractor = extractorOf(config, parameters, given);
  const weights = keptWeights(() => weightsOf(parameters));
  const { scoreOf } = bindScoreNetwork(parameters, config.joint.score);

  const encodeView: MultiModalEstimator["encode"] = async (view, { seed = 0, clean = false } = {}) => {
    const cloud = objectCloud(view, { clean });
    assertInput(
      cloud.length >= 3 * leastPoints,
      `estimate: the cloud has ${cloud.length / 3} points; at least ${leastPoints} are needed: use a larger mask or a nearer view`,
    );
    assertFinite("estimate: cloud", cloud);
    const points = samplePoints(cloud, encoder.points, new Rng(seed).split("points"));
    const centre = centroid(points);
    let image: { crops: Uint8Array; cells: Int32Array; maps: Float32Array } | undefined;
    if (extractor && config.image) {
      const { rgb, camera } = view;
      assertInput(rgb, "estimate: the view has no colours; pass rgb, or take a network without images");
      const window = cloudWindow(cloud, camera);
      const crops = imageCrop({ rgb, camera }, window, extractor.cropSize);
      const cells = pointCells(points, camera, window, extractor.gridSize);
      image = { crops, cells, maps: await extractor.extract(crops, 1) };
    }
    // The maps are there already, whoever made them.
    const asFrozen: MultiModalConfig = config.image
      ? { ...config, image: { kind: "frozen", grid: gridOf(config.image) } }
      : config;
    return encoded(
      centre,
      weights,
      config.joint.regression,
      () => encodeMultiModal(weights, asFrozen, { grouping: group(encoder, points, 1), image }).feature,
    );
  };

  const sizeOf: MultiModalEstimator["sizeOf"] = (feature, rotation) => {
    assertShape("sizeOf rotation", rotation, [3, 3]);
    const size = tf.tidy(() => scaleNet(weights, config.scaleNet, tf.tensor2d(feature, [1, feature.length]), rotation));
    const [x, y, z] = size.dataSync();
    size.dispose();
    return clampSize([x, y, z]);
  };

  return {
    config,
    encode: encodeView,
    scoreOf,
    sizeOf,
    estimate: async (view, options = {}) => {
      const began = performance.now();
      const { feature, centroid: centre, regression } = await encodeView(view, options);
      const sampled = sampleEstimate(scoreOf(feature), centre, options);
      const size = sizeOf(feature, sampled.pose.rotation);
      const ms = performance.now() - began;
      return { ...sampled, regression, ms, centroid: centre, size, box: { ...sampled.pose, size } };
    },
    dispose: () => {
      tf.dispose(weights);
      if (extractor && !given) extractor.dispose();
    },
  };
}

/** A loaded multi-modal model and its card. */
export interface LoadedMultiModal extends MultiModalEstimator {
  card: ModelCard;
}

/**
 * Load a checkpoint of `trainMultiModal`. Its card names the preset and, for a network without images, `image: false`.
 *
 * @throws InputError if the file is missing, damaged or of another network, or wants an extractor that is not given
 */
export function loadMultiModalEstimator(
  path: string,
  options: { extractor?: ImageFeatureExtractor } = {},
): LoadedMultiModal {
  const model = loadModel(path);
  const { preset, network, image } = model.card;
  assertInput(
    isPreset(preset) && network === "multiModal",
    `loadMultiModalEstimator: the card in ${path} names the network ${JSON.stringify(network ?? "joint")} and the preset ${JSON.stringify(preset)}; take a multi-modal model, or loadPoseEstimator`,
  );
  const config = image === false ? withoutImage(multiModalPresets[preset]) : multiModalPresets[preset];
  const parameters = createParameters(multiModalParameters(config), new Rng(0));
  loadParameters(parameters, model);
  return { ...multiModalEstimator(config, parameters, options), card: model.card };
}
