/**
 * @file The embedded diffusion network of paper C: what stands in where there is no Stable Diffusion.
 */
import type { Scalar, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import type { ParameterSpec } from "../models/params";
import { unet, unetParameters } from "../models/unet/unet";
import { type UNetConfig, unetConfig } from "../models/unet/unetConfig";
import { type DdpmSchedule, ddpmSchedule } from "../sde/ddpmSchedule";
import type { LossFunction } from "../training/gradients";
import type { PictureBatch } from "./pictureBatch";
import { pictureTensor } from "./stableDiffusion";

/** A denoising network of pictures. */
export interface PictureDiffusionConfig {
  /** Side of the pictures. */
  size: number;
  /** p: p × p pixels become one place of the network's grid, their colours side by side. */
  patch: number;
  unet: UNetConfig;
}

/**
 * 128 × 128 pixels as 32 × 32 places of 48 numbers, in place of an autoencoder's latents; diffusers' UNet2DModel, 48, 72
 * and 96 wide at 32, 16 and 8 places. It trains on two CPU cores.
 */
export const embeddedUNet: PictureDiffusionConfig = {
  size: 128,
  patch: 4,
  unet: unetConfig({
    _class_name: "UNet2DModel",
    in_channels: 48,
    out_channels: 48,
    block_out_channels: [48, 72, 96],
    down_block_types: ["DownBlock2D", "DownBlock2D", "AttnDownBlock2D"],
    up_block_types: ["AttnUpBlock2D", "UpBlock2D", "UpBlock2D"],
    layers_per_block: 1,
    norm_num_groups: 8,
    attention_head_dim: 24,
  }),
};

/** Stable Diffusion's noise schedule. */
export const pictureSchedule: DdpmSchedule = ddpmSchedule();

/** All arrays, under diffusers' names. */
export const pictureDiffusionParameters = (config: PictureDiffusionConfig): ParameterSpec[] =>
  unetParameters(config.unet);

/** Numbers of a place: the colours of p × p pixels. */
export const placeDepth = ({ patch }: PictureDiffusionConfig): number => 3 * patch * patch;

/**
 * Bytes of pictures in [−1, 1] as the network's grid: [B, S/p, S/p, 3p²], the pixels of each p × p square side by side.
 *
 * @throws InputError if the pictures are of another size
 */
export function placesOf(pictures: Uint8Array, batch: number, config: PictureDiffusionConfig): Tensor4D {
  const { size, patch } = config;
  const side = size / patch;
  const squares = tf.transpose(
    tf.reshape(pictureTensor(pictures, batch, size, size), [batch, side, patch, side, patch, 3]),
    [0, 1, 3, 2, 4, 5],
  );
  return tf.reshape(squares, [batch, side, side, placeDepth(config)]);
}

/** √ᾱ_n x₀ + √(1 − ᾱ_n) ε, each picture at its own step n (Ho et al. 2020, eq. 4). */
export function noisedPlaces(places: Tensor4D, noise: Tensor4D, steps: ArrayLike<number>): Tensor4D {
  const { alphaBar } = pictureSchedule;
  const column = (of: (a: number) => number): Tensor4D =>
    tf.tensor4d(
      Float32Array.from(steps, (n) => Math.sqrt(of(alphaBar[n]))),
      [steps.length, 1, 1, 1],
    );
  const [kept, added] = [column((a) => a), column((a) => 1 - a)];
  return tf.add(tf.mul(places, kept), tf.mul(noise, added));
}

/** E‖ε − ε_θ(x_n, n)‖², per number (Ho et al. 2020, eq. 14). */
export const pictureDiffusionLoss =
  (config: PictureDiffusionConfig): LossFunction<PictureBatch> =>
  (weights, { pictures, batch, steps, noise }) => {
    const places = placesOf(pictures, batch, config);
    const epsilon = tf.tensor4d(noise, places.shape);
    const { sample } = unet(weights, config.unet, noisedPlaces(places, epsilon, steps), steps);
    const total = tf.mean(tf.square(tf.sub(sample, epsilon))) as Scalar;
    return { total, parts: { diffusion: total } };
  };
