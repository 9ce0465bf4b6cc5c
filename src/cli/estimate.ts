/**
 * @file `posediff estimate`: the pose of one object in one's own depth frame.
 */
import type { Command } from "commander";
import { ready } from "../backend";
import { readCapture } from "../datasets/capture";
import { objectCloud } from "../datasets/objectCloud";
import type { PoseSampler } from "../papers/finishedOde";
import { embeddedCheckpoint, independentOde, loadPoseEstimator } from "../papers/poseEstimator";
import { ddim } from "../samplers/ddim";
import { scoreScalings } from "../samplers/scoreScaling";
import { named } from "./named";
import { plainPose, poseText } from "./plainPose";
import { wholeNumber } from "./wholeNumber";

interface EstimateCommandOptions {
  depth: string;
  mask: string;
  camera: string;
  category: string;
  instance?: string;
  hypotheses: string;
  sampler: string;
  steps: string;
  scaling: string;
  seed: string;
  checkpoint: string;
  clean?: boolean;
  json?: boolean;
}

/** Read the frame, estimate, print. */
export async function estimate(options: EstimateCommandOptions): Promise<void> {
  const hypotheses = wholeNumber("estimate", "hypotheses", options.hypotheses, 1);
  const steps = wholeNumber("estimate", "steps", options.steps, 1);
  const samplers: Record<string, PoseSampler> = {
    ode: independentOde,
    ddim: (score, z, sampling) => ddim(score, z, { ...sampling, sde: undefined, steps }),
  };
  const sampler = named("estimate", "sampler", samplers, options.sampler);
  const scaling = named("estimate", "scaling", scoreScalings, options.scaling);
  const seed = wholeNumber("estimate", "seed", options.seed);
  const sample = await readCapture({
    depth: options.depth,
    mask: options.mask,
    camera: options.camera,
    category: options.category,
    instance: options.instance === undefined ? undefined : wholeNumber("estimate", "instance", options.instance),
  });
  await ready();
  const estimator = loadPoseEstimator(options.checkpoint);
  try {
    const cloud = objectCloud(sample, { clean: options.clean });
    const found = estimator.estimate(cloud, { hypotheses, seed, sampler, options: { scaling } });
    const result = {
      category: sample.category,
      ...plainPose(found.pose),
      nfe: found.nfe,
      ms: Math.round(found.ms * 10) / 10,
      points: cloud.length / 3,
      hypotheses: found.hypotheses.map(plainPose),
      // GenPose's own weights have no regression head.
      ...(estimator.hasRegression && { regression: plainPose(found.regression) }),
    };
    if (options.json) console.log(JSON.stringify(result));
    else {
      console.log(
        `${sample.category}, ${result.points} points, ${hypotheses} of K, ${found.nfe} score calls, ${result.ms} ms`,
      );
      console.log(poseText(result));
    }
  } finally {
    estimator.dispose();
  }
}

export const command = (program: Command): void => {
  program
    .command("estimate")
    .description("pose of one object in your own depth frame (camera frame: x right, y down, z forward; metres)")
    .requiredOption("--depth <png>", "16-bit depth in millimetres, 0 where nothing was seen")
    .requiredOption("--mask <png>", "the object's pixels: equal to --instance, or non-zero without it")
    .requiredOption("--camera <json>", "fx, fy, cx, cy, width, height of the depth image")
    .requiredOption("--category <name>", "bottle, bowl, camera, can, laptop or mug")
    .option("--instance <n>", "number of the object in the mask")
    .option("--hypotheses <K>", "poses to sample; the mean is the answer", "1")
    .option("--sampler <name>", "ode (RK45) or ddim", "ode")
    .option("--steps <n>", "steps of ddim", "100")
    .option("--scaling <name>", "score scaling: exponential, linear, constant or none", "exponential")
    .option("--seed <n>", "seed of points and noise", "0")
    .option("--checkpoint <file>", "model of posediff train", embeddedCheckpoint)
    .option("--clean", "drop thin borders of background from the mask first")
    .option("--json", "print one JSON object")
    .action(estimate);
};
