/**
 * @file The energy network of GenPose: an energy whose gradient is the score, used to rank hypotheses.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { weight } from "./layers";
import type { Weights } from "./params";
import {
  dimensionOf,
  type ScoreInput,
  type ScoreNetworkConfig,
  scoreActivations,
  scoreCoefficients,
  throughMiddle,
} from "./scoreNetwork";

/** Energies of the parts of a pose and the gradient of their sum. */
export interface EnergyAndScore {
  /** [B·R, 2]: rotation, translation; with D = 12 [B·R, 3]: size, too. A higher energy is a likelier pose. */
  energy: Tensor2D;
  /** [B·R, D]: ∂(sum of the energies)/∂x. */
  score: Tensor2D;
}

/** Where the parts of a pose lie among its D numbers. */
export const energyParts = {
  rotation: { from: 0, to: 6 },
  translation: { from: 6, to: 9 },
  /** Of paper B's twelve numbers. */
  size: { from: 9, to: 12 },
} as const;

/** x·u over the entries of each part, [M, 2 or 3]. */
function innerProducts(x: Tensor2D, u: Tensor2D): Tensor2D {
  const products: Tensor2D = tf.mul(x, u);
  const sums = Object.values(energyParts)
    .filter(({ to }) => to <= x.shape[1])
    .map(({ from, to }) => tf.sum(tf.slice(products, [0, from], [-1, to - from]), 1));
  return tf.stack(sums, 1) as Tensor2D;
}

/**
 * The coefficients of u = skip·x + out·F(in·x, t), each [M, D], for E = Σ x·u.
 *
 * Published: u = F/σ. With preconditioning those of the score, but half its skip: where nothing is known of an object
 * but the deviation σ_d of all poses, log p_t(x) = −x²/2(σ² + σ_d²) + const, which is x·u with F = 0.
 */
export function energyCoefficients(
  config: ScoreNetworkConfig,
  sigma: ArrayLike<number>,
): { input: Float64Array; skip: Float64Array; output: Float64Array } {
  const c = scoreCoefficients(config, sigma);
  const dimension = dimensionOf(config);
  const perSigma = (value: (i: number) => number): Float64Array =>
    Float64Array.from({ length: sigma.length * dimension }, (_, i) => value(i) / sigma[Math.floor(i / dimension)]);
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
    const dimension = dimensionOf(config);
    const constant = (values: Float64Array): Tensor2D =>
      tf.tensor2d(Float32Array.from(values), [sigma.length, dimension]);
    const [into, skip, output] = [constant(c.input), constant(c.skip), constant(c.output)];
    const { pose1, pose2, first, hidden, outputMatrix, raw } = scoreActivations(weights, config, {
      ...input,
      x: tf.mul(x, into),
    });
    const ofSkip: Tensor2D = tf.mul(x, skip);
    const u: Tensor2D = tf.add(ofSkip, tf.mul(raw, output));
    const back = (gradient: Tensor, matrix: Tensor, activation: Tensor): Tensor =>
      tf.mul(tf.matMul(gradient, matrix, false, true), tf.step(activation));
    const ofPose = tf.slice(weight(weights, "fusion_tail.0.timePose"), [config.time.width, 0]);
    let gradient: Tensor = back(tf.mul(x, output), outputMatrix, hidden);
    if (config.headLayers === 3)
      gradient = tf.mul(throughMiddle(weights, config, gradient as Tensor2D, { transposed: true }), tf.step(first));
    gradient = back(gradient, ofPose, pose2);
    gradient = back(gradient, weight(weights, "pose_encoder.2.weight"), pose1);
    gradient = tf.matMul(gradient, weight(weights, "pose_encoder.0.weight"), false, true);
    const throughNetwork = tf.mul(tf.reshape(gradient, [-1, dimension]), into);
    return { energy: innerProducts(x, u), score: tf.add(tf.add(u, ofSkip), throughNetwork) as Tensor2D };
  });
