/**
 * @file How arrays of a network are filled before training.
 */
import type { Initializer } from "./params";

/** Every element `value`. */
export const constant =
  (value: number): Initializer =>
  (_rng, shape) =>
    new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value);

/** N(0, deviation²). */
export const normal =
  (deviation: number): Initializer =>
  (rng, shape) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal(0, deviation));

/** He's N(0, 2/fanIn) for an [in, out] matrix before a ReLU (He et al. 2015, eq. 10; GenPose's convolutions). */
export const kaimingNormal: Initializer = (rng, shape) => normal(Math.sqrt(2 / shape[0]))(rng, shape);

/** U(−1/√fanIn, 1/√fanIn): PyTorch's default for weight and bias of a linear layer. */
export const linearUniform =
  (fanIn: number): Initializer =>
  (rng, shape) => {
    const bound = 1 / Math.sqrt(fanIn);
    return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.uniform(-bound, bound));
  };
