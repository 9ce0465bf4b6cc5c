/**
 * @file Tracking as a warm start: the pose of the last frame, with little noise, is where sampling starts in this one.
 */
import { assertFinite, assertInput } from "../check";
import { compose, invert, type Pose, poseVector } from "../geometry/pose";
import { quaternionWxyzOf, rotationFromQuaternionWxyz } from "../geometry/rotation";
import { add, norm, scale, subtract, type Vector3 } from "../geometry/vector";
import type { Rng } from "../random";

/** Where sampling starts in tracking (GenPose, scripts/eval_tracking.sh): σ(0.15) = 0.036, 2° and 3.6 cm. */
export const trackingT0 = 0.15;

/**
 * The centre of the starting noise in this frame, x(T₀) = init + σ(T₀)·z with init = [r₁, r₂, t − c] (GenPose,
 * runners/evaluation_tracking.py): columns of the expected rotation, and the expected translation seen from the centre
 * c of this frame's points.
 *
 * @param expected where the object should be by now; the pose of the last frame, or a `constantVelocity` guess
 * @returns 9 numbers, the same for every hypothesis: `{ init, t0: trackingT0 }` are options of every sampler
 * @throws InputError if a number is not finite
 */
export function warmStart(expected: Pose, centre: Vector3): number[] {
  const init = poseVector({ rotation: expected.rotation, translation: subtract(expected.translation, centre) });
  assertFinite("warmStart", init);
  return init;
}

/** Where the object should be now, from the poses of the frames before, the latest last. */
export type Expectation = (before: readonly Pose[]) => Pose;

const latest = (before: readonly Pose[]): Pose => {
  const pose = before[before.length - 1];
  assertInput(pose, "tracking: there is no frame before this one; start with an estimate from scratch");
  return pose;
};

/** It stays where it was: as published. */
export const sameAsBefore: Expectation = latest;

/**
 * It goes on as it went, P̂ = Pₙ·Pₙ₋₁⁻¹·Pₙ₋₂ … of two frames: P̂ = (Pₙ·Pₙ₋₁⁻¹)·Pₙ, turn and shift once more. With one
 * frame only, `sameAsBefore`.
 */
export const constantVelocity: Expectation = (before) => {
  const last = latest(before);
  const earlier = before[before.length - 2];
  if (!earlier) return last;
  // The turn about the object's own centre and the shift of that centre, each on its own: a lever arm would add noise.
  const step = compose(last, invert(earlier)).rotation;
  return {
    rotation: compose({ rotation: step, translation: [0, 0, 0] }, last).rotation,
    translation: add(last.translation, subtract(last.translation, earlier.translation)),
  };
};

/** Draws from N(0, 1) that decide a noisy pose. */
export interface PoseNoise {
  angle: number;
  /** Four numbers; their part across the pose's quaternion is the axis. */
  quaternion: readonly [number, number, number, number];
  distance: number;
  direction: Vector3;
}

/** Size of the noise on the first pose. */
export interface NoisyPoseOptions {
  /** Deviation of the angle, radians. */
  angle?: number;
  /** Deviation of the shift along its direction, metres. */
  distance?: number;
}

const defaults = { angle: (5 * Math.PI) / 180, distance: 0.03 } satisfies NoisyPoseOptions;

/** The draws of `noisyPose` from a stream. */
export const poseNoise = (rng: Rng): PoseNoise => ({
  angle: rng.normal(),
  quaternion: [rng.normal(), rng.normal(), rng.normal(), rng.normal()],
  distance: rng.normal(),
  direction: [rng.normal(), rng.normal(), rng.normal()],
});

/**
 * A pose near the true one, with which evaluations of tracking begin (GenPose, utils/tracking_utils.py; 6-PACK,
 * CAPTRA): turned by |z|·5° about a random axis, q′ = q·cos(θ/2) + q⊥·sin(θ/2), and shifted by z·3 cm along a random
 * direction.
 *
 * @throws InputError if a draw is not finite, or direction or q⊥ is 0
 */
export function noisyPose(pose: Pose, noise: PoseNoise, options: NoisyPoseOptions = {}): Pose {
  const { angle, distance } = { ...defaults, ...options };
  assertFinite("noisyPose", [noise.angle, ...noise.quaternion, noise.distance, ...noise.direction]);
  const q = quaternionWxyzOf(pose.rotation);
  const along = q.reduce((sum, v, i) => sum + v * noise.quaternion[i], 0);
  const across = noise.quaternion.map((v, i) => v - along * q[i]);
  const [length, far] = [Math.hypot(...across), norm(noise.direction)];
  assertInput(length > 0 && far > 0, "noisyPose: the drawn axis or direction is 0; draw with poseNoise(rng)");
  const half = (Math.abs(noise.angle) * angle) / 2;
  const turned = q.map((v, i) => v * Math.cos(half) + (across[i] / length) * Math.sin(half));
  return {
    rotation: rotationFromQuaternionWxyz([turned[0], turned[1], turned[2], turned[3]]),
    translation: add(pose.translation, scale(noise.direction, (noise.distance * distance) / far)),
  };
}
