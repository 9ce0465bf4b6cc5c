/**
 * @file Follow one object through its frames: sampling starts from the pose of the last one.
 */
import { assertInput } from "../check";
import { objectCloud } from "../datasets/objectCloud";
import type { Sample } from "../datasets/sample";
import type { Aggregation } from "../estimation/aggregation";
import { type Expectation, sameAsBefore, trackingT0, warmStart } from "../estimation/tracking";
import type { Pose } from "../geometry/pose";
import { geodesicDistance } from "../geometry/so3";
import { symmetryOf } from "../geometry/symmetry";
import { column, cross, dot, norm } from "../geometry/vector";
import { Rng } from "../random";
import type { SamplerOptions } from "../samplers/sampler";
import type { PoseSampler } from "./finishedOde";
import {
  type Encoded,
  type Estimate,
  independentOde,
  leastPoints,
  type PoseEstimator,
  sampleEstimate,
} from "./poseEstimator";
import type { Ranker } from "./ranker";

/** What is known of a frame once it was sampled. */
export interface Suspicion {
  pose: Pose;
  sample: Sample;
  encoded: Encoded;
}

export interface TrackOptions {
  /** K. One suffices with score scaling (paper A, Table 2 right). */
  hypotheses?: number;
  seed?: number;
  /** How often points are drawn from a frame (`EncodeOptions`); 1 is as published, more trembles less and takes longer. */
  draws?: number;
  /** Where sampling starts from the last pose: σ(T₀) is how far the object may have gone. */
  t0?: number;
  /** Where sampling starts without one. */
  scratchT0?: number;
  sampler?: PoseSampler;
  /** Passed on to the sampler; default: exponential score scaling. */
  options?: Omit<SamplerOptions, "init" | "t0">;
  /** From the poses before to the expected one: `sameAsBefore` (published) or `constantVelocity`. */
  expectation?: Expectation;
  /** Orders the K hypotheses, the likeliest first (GenPose). */
  ranker?: Ranker;
  /** From K hypotheses to one; default: the mean of all, with a ranker of the best 60 % (GenPose). */
  aggregate?: Aggregation;
  /** The pose in (or just before) the first frame; without it the first frame is estimated from scratch. */
  initial?: Pose;
  /** Whether a tracked pose looks wrong; default: `strayed()`. `() => false` never starts anew, as published. */
  lost?: (found: Suspicion) => boolean;
  /** After so many frames in a row that look wrong, tracking starts anew from scratch. */
  patience?: number;
  /** Hidden for more frames than this, the object is looked for from scratch; `Infinity`: the last pose is good forever. */
  forget?: number;
}

/** `tracked`: warm start. `found`: from scratch, where there was no pose before, or it was lost. `hidden`: too few points. */
export type TrackStatus = "tracked" | "found" | "hidden";

/** What is known after a frame. */
export interface TrackedFrame {
  index: number;
  sample: Sample;
  status: TrackStatus;
  /** Of the object's box centre in the camera frame, metres; of a hidden object, the last one, if there is one. */
  pose: Pose | undefined;
  hypotheses: readonly Pose[];
  /** What was read from the frame's points, unless it is hidden. */
  encoded?: Encoded;
  /** Score calls, each for all hypotheses that are sampled together. */
  nfe: number;
  /** Milliseconds from the cloud to the pose. */
  ms: number;
  points: number;
}

const defaults = {
  hypotheses: 1,
  seed: 0,
  draws: 1,
  t0: trackingT0,
  scratchT0: 0.55,
  patience: 5,
  forget: 5,
} satisfies TrackOptions;

const degrees = 180 / Math.PI;

/**
 * Lost: the pose is turned by more than `angleDeg` from what the regression head says of the same points (about the y
 * axis only, where the category has one), or `distance` metres away from it. The head costs nothing: it reads the
 * feature that the frame needs anyway, and knows nothing of the frame before, so that it cannot be dragged along.
 */
export const strayed =
  ({ angleDeg = 40, distance = 0.1 }: { angleDeg?: number; distance?: number } = {}): ((found: Suspicion) => boolean) =>
  ({ pose, sample, encoded }) => {
    const { rotation, translation } = encoded.regression;
    const [a, b] = [column(pose.rotation, 1), column(rotation, 1)];
    const turned =
      symmetryOf(sample.category) === "aboutY"
        ? Math.atan2(norm(cross(a, b)), dot(a, b))
        : geodesicDistance(pose.rotation, rotation);
    const apart = Math.hypot(...pose.translation.map((v, i) => v - translation[i]));
    return degrees * turned > angleDeg || apart > distance;
  };

/** How many poses an expectation may look back. */
const memory = 4;

/**
 * A tracker: give it the frames one by one.
 *
 *     init = [r₁, r₂, t − c] of the expected pose;  x(T₀) = init + σ(T₀)·z;  sample from T₀ = 0.15 to 0
 *
 * (GenPose, section 3.4 and runners/evaluation_tracking.py; paper A, section 5.3). Frame i draws from a stream of its
 * own. What is not published, and can be switched off: after `patience` frames in which the pose looks wrong (`lost`),
 * or after `forget` frames without the object, it is looked for from scratch.
 *
 * @throws InputError unless hypotheses is a whole number ≥ 1 and patience at least 1; for points that are not finite
 */
export function poseTracker(
  estimator: Pick<PoseEstimator, "encode" | "scoreOf">,
  options: TrackOptions = {},
): (sample: Sample) => TrackedFrame {
  const { hypotheses: k, seed, draws, t0, scratchT0, patience, forget } = { ...defaults, ...options };
  const { sampler = independentOde, ranker, aggregate, expectation = sameAsBefore, lost = strayed() } = options;
  assertInput(Number.isInteger(k) && k >= 1, `trackPoses: hypotheses is ${k}; give a whole number of at least 1`);
  assertInput(patience >= 1, `trackPoses: patience is ${patience}; give at least 1 frame`);
  let before: Pose[] = options.initial ? [options.initial] : [];
  let [hidden, wrong, next] = [0, 0, 0];
  return (sample) => {
    const index = next++;
    const cloud = objectCloud(sample);
    const points = cloud.length / 3;
    if (points < leastPoints) {
      hidden++;
      const pose = before[before.length - 1];
      return { index, sample, status: "hidden", pose, hypotheses: [], nfe: 0, ms: 0, points };
    }
    if (hidden > forget) before = [];
    hidden = 0;
    const began = performance.now();
    const stream = new Rng(seed).split(index);
    const encoded = estimator.encode(cloud, { seed: stream.seed, draws });
    const score = estimator.scoreOf(encoded.feature);
    const rank = ranker && ((poses: readonly Pose[]) => ranker.rank(cloud, poses, { seed: stream.seed }));
    const sampled = (start: Pick<SamplerOptions, "init" | "t0">): Pick<Estimate, "pose" | "hypotheses" | "nfe"> => {
      const set = { hypotheses: k, seed: stream.seed, sampler, aggregate, options: { ...options.options, ...start } };
      const { pose, hypotheses, nfe } = sampleEstimate(score, encoded.centroid, set, rank);
      return { pose, hypotheses, nfe };
    };
    let status: TrackStatus = before.length > 0 ? "tracked" : "found";
    let answer =
      status === "tracked"
        ? sampled({ t0, init: warmStart(expectation(before), encoded.centroid) })
        : sampled({ t0: scratchT0 });
    wrong = status === "tracked" && lost({ pose: answer.pose, sample, encoded }) ? wrong + 1 : 0;
    if (wrong >= patience) {
      wrong = 0;
      const anew = sampled({ t0: scratchT0 });
      answer = { ...anew, nfe: answer.nfe + anew.nfe };
      status = "found";
    }
    const ms = performance.now() - began;
    before = status === "found" ? [answer.pose] : [...before.slice(1 - memory), answer.pose];
    return { index, sample, status, ...answer, encoded, ms, points };
  };
}

/**
 * Track the object of `samples`, yielding after each frame: `poseTracker` as a loop.
 *
 * @throws InputError as `poseTracker`
 */
export function* trackPoses(
  estimator: Pick<PoseEstimator, "encode" | "scoreOf">,
  samples: Iterable<Sample>,
  options: TrackOptions = {},
): Generator<TrackedFrame> {
  const track = poseTracker(estimator, options);
  for (const sample of samples) yield track(sample);
}

/** The same without memory, for comparison: every frame from scratch, frame i from a stream of its own. */
export function* estimateFrames(
  estimator: Pick<PoseEstimator, "encode" | "scoreOf">,
  samples: Iterable<Sample>,
  options: Omit<TrackOptions, "initial"> = {},
): Generator<TrackedFrame> {
  let index = 0;
  for (const sample of samples) {
    const seed = new Rng(options.seed ?? defaults.seed).split(index).seed;
    yield { ...poseTracker(estimator, { ...options, seed })(sample), index: index++ };
  }
}
