/**
 * @file GenPose's own checkpoints: its encoder and score network in ours, layer for layer.
 */
import { basename } from "node:path";
import { assertInput } from "../check";
import { createParameters, type ParameterSpec, type Parameters } from "../models/params";
import { type PointNet2Config, paperEncoder, pointNet2Parameters } from "../models/pointNet2";
import { paperScoreNetwork, type ScoreNetworkConfig, scoreNetworkParameters } from "../models/scoreNetwork";
import { fillFromTorch, loadTorchState, type TorchTensor } from "../models/torchWeights";
import { Rng } from "../random";
import { saveModel } from "../training/checkpoint";
import { openTorchState } from "./torchState";

/** The two networks of a GenPose checkpoint; there is no regression head in it. */
export interface GenPoseNetworks {
  encoder: PointNet2Config;
  score: ScoreNetworkConfig;
  parameters: Parameters;
}

/** What the card of converted weights names as their `network`. */
export const genPoseNetwork = "genpose";

/** The parameters of both networks, without a regression head. */
export const genPoseParameters = ({ encoder, score }: Pick<GenPoseNetworks, "encoder" | "score">): ParameterSpec[] => [
  ...pointNet2Parameters(encoder),
  ...scoreNetworkParameters(score),
];

const encoderPrefix = "pts_encoder.";
const scorePrefix = "pose_score_net.";

type Find = (name: string) => TorchTensor | undefined;

/** Output widths of the layers of an MLP, as many as there are. */
function widthsOf(find: Find, level: number, scale: number): number[] {
  const widths: number[] = [];
  for (;;) {
    const layer = `${encoderPrefix}SA_modules.${level}.mlps.${scale}.layer${widths.length}.conv.weight`;
    const tensor = find(layer);
    if (!tensor) return widths;
    widths.push(tensor.shape[0]);
  }
}

/** The "light" encoder with the file's widths; balls and numbers of points are not in a file, they are GenPose's. */
function encoderOf(find: Find, path: string): PointNet2Config {
  const mlps = (level: number): number[][] =>
    [0, 1].map((scale) => widthsOf(find, level, scale)).filter((widths) => widths.length > 0);
  const config: PointNet2Config = {
    ...paperEncoder,
    levels: paperEncoder.levels.map((level, l) => ({
      ...level,
      scales: level.scales.map((scale, q) => ({ ...scale, widths: mlps(l)[q] ?? [] })),
    })),
    groupAll: mlps(paperEncoder.levels.length),
  };
  const complete = config.levels.every(({ scales }) => scales.every(({ widths }) => widths.length > 0));
  assertInput(
    complete && config.groupAll.length > 0 && mlps(paperEncoder.levels.length + 1).length === 0,
    `readGenPose: ${path} has no PointNet++ encoder of four levels (${encoderPrefix}SA_modules.0 … 3), GenPose's "light" one; other encoders are not built here`,
  );
  return config;
}

/** The score network by the shapes of the file's arrays. */
function scoreOf(find: Find, path: string, feature: number): ScoreNetworkConfig {
  const shape = (name: string): readonly number[] => {
    const tensor = find(`${scorePrefix}${name}`);
    assertInput(
      tensor,
      `readGenPose: ${path} has no ${scorePrefix}${name}; give a checkpoint of GenPose's score network (not of its energy network)`,
    );
    return tensor.shape;
  };
  const single = find(`${scorePrefix}fusion_tail.0.weight`) !== undefined;
  const [poseWidth, dimension] = shape("pose_encoder.0.weight");
  const [hidden] = shape(single ? "fusion_tail.0.weight" : "fusion_tail_rot_x.0.weight");
  const [width] = shape("t_encoder.1.weight");
  return {
    featureSize: feature,
    poseWidth,
    time: { ...paperScoreNetwork.time, width },
    hidden,
    heads: single ? 1 : 3,
    dimension,
  };
}

/**
 * Read a checkpoint that GenPose's `PoseNet.save_ckpt` wrote (`ckpt_genpose.pth`); it holds the moving average.
 *
 * @throws InputError if the file is damaged, wants to run code, or holds other networks: the image encoders and the
 *   energy network among them
 */
export function readGenPose(path: string): GenPoseNetworks {
  const file = openTorchState(path);
  const encoder = encoderOf(file.find, path);
  const feature = encoder.groupAll.reduce((sum, widths) => sum + widths[widths.length - 1], 0);
  const score = scoreOf(file.find, path, feature);
  const parameters = createParameters(genPoseParameters({ encoder, score }), new Rng(0));
  const encoderNames = new Set(pointNet2Parameters(encoder).map(({ name }) => name));
  const part = (ofEncoder: boolean): Parameters => ({
    ...parameters,
    slots: parameters.slots.filter(({ name }) => encoderNames.has(name) === ofEncoder),
  });
  fillFromTorch(`readGenPose: ${path}`, part(true), (name) => file.find(`${encoderPrefix}${name}`));
  loadTorchState(part(false), file.under(scorePrefix), scorePrefix);
  file.assertUsed(/num_batches_tracked$/);
  return { encoder, score, parameters };
}

/**
 * Write a GenPose checkpoint as a model file that `loadPoseEstimator` reads: preset `paper`, without a regression head.
 *
 * @throws InputError as `readGenPose`, and if its widths are not the published ones, or `to` holds a foreign file
 */
export function convertGenPose(from: string, to: string): GenPoseNetworks {
  const networks = readGenPose(from);
  const { encoder, score, parameters } = networks;
  const published = createParameters(
    genPoseParameters({ encoder: paperEncoder, score: paperScoreNetwork }),
    new Rng(0),
  );
  const layout = ({ slots }: Parameters): string => slots.map(({ name, shape }) => `${name} ${shape.join()}`).join();
  assertInput(
    layout(parameters) === layout(published),
    `convertGenPose: ${from} has ${parameters.trainableCount} parameters in other widths than GenPose's published ${published.trainableCount} (encoder ${JSON.stringify(encoder.groupAll)}, heads ${score.heads} × ${score.hidden}); estimators are built for the published ones only`,
  );
  saveModel(to, parameters, parameters.values, {
    network: genPoseNetwork,
    preset: "paper",
    convertedFrom: basename(from),
  });
  return networks;
}
