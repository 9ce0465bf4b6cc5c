/**
 * @file The energy network of GenPose: an energy whose gradient is the score, used to rank hypotheses.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { weight } from "./layers";
import type { Weights } from "./params";
import { poseSize, type ScoreInput, type ScoreNetworkConfig, scoreActivations } from "./scoreNetwork";

/** Energies of the two parts of a pose and the gradient of their sum. */
export interface EnergyAndScore {
  /** [B·R, 2]: rotation, translation. A higher energy is a likelier pose. */
  energy: Tensor2D;
  /** [B·R, 9]: ∂(rotation + translation energy)/∂x. */
  score: Tensor2D;
}

/** x·s over the rotation's six and the translation's three entries, [M, 2]. */
function innerProducts(x: Tensor2D, s: Tensor2D): Tensor2D {
  const products: Tensor2D = tf.mul(x, s);
  const rotation = tf.sum(tf.slice(products, [0, 0], [-1, 6]), 1);
  const translation = tf.sum(tf.slice(products, [0, 6], [-1, 3]), 1);
  return tf.stack([rotation, translation], 1) as Tensor2D;
}

/**
 * The energy in inner-product form, E = Σ x·s(x, t) with s = F/σ(t) (GenPose `energynet.py`, mode IP; parameters and
 * names are those of the score network), and its gradient s + (∂F/∂x)ᵀx/σ.
 *
 * The gradient is written out layer by layer: ReLU masks are constants, so the denoising loss on it needs first
 * derivatives only, and it costs one pass back instead of a tape.
 *
 * @throws InputError if the rows are not B × R
 */
export const energyAndScore = (weights: Weights, config: ScoreNetworkConfig, input: ScoreInput): EnergyAndScore =>
  tf.tidy(() => {
    const { x, sigma } = input;
    const { pose1, pose2, hidden, outputMatrix, raw } = scoreActivations(weights, config, input);
    const inverseSigma = tf.tensor2d(
      Float32Array.from(sigma, (s) => 1 / s),
      [sigma.length, 1],
    );
    const s: Tensor2D = tf.mul(raw, inverseSigma);
    const back = (gradient: Tensor, matrix: Tensor, activation: Tensor): Tensor =>
      tf.mul(tf.matMul(gradient, matrix, false, true), tf.step(activation));
    const ofPose = tf.slice(weight(weights, "fusion_tail.0.timePose"), [config.time.width, 0]);
    let gradient: Tensor = back(tf.mul(x, inverseSigma), outputMatrix, hidden);
    gradient = back(gradient, ofPose, pose2);
    gradient = back(gradient, weight(weights, "pose_encoder.2.weight"), pose1);
    gradient = tf.matMul(gradient, weight(weights, "pose_encoder.0.weight"), false, true);
    return { energy: innerProducts(x, s), score: tf.add(s, tf.reshape(gradient, [-1, poseSize])) as Tensor2D };
  });
