/**
 * @file GenPose's ranker: an energy network with an encoder of its own, which says how likely a hypothesis is.
 */
import { tf } from "../backend";
import { assertFinite, assertInput } from "../check";
import { type RankedPoses, rankPoses } from "../estimation/energyRanking";
import { group } from "../geometry/grouping";
import { centroid, samplePoints } from "../geometry/pointcloud";
import { type Pose, poseDimension, poseVector } from "../geometry/pose";
import { subtract } from "../geometry/vector";
import { bindEnergyNetwork, type Energies } from "../models/energyEvaluator";
import { createParameters, keptWeights, weightsOf } from "../models/params";
import { encode } from "../models/pointNet2";
import { Rng } from "../random";
import { loadModel, loadParameters, type ModelCard } from "../training/checkpoint";
import { energyParameters } from "./energyTraining";
import { isPreset, presets } from "./jointLearning";
import { shippedCheckpoint } from "./shippedCheckpoint";

/** The ranker that ships with the project. */
export const embeddedRanker: string = shippedCheckpoint("energy-small");

export interface RankOptions {
  /** Of the sampling of points; that of the estimate, so that both networks read the same points. */
  seed?: number;
  /** The diffusion time at which energies are read (GenPose: 1e-5). */
  time?: number;
}

const defaults = { seed: 0, time: 1e-5 } satisfies RankOptions;

/** A loaded ranker. Owns tensors: `dispose()` when done. */
export interface Ranker {
  card: ModelCard;
  /** Trainable numbers of encoder and energy network. */
  parameterCount: number;
  /** Energies of poses (camera frame) of the object whose cloud of N × 3 metres this is. */
  energies: (cloud: Float32Array, poses: readonly Pose[], options?: RankOptions) => Energies;
  /** The poses from the best to the worst, rotations and translations ranked apart (`rankPoses`). */
  rank: (cloud: Float32Array, poses: readonly Pose[], options?: RankOptions) => RankedPoses;
  dispose: () => void;
}

/**
 * Load an energy network of `posediff train --network energy`.
 *
 * @throws InputError if the file is missing, damaged or of another network
 */
export function loadRanker(path: string = embeddedRanker): Ranker {
  const model = loadModel(path);
  const { preset, network } = model.card;
  assertInput(
    network === "energy" && isPreset(preset),
    `loadRanker: ${path} is no energy network; use a model of \`posediff train --network energy\``,
  );
  const config = presets[preset];
  const parameters = createParameters(energyParameters(config), new Rng(0));
  loadParameters(parameters, model);
  const weights = keptWeights(() => weightsOf(parameters));
  const { energyOf } = bindEnergyNetwork(parameters, config.score);

  const energies: Ranker["energies"] = (cloud, poses, options = {}) => {
    const { seed = defaults.seed, time = defaults.time } = options;
    assertFinite("rank: cloud", cloud);
    const points = samplePoints(cloud, config.encoder.points, new Rng(seed).split("points"));
    const centre = centroid(points);
    const feature = tf.tidy(() => encode(weights, config.encoder, group(config.encoder, points, 1)).feature);
    const numbers = feature.dataSync();
    feature.dispose();
    const x = new Float64Array(poses.length * poseDimension);
    poses.forEach(({ rotation, translation }, k) => {
      x.set(poseVector({ rotation, translation: subtract(translation, centre) }), k * poseDimension);
    });
    return energyOf(numbers)(x, time);
  };
  return {
    card: model.card,
    parameterCount: parameters.trainableCount,
    energies,
    rank: (cloud, poses, options) => rankPoses(poses, energies(cloud, poses, options)),
    dispose: () => tf.dispose(weights),
  };
}
