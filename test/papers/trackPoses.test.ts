import { describe, expect, test } from "vitest";
import { proceduralSequence } from "../../src/datasets/procedural/proceduralSequence";
import type { PosedSample, Sample } from "../../src/datasets/sample";
import { meanOfRandom } from "../../src/estimation/aggregation";
import { constantVelocity, noisyPose, poseNoise } from "../../src/estimation/tracking";
import { centroid } from "../../src/geometry/pointcloud";
import { type Pose, poseVector } from "../../src/geometry/pose";
import { rotationY } from "../../src/geometry/rotation";
import { multiply, subtract } from "../../src/geometry/vector";
import { poseError } from "../../src/metrics/poseError";
import type { Encoded } from "../../src/papers/poseEstimator";
import { frameError, trackingScore } from "../../src/papers/trackingScore";
import {
  estimateFrames,
  poseTracker,
  strayed,
  type TrackedFrame,
  type TrackOptions,
  trackPoses,
} from "../../src/papers/trackPoses";
import { Rng } from "../../src/random";
import { ddim } from "../../src/samplers/ddim";
import { gaussianMixture } from "../../src/sde/gaussianMixture";

const sequence = proceduralSequence("test", 5); // a mug
const samples: PosedSample[] = Array.from({ length: 8 }, (_, i) => sequence.frame(i));
const half = (pose: Pose): Pose => ({ ...pose, rotation: multiply(pose.rotation, rotationY(Math.PI)) });

/** An estimator that knows: its score is that of two modes, the truth and the object turned about by 180°. */
function oracle(frames: readonly PosedSample[], weights: [number, number] = [0.5, 0.5], says = (p: Pose): Pose => p) {
  let next = 0;
  return {
    encode: (cloud: Float32Array): Encoded => {
      const { pose } = frames[next++ % frames.length];
      return { feature: Float32Array.of(next - 1), centroid: centroid(cloud), regression: says(pose) };
    },
    scoreOf: (feature: Float32Array) => {
      const { pose, ...sample } = frames[feature[0] % frames.length];
      const centre = centroid(cloudOf(sample));
      const means = [pose, half(pose)].map(({ rotation, translation }) =>
        poseVector({ rotation, translation: subtract(translation, centre) }),
      );
      return gaussianMixture({ means, weights, deviation: 0.02 }).score;
    },
  };
}
const { objectCloud: cloudOf } = await import("../../src/datasets/objectCloud");

const sampler: TrackOptions["sampler"] = (score, z, options) =>
  ddim(score, z, { ...options, sde: undefined, steps: 40 });
const track = (
  options: TrackOptions = {},
  frames: readonly PosedSample[] = samples,
  model = oracle(frames),
): TrackedFrame[] => [...trackPoses(model, frames, { sampler, ...options })];
const degreesOf = (frames: readonly TrackedFrame[]): number[] =>
  frames.map(({ pose, sample }) => poseError(pose!, sample.pose!).errorDeg);
const hide = (sample: PosedSample): PosedSample => ({ ...sample, mask: new Uint8Array(sample.mask.length) });

describe("trackPoses", () => {
  test("stays in the mode of its first pose, in whichever that is; from scratch, either is taken", () => {
    const right = track({ initial: noisyPose(samples[0].pose, poseNoise(new Rng(2))), lost: () => false });
    expect(right.map((f) => f.status)).toEqual(samples.map(() => "tracked"));
    expect(Math.max(...degreesOf(right))).toBeLessThan(8);
    const wrong = track({ initial: half(samples[0].pose), lost: () => false });
    expect(Math.min(...degreesOf(wrong))).toBeGreaterThan(165);
    const many = Array.from({ length: 4 }, () => samples).flat();
    const anew = [...estimateFrames(oracle(many), many, { sampler, scratchT0: 1 })];
    expect(anew.map((f) => f.index)).toEqual(many.map((_, i) => i));
    const turned = degreesOf(anew).filter((deg) => deg > 90).length;
    expect(turned).toBeGreaterThan(4);
    expect(turned).toBeLessThan(28);
  });

  test("the same seed gives the same poses, frame by frame or in one go; another seed does not", () => {
    const poses = (frames: readonly TrackedFrame[]): unknown => frames.map(({ pose }) => pose);
    const first = track({ seed: 3 });
    const tracker = poseTracker(oracle(samples), { sampler, seed: 3 });
    expect(samples.map((sample) => tracker(sample).pose)).toEqual(poses(first));
    expect(poses(track({ seed: 4 }))).not.toEqual(poses(first));
    expect(first[0].status).toBe("found");
    expect(first[1]).toMatchObject({ status: "tracked", index: 1, nfe: 40 });
  });

  test("fifty hypotheses, a mean of some and an expected pose all answer", () => {
    const { pose } = samples[0];
    const few = track({ hypotheses: 9, initial: pose, aggregate: meanOfRandom(), lost: () => false });
    expect(few[3].hypotheses).toHaveLength(9);
    expect(Math.max(...degreesOf(few))).toBeLessThan(6);
    const fast = track({ initial: pose, expectation: constantVelocity, lost: () => false });
    expect(Math.max(...degreesOf(fast))).toBeLessThan(8);
  });

  test("starts anew once the head has contradicted it for some frames, and keeps still for one", () => {
    const certain = oracle(samples, [1, 0]); // the head and a search from scratch know better
    const options = { initial: half(samples[0].pose), patience: 3, t0: 0.05 };
    const frames = track(options, samples, certain);
    expect(frames.slice(0, 4).map((f) => f.status)).toEqual(["tracked", "tracked", "found", "tracked"]);
    expect(degreesOf(frames)[2]).toBeLessThan(8);
    let calls = 0;
    const once = track({ initial: samples[0].pose, lost: () => calls++ === 2, patience: 2 });
    expect(once.every((f) => f.status === "tracked")).toBe(true);
  });

  test("a hidden object keeps its last pose; hidden for long, it is looked for from scratch", () => {
    const frames = samples.map((sample, i) => (i >= 2 && i < 5 ? hide(sample) : sample));
    const initial = samples[0].pose;
    const short = track({ initial }, frames, oracle(samples));
    expect(short.map((f) => f.status)).toEqual([..."tthhhttt"].map((s) => ({ t: "tracked", h: "hidden" })[s]));
    expect(short[3].pose).toEqual(short[1].pose);
    expect(short[3]).toMatchObject({ nfe: 0, points: 0, hypotheses: [] });
    const long = track({ initial, forget: 2 }, frames, oracle(samples));
    expect(long[5].status).toBe("found");
    const never = track({}, samples.map(hide), oracle(samples));
    expect(never.map(({ status, pose }) => [status, pose])).toEqual(samples.map(() => ["hidden", undefined]));
  });

  test("refuses no hypotheses and no patience in one sentence", () => {
    expect(() => track({ hypotheses: 0 })).toThrow(/hypotheses is 0; give a whole number of at least 1/);
    expect(() => track({ patience: 0 })).toThrow(/patience is 0; give at least 1 frame/);
  });
});

describe("strayed", () => {
  const sample: Sample = samples[0];
  const encoded = { feature: new Float32Array(1), centroid: [0, 0, 0] as const, regression: samples[0].pose };
  const lost = (pose: Pose, category = sample.category): boolean =>
    strayed()({ pose, sample: { ...sample, category }, encoded: { ...encoded, centroid: [0, 0, 0] } });

  test("is far from what the head says: in angle, about y alone where that is all there is, or in place", () => {
    const { pose } = samples[0];
    expect(lost(pose)).toBe(false);
    expect(lost(half(pose))).toBe(true);
    expect(lost(half(pose), "bowl")).toBe(false);
    expect(lost({ ...pose, translation: [pose.translation[0] + 0.2, pose.translation[1], pose.translation[2]] })).toBe(
      true,
    );
  });
});

describe("trackingScore", () => {
  test("judges the frames that show the object: accuracies, means, IoU, restarts", () => {
    const perfect: TrackedFrame[] = samples.map((s, index) => ({
      index,
      sample: s,
      status: index === 4 ? "found" : index === 6 ? "hidden" : "tracked",
      pose: s.pose,
      hypotheses: [],
      nfe: 10,
      ms: 20,
      points: 300,
    }));
    const score = trackingScore(perfect);
    expect(score).toMatchObject({
      frames: 7,
      accuracy: [100, 100, 100, 100],
      framesPerSecond: 50,
      nfe: 10,
      restarts: 1,
    });
    expect(score.meanDeg).toBeLessThan(1e-5);
    expect(score.meanIou).toBeCloseTo(100, 3);
    expect(frameError(perfect[6])).toBeUndefined();
    expect(frameError({ ...perfect[0], sample: { ...samples[0], pose: undefined } })).toBeUndefined();
    const turned = trackingScore(
      perfect.map((f) => ({ ...f, sample: { ...f.sample, handleVisible: true }, pose: half(f.pose!) })),
    );
    expect(turned.accuracy).toEqual([0, 0, 0, 0]);
    expect(turned.meanDeg).toBeCloseTo(180, 3);
  });
});
