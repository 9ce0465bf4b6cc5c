/**
 * @file `posediff track`: the pose of one object in every frame of one's own sequence.
 */
import type { Command } from "commander";
import { ready } from "../backend";
import { assertInput } from "../check";
import { type CapturedFrame, readCaptureSequence } from "../datasets/captureSequence";
import { trackingT0 } from "../estimation/tracking";
import { medianOfNumbers } from "../metrics/averages";
import { embeddedCheckpoint, loadPoseEstimator } from "../papers/poseEstimator";
import { poseTracker, type TrackedFrame } from "../papers/trackPoses";
import { scoreScalings } from "../samplers/scoreScaling";
import { named } from "./named";
import { fixedNumbers, plainPose } from "./plainPose";
import { wholeNumber } from "./wholeNumber";

interface TrackCommandOptions {
  category: string;
  camera?: string;
  instance?: string;
  hypotheses: string;
  t0: string;
  scaling: string;
  seed: string;
  checkpoint: string;
  restart: boolean;
  json?: boolean;
}

/** One frame's answer as plain data; a hidden object has no pose. */
function answerOf(name: string, { status, pose, nfe, ms, points }: TrackedFrame): object {
  const seen = status !== "hidden" && pose;
  return {
    frame: name,
    status,
    ...(seen ? plainPose(pose) : { rotation: null, translation: null }),
    nfe,
    ms: Math.round(ms * 10) / 10,
    points,
  };
}

/** The same as a line for people. */
function lineOf(name: string, { status, pose, points }: TrackedFrame): string {
  const place = pose && fixedNumbers(pose.translation);
  const axis = pose && [1, 4, 7].map((i) => pose.rotation[i].toFixed(3).padStart(6)).join(" ");
  return status === "hidden"
    ? `${name.padEnd(10)} hidden   ${points} points`
    : `${name.padEnd(10)} ${status.padEnd(8)} t ${place} m   y axis ${axis}`;
}

/** Read, track, print, frame by frame. */
export async function track(folder: string, options: TrackCommandOptions): Promise<void> {
  const hypotheses = wholeNumber("track", "hypotheses", options.hypotheses, 1);
  const seed = wholeNumber("track", "seed", options.seed);
  const t0 = Number(options.t0);
  assertInput(t0 > 0 && t0 <= 1, `track: --t0 is "${options.t0}"; give a time in (0, 1], 0.15 is usual`);
  const scaling = named("track", "scaling", scoreScalings, options.scaling);
  const instance = options.instance === undefined ? undefined : wholeNumber("track", "instance", options.instance);
  const { category, camera } = options;
  const frames: AsyncIterator<CapturedFrame> = readCaptureSequence({ folder, camera, category, instance });
  let read = await frames.next(); // what is wrong with the input is told before the network is loaded
  await ready();
  const estimator = loadPoseEstimator(options.checkpoint);
  try {
    if (options.restart && !estimator.hasRegression)
      console.error(
        "track: these weights have no regression head, as GenPose's have none, so that a wrong pose goes unnoticed; the object is looked for again only after it was hidden",
      );
    const restart = options.restart && estimator.hasRegression ? {} : { lost: () => false };
    const tracker = poseTracker(estimator, { hypotheses, seed, t0, options: { scaling }, ...restart });
    const times: number[] = [];
    let count = 0;
    for (; !read.done; read = await frames.next()) {
      const { name, sample } = read.value;
      const found = tracker(sample);
      count++;
      if (found.status !== "hidden") times.push(found.ms);
      console.log(options.json ? JSON.stringify(answerOf(name, found)) : lineOf(name, found));
    }
    assertInput(
      times.length > 0,
      `track: none of the ${count} frames shows at least 50 points of the object; check the masks${instance === undefined ? "" : ` and --instance ${instance}`}`,
    );
    if (!options.json)
      console.log(
        `${times.length} of ${count} frames, ${(1000 / medianOfNumbers(times)).toFixed(1)} a second from cloud to pose`,
      );
  } finally {
    estimator.dispose();
  }
}

export const command = (program: Command): void => {
  program
    .command("track <folder>")
    .description("pose of one object in every frame of your own sequence (NAME_depth.png, NAME_mask.png, camera.json)")
    .requiredOption("--category <name>", "bottle, bowl, camera, can, laptop or mug")
    .option("--camera <json>", "fx, fy, cx, cy, width, height of the depth images (default: camera.json of the folder)")
    .option("--instance <n>", "number of the object in the masks")
    .option("--hypotheses <K>", "poses to sample in a frame; the mean is the answer", "1")
    .option("--t0 <t>", "where sampling starts from the last pose; more for faster motion", String(trackingT0))
    .option("--scaling <name>", "score scaling: exponential, linear, constant or none", "exponential")
    .option("--seed <n>", "seed of points and noise", "0")
    .option("--checkpoint <file>", "model of posediff train", embeddedCheckpoint)
    .option("--no-restart", "never look for the object from scratch once it was found, unless it was hidden")
    .option("--json", "print one JSON object for each frame")
    .action(track);
};
