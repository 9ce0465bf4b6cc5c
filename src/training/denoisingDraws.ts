/**
 * @file The random draws of denoising score matching: times, noise and noised poses. Plain numbers, so that a worker
 * thread can make them.
 */
import { assertInput, assertShape } from "../check";
import type { Rng } from "../random";

/** Times, noise and noised poses of one training step; row b·R + r is draw r of pose b. */
export interface DenoisingDraws {
  /** Diffusion times, B·R. */
  t: Float32Array;
  /** σ(t), B·R. */
  deviation: Float32Array;
  /** Noise z ~ N(0, I), B·R × D. */
  noise: Float32Array;
  /** x_t = x₀ + σ(t) z, B·R × D. */
  noised: Float32Array;
}

/** The time of a uniform number: t = u(1 − ε) + ε, so that σ never reaches its limit at 0. */
export const diffusionTime = (u: number, epsilon: number = 1e-5): number => u * (1 - epsilon) + epsilon;

/**
 * A time of which the given share is drawn from (0.05, 0.6), where a sample's fate is decided (σ of a VE-SDE from 0.015
 * to 1.7), the rest by `diffusionTime`.
 */
export const focusedTime = (rng: Rng, focus: number): number =>
  rng.chance(focus) ? rng.uniform(0.05, 0.6) : diffusionTime(rng.uniform());

/**
 * x_t = x₀ + σ(t) z for given times and noise (VE-SDE: the mean stays x₀).
 *
 * @param poses B × D
 * @param t B·R times; `draws` = R rows share a pose
 * @param noise B·R × D
 * @param deviation σ(t) of the SDE
 * @throws InputError if the lengths do not agree
 */
export function perturb(
  poses: ArrayLike<number>,
  t: ArrayLike<number>,
  noise: ArrayLike<number>,
  deviation: (t: number) => number,
  draws: number = 1,
): DenoisingDraws {
  const rows = t.length;
  const dimension = noise.length / rows;
  assertInput(
    rows > 0 && Number.isInteger(dimension) && poses.length * draws === noise.length,
    `perturb: ${rows} times, ${draws} draws and ${noise.length} noise numbers do not fit ${poses.length} pose numbers; expected B·R times and B·R × D noise for B × D poses`,
  );
  const sigma = Float32Array.from(t, deviation);
  const noised = new Float32Array(noise.length);
  for (let row = 0; row < rows; row++) {
    const pose = Math.floor(row / draws) * dimension;
    for (let k = 0; k < dimension; k++)
      noised[row * dimension + k] = poses[pose + k] + sigma[row] * noise[row * dimension + k];
  }
  return { t: Float32Array.from(t), deviation: sigma, noise: Float32Array.from(noise), noised };
}

/**
 * Draws of one training step: R times and noises per pose (the paper's baseline takes R = 20 per encoder pass).
 *
 * @param poses B × dimension
 * @param deviation σ(t) of the SDE
 */
export function denoisingDraws(
  poses: ArrayLike<number>,
  deviation: (t: number) => number,
  rng: Rng,
  options: { draws?: number; dimension?: number; epsilon?: number } = {},
): DenoisingDraws {
  const { draws = 20, dimension = 9, epsilon = 1e-5 } = options;
  assertShape("denoisingDraws", poses, [Math.floor(poses.length / dimension), dimension]);
  const rows = (poses.length / dimension) * draws;
  const t = Float32Array.from({ length: rows }, () => diffusionTime(rng.uniform(), epsilon));
  const noise = Float32Array.from({ length: rows * dimension }, () => rng.normal());
  return perturb(poses, t, noise, deviation, draws);
}
