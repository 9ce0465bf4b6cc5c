/**
 * @file Follow one object through a sequence of frames: each frame's sampling starts from the pose of the last one.
 */
import { assertInput } from "../check";
import { objectCloud } from "../datasets/objectCloud";
import type { Sample } from "../datasets/sample";
import { type Expectation, sameAsBefore, trackingT0, warmStart } from "../estimation/tracking";
import type { Pose } from "../geometry/pose";
import { geodesicDistance } from "../geometry/so3";
import { symmetryOf } from "../geometry/symmetry";
import { column, cross, dot, norm } from "../geometry/vector";
import { Rng } from "../random";
import type { SamplerOptions } from "../samplers/sampler";
import type { Score } from "../sde/sde";
import {
  type Encoded,
  independentOde,
  leastPoints,
  type PoseEstimator,
  type PoseSampler,
  sampleEstimate,
} from "./poseEstimator";

/** What an answer may be made of. */
export interface HypothesisSet {
  hypotheses: readonly Pose[];
  encoded: Encoded;
  score: Score;
}

/** One pose of K. */
export type Aggregate = (set: HypothesisSet) => Pose;

/** What is known of a frame once it was sampled. */
export interface Suspicion {
  pose: Pose;
  sample: Sample;
  encoded: Encoded;
  score: Score;
}

export interface TrackOptions {
  /** K. One suffices with score scaling (paper A, Table 2 right). */
  hypotheses?: number;
  seed?: number;
  /** Where sampling starts from the last pose: σ(T₀) is how far the object may have gone. */
  t0?: number;
  /** Where sampling starts without one. */
  scratchT0?: number;
  sampler?: PoseSampler;
  /** Passed on to the sampler; default: exponential score scaling. */
  options?: Omit<SamplerOptions, "init" | "t0">;
  /** From the poses before to the expected one: `sameAsBefore` (published) or `constantVelocity`. */
  expectation?: Expectation;
  /** From K hypotheses to one; default: `meanPose`. */
  aggregate?: Aggregate;
  /** The pose in (or just before) the first frame; without it the first frame is estimated from scratch. */
  initial?: Pose;
  /** Whether to start anew from scratch in this frame; default: `strayed()`. `() => false` never does, as published. */
  lost?: (found: Suspicion) => boolean;
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
  /** Score calls, each for all hypotheses that are sampled together. */
  nfe: number;
  /** Milliseconds from the cloud to the pose. */
  ms: number;
  points: number;
}

const defaults = { hypotheses: 1, seed: 0, t0: trackingT0, scratchT0: 0.55 };

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

/** Hidden for longer than this many frames, an object is looked for from scratch. */
const longestHidden = 5;

/** How many poses an expectation may look back. */
const memory = 4;

/**
 * Track the object of `samples`, yielding after each frame:
 *
 *     init = [r₁, r₂, t − c] of the expected pose;  x(T₀) = init + σ(T₀)·z;  sample from T₀ = 0.15 to 0
 *
 * (GenPose, section 3.4 and runners/evaluation_tracking.py; paper A, section 5.3). Frame i draws from a stream of its
 * own, so that a sequence gives the same poses in one go or resumed from a pose.
 *
 * @throws InputError unless hypotheses is a whole number ≥ 1; for points that are not finite
 */
export function* trackPoses(
  estimator: Pick<PoseEstimator, "encode" | "scoreOf">,
  samples: Iterable<Sample>,
  options: TrackOptions = {},
): Generator<TrackedFrame> {
  const { hypotheses: k, seed, t0, scratchT0 } = { ...defaults, ...options };
  const { sampler = independentOde, aggregate, expectation = sameAsBefore, lost = strayed(), initial } = options;
  assertInput(Number.isInteger(k) && k >= 1, `trackPoses: hypotheses is ${k}; give a whole number of at least 1`);
  let before: Pose[] = initial ? [initial] : [];
  let hidden = 0;
  let index = 0;
  for (const sample of samples) {
    const cloud = objectCloud(sample);
    const points = cloud.length / 3;
    const last = before[before.length - 1];
    if (points < leastPoints) {
      hidden++;
      yield { index: index++, sample, status: "hidden", pose: last, hypotheses: [], nfe: 0, ms: 0, points };
      continue;
    }
    if (hidden > longestHidden) before = [];
    hidden = 0;
    const began = performance.now();
    const stream = new Rng(seed).split(index);
    const encoded = estimator.encode(cloud, stream.seed);
    const score = estimator.scoreOf(encoded.feature);
    const sampled = (start: Pick<SamplerOptions, "init" | "t0">): { pose: Pose; hypotheses: Pose[]; nfe: number } => {
      const set = { hypotheses: k, seed: stream.seed, sampler, options: { ...options.options, ...start } };
      const { pose, hypotheses, nfe } = sampleEstimate(score, encoded.centroid, set);
      return { pose: aggregate ? aggregate({ hypotheses, encoded, score }) : pose, hypotheses, nfe };
    };
    let status: TrackStatus = before.length > 0 ? "tracked" : "found";
    let answer =
      status === "tracked"
        ? sampled({ t0, init: warmStart(expectation(before), encoded.centroid) })
        : sampled({ t0: scratchT0 });
    if (status === "tracked" && lost({ pose: answer.pose, sample, encoded, score })) {
      const anew = sampled({ t0: scratchT0 });
      answer = { ...anew, nfe: answer.nfe + anew.nfe };
      status = "found";
    }
    const ms = performance.now() - began;
    before = status === "found" ? [answer.pose] : [...before.slice(1 - memory), answer.pose];
    yield { index: index++, sample, status, ...answer, ms, points };
  }
}
