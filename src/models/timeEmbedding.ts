/**
 * @file The diffusion time as a vector: Gaussian Fourier features, one linear layer, ReLU.
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { normal } from "./initializers";
import { linear, linearParameters, weight } from "./layers";
import type { ParameterSpec, Weights } from "./params";

/** Size of the embedding and spread of its frequencies. */
export interface TimeEmbeddingConfig {
  /** Length of the embedding, even: half sines, half cosines. */
  width: number;
  /** Standard deviation of the frequencies: 30 in GenPose (after score_sde); a smaller one makes a smoother score. */
  fourierScale: number;
}

/** `t_encoder.0.W`, frozen N(0, scale²) frequencies, and `t_encoder.1`, the linear layer. */
export const timeEmbeddingParameters = ({ width, fourierScale }: TimeEmbeddingConfig): ParameterSpec[] => [
  { name: "t_encoder.0.W", shape: [width / 2], initial: normal(fourierScale), trainable: false },
  ...linearParameters("t_encoder.1", width, width),
];

/**
 * W·t less its whole turns, t running over rows. Taken in float64: at W·t ≈ 100 float32 would leave 1e-5 of a turn.
 */
export function fourierTurns(frequencies: ArrayLike<number>, t: ArrayLike<number>): Float32Array {
  const n = frequencies.length;
  const turns = new Float32Array(n * t.length);
  for (let row = 0, o = 0; row < t.length; row++)
    for (let k = 0; k < n; k++, o++) {
      const turn = frequencies[k] * t[row];
      turns[o] = turn - Math.round(turn);
    }
  return turns;
}

/**
 * [sin(2πWt) | cos(2πWt)] (Tancik et al. 2020, eq. 5; GenPose `scorenet.py` GaussianFourierProjection).
 *
 * @param t [M], raw diffusion times
 * @returns [M, width]
 */
export const fourierFeatures = (weights: Weights, t: ArrayLike<number>): Tensor2D =>
  tf.tidy(() => {
    const frequencies = weight(weights, "t_encoder.0.W").dataSync();
    const angles = tf.mul(tf.tensor2d(fourierTurns(frequencies, t), [t.length, frequencies.length]), 2 * Math.PI);
    return tf.concat([tf.sin(angles), tf.cos(angles)], 1) as Tensor2D;
  });

/**
 * relu(W·[sin | cos] + b) of times t.
 *
 * @param t [M]
 * @returns [M, width]
 */
export const embedTime = (weights: Weights, t: ArrayLike<number>): Tensor2D =>
  tf.tidy(() => linear(weights, "t_encoder.1", fourierFeatures(weights, t), "relu", false));
