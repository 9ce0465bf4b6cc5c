/**
 * @file The energy network of GenPose: an energy whose gradient is the score, used to rank hypotheses.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { weight } from "./layers";
import type { Weights } from "./params";
import {
  poseSize,
  type ScoreInput,
  type ScoreNetworkConfig,
  scoreActivations,
  scoreCoefficients,
} from "./scoreNetwork";

/** Energies of the two parts of a pose and the gradient of their sum. */
export interface EnergyAndScore {
  /** [B·R, 2]: rotation, translation. A higher energy is a likelier pose. */
  energy: Tensor2D;
  /** [B·R, 9]: ∂(rotation + translation energy)/∂x. */
  score: Tensor2D;
}

/** x·u over the rotation's six and the translation's three entries, [M, 2]. */
function innerProducts(x: Tensor2D, u: Tensor2D): Tensor2D {
  const products: Tensor2D = tf.mul(x, u);
  const rotation = tf.sum(tf.slice(products, [0, 0], [-1, 6]), 1);
  const translation = tf.sum(tf.slice(products, [0, 6], [-1, 3]), 1);
  return tf.stack([rotation, translation], 1) as Tensor2D;
}

/**
 * The coefficients of u = skip·x + out·F(in·x, t), each [M, 9], for E = Σ x·u.
 *
 * Published: u = F/σ. With preconditioning those of the score, but half its skip: where nothing is known of an object
 * but the deviation σ_d of all poses, log p_t(x) = −x²/2(σ² + σ_d²) + const, which is x·u with F = 0.
 */
export function energyCoefficients(
  config: ScoreNetworkConfig,
  sigma: ArrayLike<number>,
): { input: Float64Array; skip: Float64Array; output: Float64Array } {
  const c = scoreCoefficients(config, sigma);
  const perSigma = (value: (i: number) => number): Float64Array =>
    Float64Array.from({ length: sigma.length * poseSize }, (_, i) => value(i) / sigma[Math.floor(i / poseSize)]);
  if (!c) return { input: perSigma(() => 1).fill(1), skip: perSigma(() => 0), output: perSigma(() => 1) };
  return { input: c.input, skip: perSigma((i) => c.skip[i] / 2), output: perSigma((i) => c.output[i]) };
}

/**
 * The energy in inner-product form, E = Σ x·u(x, t) (GenPose `energynet.py`, mode IP; parameters and names are those of
 * the score network; u is in `energyCoefficients`), and its gradient u + (∂u/∂x)ᵀx.
 *
 * The gradient is written out layer by layer: ReLU masks are constants, so the denoising loss on it needs first
 * derivatives only, and it costs one pass back instead of a tape.
 *
 * @throws InputError if the rows are not B × R
 */
export const energyAndScore = (weights: Weights, config: ScoreNetworkConfig, input: ScoreInput): EnergyAndScore =>
  tf.tidy(() => {
    const { x, sigma } = input;
    const c = energyCoefficients(config, sigma);
    const constant = (values: Float64Array): Tensor2D =>
      tf.tensor2d(Float32Array.from(values), [sigma.length, poseSize]);
    const [into, skip, output] = [constant(c.input), constant(c.skip), constant(c.output)];
    const { pose1, pose2, hidden, outputMatrix, raw } = scoreActivations(weights, config, {
      ...input,
      x: tf.mul(x, into),
    });
    const ofSkip: Tensor2D = tf.mul(x, skip);
    const u: Tensor2D = tf.add(ofSkip, tf.mul(raw, output));
    const back = (gradient: Tensor, matrix: Tensor, activation: Tensor): Tensor =>
      tf.mul(tf.matMul(gradient, matrix, false, true), tf.step(activation));
    const ofPose = tf.slice(weight(weights, "fusion_tail.0.timePose"), [config.time.width, 0]);
    let gradient: Tensor = back(tf.mul(x, output), outputMatrix, hidden);
    gradient = back(gradient, ofPose, pose2);
    gradient = back(gradient, weight(weights, "pose_encoder.2.weight"), pose1);
    gradient = tf.matMul(gradient, weight(weights, "pose_encoder.0.weight"), false, true);
    const throughNetwork = tf.mul(tf.reshape(gradient, [-1, poseSize]), into);
    return { energy: innerProducts(x, u), score: tf.add(tf.add(u, ofSkip), throughNetwork) as Tensor2D };
  });
