/**
 * @file The networks behind one door: from an object's pixels to its pose and size.
 */
import { createHash } from "node:crypto";
import { assertInput } from "../../check";
import { boxOfMask } from "../../datasets/crop";
import { depthGeometry } from "../../datasets/depthGeometry";
import { objectCloud } from "../../datasets/objectCloud";
import type { Sample } from "../../datasets/sample";
import type { JsonObject } from "../../formats/jsonField";
import { readBytes } from "../../formats/readBytes";
import { invert, type Pose, transformPoint } from "../../geometry/pose";
import { isCategory } from "../../geometry/symmetry";
import type { Vector3 } from "../../geometry/vector";
import type { ImageFeatureExtractor } from "../../models/imageFeatures";
import { probabilityFlowOde } from "../../samplers/probabilityFlowOde";
import { scoreScalings } from "../../samplers/scoreScaling";
import { loadModel } from "../../training/checkpoint";
import { loadMultiModalEstimator } from "../multiModalEstimator";
import { type EstimateOptions, leastPoints, loadPoseEstimator } from "../poseEstimator";
import { loadRanker } from "../ranker";
import { loadRgbEstimator } from "../rgbEstimator";
import type { PredictedObjectRow } from "./poseRows";

/** What a network says of an object. */
export type ObjectPrediction = Pick<PredictedObjectRow, "pose" | "size" | "hypotheses" | "energies">;

/** A loaded network. Owns tensors: `dispose()` when done. */
export interface ObjectPredictor {
  /** What of it results depend on: weights, hypotheses, how sizes are made. */
  settings: JsonObject;
  /** Its answer; undefined where the object has too few pixels for one. */
  predict: (sample: Sample<string>, seed: number) => Promise<ObjectPrediction | undefined>;
  dispose: () => void;
}

/** Options of `loadObjectPredictor`. */
export interface ObjectPredictorOptions {
  /** K; left out: one by score scaling (paper A), with a ranker and for photos 50. */
  hypotheses?: number;
  /** Checkpoint of an energy network that ranks the hypotheses (GenPose). */
  ranker?: string;
  /** The frozen image model of a multi-modal network that reads one. The caller disposes of it. */
  extractor?: ImageFeatureExtractor;
  /** Whether a network of photos is shown the geometry of the depth image. */
  depthGeometry?: boolean;
}

/**
 * Extents of a box around the points in a pose's frame, for networks that tell none: twice the farthest point along each
 * axis, because the box is centred. A lower bound: what the camera cannot see counts by its opposite only.
 */
function sizeOfPoints(cloud: Float32Array, pose: Pose): Vector3 {
  const toObject = invert(pose);
  const reach = [5e-4, 5e-4, 5e-4];
  for (let i = 0; i < cloud.length; i += 3)
    transformPoint(toObject, [cloud[i], cloud[i + 1], cloud[i + 2]]).forEach((x, axis) => {
      reach[axis] = Math.max(reach[axis], Math.abs(x));
    });
  return [2 * reach[0], 2 * reach[1], 2 * reach[2]];
}

/** One hypothesis by score scaling (paper A); K of them are sampled unscaled by one ODE (GenPose). */
const sampling = (hypotheses: number | undefined, ranked: boolean): EstimateOptions =>
  hypotheses === undefined && !ranked
    ? {}
    : { hypotheses: hypotheses ?? 50, sampler: probabilityFlowOde, options: { scaling: scoreScalings.none } };

function jointPredictor(
  checkpoint: string,
  { hypotheses, ranker: rankerPath }: ObjectPredictorOptions,
): ObjectPredictor {
  const estimator = loadPoseEstimator(checkpoint);
  const ranker = rankerPath === undefined ? undefined : loadRanker(rankerPath);
  const options = { ...sampling(hypotheses, ranker !== undefined), ...(ranker && { ranker }) };
  return {
    settings: {
      hypotheses: options.hypotheses ?? 1,
      ...(rankerPath && { ranker: digestOf(rankerPath) }),
      sizes: "points",
    },
    predict: async (sample, seed) => {
      const cloud = objectCloud(sample);
      if (cloud.length < 3 * leastPoints) return undefined;
      const { pose, ranked } = estimator.estimate(cloud, { ...options, seed });
      const size = sizeOfPoints(objectCloud(sample, { clean: true }), pose);
      return { pose, size, ...(ranked && { hypotheses: ranked.poses, energies: ranked.energies }) };
    },
    dispose: () => {
      estimator.dispose();
      ranker?.dispose();
    },
  };
}

function multiModalPredictor(
  checkpoint: string,
  { hypotheses, ranker, extractor }: ObjectPredictorOptions,
): ObjectPredictor {
  assertInput(ranker === undefined, "evaluate: a multi-modal network has no ranker; leave --ranker away");
  const estimator = loadMultiModalEstimator(checkpoint, { extractor });
  const options = sampling(hypotheses, false);
  return {
    settings: { hypotheses: options.hypotheses ?? 1, sizes: "network" },
    predict: async (sample, seed) => {
      if (objectCloud(sample).length < 3 * leastPoints) return undefined;
      const { pose, size } = await estimator.estimate(sample, { ...options, seed });
      return { pose, size };
    },
    dispose: estimator.dispose,
  };
}

function rgbPredictor(checkpoint: string, options: ObjectPredictorOptions): ObjectPredictor {
  assertInput(options.ranker === undefined, "evaluate: a network of photos has no ranker; leave --ranker away");
  const estimator = loadRgbEstimator(checkpoint);
  const { hypotheses = 50, depthGeometry: shown = true } = options;
  return {
    settings: { hypotheses, geometry: shown ? "of the depth image" : "none", sizes: "network" },
    predict: async ({ id, rgb, camera, depth, mask, category }, seed) => {
      assertInput(
        rgb,
        `evaluate: ${id} has no colours, and this network reads photos; take a checkpoint of another network`,
      );
      if (!mask.some((value) => value > 0)) return undefined;
      const view = {
        rgb,
        camera,
        box: boxOfMask(mask, camera),
        ...(isCategory(category) && { category }),
        ...(shown && { geometry: depthGeometry(depth, camera) }),
      };
      const { rotation, translation, size } = estimator.estimate(view, { hypotheses, seed }).box;
      return { pose: { rotation, translation }, size };
    },
    dispose: estimator.dispose,
  };
}

/** Tells files apart in the settings of results. */
export const digestOf = (path: string): string =>
  createHash("sha256").update(readBytes(path)).digest("hex").slice(0, 16);

const byNetwork: Readonly<Record<string, typeof jointPredictor>> = {
  joint: jointPredictor,
  genpose: jointPredictor,
  multiModal: multiModalPredictor,
  rgb: rgbPredictor,
};

/**
 * Load the network of a checkpoint, whichever it is: paper A's, GenPose's, the multi-modal one or paper B's.
 *
 * @throws InputError for a checkpoint of another network, or one that is missing or damaged
 */
export function loadObjectPredictor(checkpoint: string, options: ObjectPredictorOptions = {}): ObjectPredictor {
  const network = String(loadModel(checkpoint).card.network ?? "joint");
  assertInput(
    Object.hasOwn(byNetwork, network),
    `evaluate: ${checkpoint} holds a network of the kind "${network}", which estimates no pose; take one of ${Object.keys(byNetwork).join(", ")}`,
  );
  assertInput(
    options.extractor === undefined || network === "multiModal",
    `evaluate: a network of the kind "${network}" reads no image model; leave --extractor away`,
  );
  const predictor = byNetwork[network](checkpoint, options);
  return { ...predictor, settings: { network, checkpoint: digestOf(checkpoint), ...predictor.settings } };
}
