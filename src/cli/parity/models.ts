/**
 * @file Parity of point cloud operations and networks with GenPose.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { group } from "../../geometry/grouping";
import { ballQuery, farthestPointSample } from "../../geometry/pointcloud";
import { energyAndScore } from "../../models/energyNetwork";
import { type StatisticsUpdates, sharedLayer, sharedMlpParameters } from "../../models/layers";
import { createParameters, type ParameterSpec, type Parameters, type Weights, weightsOf } from "../../models/params";
import { encode, paperEncoder, pointNet2Parameters } from "../../models/pointNet2";
import {
  paperScoreNetwork,
  type ScoreNetworkConfig,
  scoreActivations,
  scoreNetworkParameters,
} from "../../models/scoreNetwork";
import { embedTime, fourierFeatures } from "../../models/timeEmbedding";
import { loadTorchState, type TorchState } from "../../models/torchWeights";
import { Rng } from "../../random";
import type { ParityCase, ParityComparison, ParityRunner } from "./types";

/** All numbers of a nested array, row-major. */
const flat = (nested: unknown): number[] =>
  Array.isArray(nested) ? nested.flat(Number.POSITIVE_INFINITY).map(Number) : [Number(nested)];

/** The files' stream of chance: mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A tensor that a file describes instead of storing it: fround((2u − 1)·scale + shift). */
export interface StreamTensor {
  name: string;
  shape: number[];
  seed: number;
  scale: number;
  shift?: number;
}

const stream = ({ shape, seed, scale, shift = 0 }: StreamTensor): Float32Array => {
  const next = mulberry32(seed);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (2 * next() - 1) * scale + shift);
};

/** A state dict of described tensors. */
export const stateOf = (tensors: readonly StreamTensor[]): TorchState =>
  Object.fromEntries(tensors.map((tensor) => [tensor.name, { shape: tensor.shape, values: stream(tensor) }]));

/** Parameters of a network, filled from a case's streams. */
function parametersOf(specs: ParameterSpec[], parityCase: ParityCase): Parameters {
  const parameters = createParameters(specs, new Rng(0));
  loadTorchState(parameters, stateOf(parityCase.inputs.params as StreamTensor[]));
  return parameters;
}

const pointnet2Ops: ParityRunner = ({ inputs, outputs }) => {
  const points = Float32Array.from(flat(inputs.xyz));
  if (inputs.npoint === undefined) {
    const ours = ballQuery(
      points,
      Float32Array.from(flat(inputs.centers)),
      Number(inputs.radius),
      Number(inputs.nsample),
    );
    return [{ quantity: "ball", ours, reference: flat(outputs.idx) }];
  }
  const chosen = farthestPointSample(points, Number(inputs.npoint));
  // "first min(24, npoint) FPS points"
  const centres = Float32Array.from([...chosen.subarray(0, 24)].flatMap((i) => [...points.subarray(3 * i, 3 * i + 3)]));
  const balls = outputs.ball as { radius: number; nsample: number; idx: number[][] }[];
  return [
    { quantity: "fps", ours: chosen, reference: flat(outputs.fps_idx) },
    ...balls.map(({ radius, nsample, idx }) => ({
      quantity: `ball ${radius}`,
      ours: ballQuery(points, centres, radius, nsample),
      reference: flat(idx),
    })),
  ];
};

/** Runs `compute` and frees its tensors; unlike tf.tidy it does not walk through the typed arrays that come back. */
function inScope<T>(compute: () => T): T {
  tf.engine().startScope();
  try {
    return compute();
  } finally {
    tf.engine().endScope();
  }
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** How a file sums up a level's output [B, C, S]. */
interface LevelSummary {
  shape: number[];
  mean: number;
  abs_mean: number;
  first8_batch0_channel0: number[];
}

const pointnet2Encoder: ParityRunner = (parityCase) => {
  const { inputs, outputs } = parityCase;
  const parameters = parametersOf(pointNet2Parameters(paperEncoder), parityCase);
  const clouds = inputs.pts as number[][][];
  const grouping = group(paperEncoder, Float32Array.from(flat(clouds)), clouds.length);
  return inScope(() => {
    const { feature, levels } = encode(weightsOf(parameters), paperEncoder, grouping, { keepLevels: true });
    const references = outputs.levels as LevelSummary[];
    const perLevel = references.map((reference, l): ParityComparison => {
      const values = levels![l].dataSync();
      return {
        quantity: `level ${l + 1}: shape, mean, mean of |·|`,
        ours: [values.length, mean(values), mean(values.map(Math.abs))],
        reference: [reference.shape.reduce((a, b) => a * b, 1), reference.mean, reference.abs_mean],
      };
    });
    return [
      { quantity: "parameters", ours: [parameters.trainableCount], reference: [Number(outputs.n_trainable)] },
      ...perLevel,
      // [C, S] of cloud 0 in the reference: channel 0 of the first eight centres
      ...references.map((reference, l): ParityComparison => {
        const first = reference.first8_batch0_channel0;
        const values = levels![l].dataSync();
        return {
          quantity: `level ${l + 1}: channel 0`,
          ours: first.map((_, s) => values[s * reference.shape[1]]),
          reference: first,
        };
      }),
      { quantity: "feature", ours: feature.dataSync(), reference: flat(outputs.feature) },
    ];
  });
};

/** σ of the VE-SDE with GenPose's bounds. */
const sigma = (t: number): number => 0.01 * 5000 ** t;

const rowSums = (values: ArrayLike<number>, rows: number): number[] =>
  Array.from({ length: rows }, (_, r) => {
    const width = values.length / rows;
    return Array.from(values)
      .slice(r * width, (r + 1) * width)
      .reduce((a, b) => a + b, 0);
  });

const scoreAndEnergy: ParityRunner = (parityCase) => {
  const { inputs, outputs } = parityCase;
  const tensors = inputs.params as StreamTensor[];
  const single = tensors.some(({ name }) => name === "fusion_tail.0.weight");
  const config: ScoreNetworkConfig = single ? { ...paperScoreNetwork, heads: 1, hidden: 512 } : paperScoreNetwork;
  const parameters = parametersOf(scoreNetworkParameters(config), parityCase);
  const t = flat(inputs.t);
  return inScope(() => {
    const weights = weightsOf(parameters);
    const features = inputs.pts_feat as StreamTensor;
    const feature = tf.tensor2d(stream(features), features.shape as [number, number]);
    const x = tf.tensor2d(Float32Array.from(flat(inputs.sampled_pose)), [t.length, 9]);
    if (outputs.energy !== undefined) {
      const result = energyAndScore(weights, config, { feature, x, t, sigma: t.map(sigma) });
      return [
        { quantity: "energy", ours: result.energy.dataSync(), reference: flat(outputs.energy) },
        { quantity: "score", ours: result.score.dataSync(), reference: flat(outputs.score) },
      ];
    }
    const { raw, pose2 } = scoreActivations(weights, config, { feature, x, t });
    const score = raw.dataSync().map((v, i) => v / (sigma(t[Math.floor(i / 9)]) + 1e-7));
    return [
      {
        quantity: "fourier",
        ours: fourierFeatures(weights, t).dataSync(),
        reference: flat(outputs.fourier),
        // The reference forms 2πWt in float32, an argument error of up to 2e-5.
        tolerance: { abs: 1e-4 },
      },
      {
        quantity: "time, sum",
        ours: rowSums(embedTime(weights, t).dataSync(), t.length),
        reference: flat(outputs.t_feat_sum),
      },
      { quantity: "pose, sum", ours: rowSums(pose2.dataSync(), t.length), reference: flat(outputs.pose_feat_sum) },
      { quantity: "score", ours: score, reference: flat(outputs.score) },
    ];
  });
};

const sharedMlp: ParityRunner = (parityCase) => {
  const { inputs, outputs } = parityCase;
  const tensors = inputs.params as StreamTensor[];
  const widths = tensors.filter(({ name }) => name.endsWith("conv.weight")).map(({ shape }) => shape[0]);
  const x = inputs.x_BCMS as number[][][][];
  const [batch, channels, groups, samples] = [x.length, x[0].length, x[0][0].length, x[0][0][0].length];
  const specs = sharedMlpParameters("", channels, widths, true);
  const parameters = parametersOf(specs, parityCase);
  const run = (weights: Weights, training: boolean): { h: Tensor2D; updates: StatisticsUpdates } => {
    const updates: StatisticsUpdates = {};
    // [B, C, M, S] → rows
    let h = tf.reshape(tf.transpose(tf.tensor4d(x), [0, 2, 3, 1]), [-1, channels]) as Tensor2D;
    widths.forEach((_, i) => {
      h = sharedLayer(weights, `layer${i}`, h, "relu", { training, updates });
    });
    return { h, updates };
  };
  const asReference = (h: Tensor): Float32Array =>
    tf.transpose(tf.reshape(h, [batch, groups, samples, -1]), [0, 3, 1, 2]).dataSync() as Float32Array;
  return inScope(() => {
    const weights = weightsOf(parameters);
    const trainable = parameters.slots.filter((slot) => slot.trainable).map(({ name }) => name);
    const { h, updates } = run(weights, true);
    const gradients = tf.grads((...ws) =>
      tf.sum(tf.square(run({ ...weights, ...Object.fromEntries(trainable.map((n, i) => [n, ws[i]])) }, true).h)),
    )(trainable.map((name) => weights[name]));
    const running = outputs.running_after as Record<string, number[]>;
    const reference = outputs.grads_of_sum_squares as Record<string, unknown>;
    return [
      { quantity: "training", ours: asReference(h), reference: flat(outputs.train_out) },
      ...Object.entries(running).map(([name, values]) => ({
        quantity: name,
        ours: updates[name].dataSync(),
        reference: values,
      })),
      ...trainable.map((name, i) => ({
        quantity: `gradient of ${name}`,
        ours: (gradients[i].rank === 2 ? tf.transpose(gradients[i]) : gradients[i]).dataSync(),
        reference: flat(reference[name]),
      })),
      {
        quantity: "evaluation",
        ours: asReference(run({ ...weights, ...updates }, false).h),
        reference: flat(outputs.eval_out_after),
      },
    ];
  });
};

/** Components of this file. */
export const modelParity: Record<string, ParityRunner> = {
  pointnet2_ops: pointnet2Ops,
  pointnet2_msg_encoder: pointnet2Encoder,
  scorenet_energynet_forward: scoreAndEnergy,
  shared_mlp_batchnorm: sharedMlp,
};
