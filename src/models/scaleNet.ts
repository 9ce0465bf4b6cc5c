/**
 * @file ScaleNet (GenPose++): the extents of an object from its feature and its rotation.
 */
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, assertShape } from "../check";
import { constant, linearUniform } from "./initializers";
import { linear, linearParameters, weight } from "./layers";
import { dense } from "./ops/dense";
import { relu } from "./ops/relu";
import type { ParameterSpec, Weights } from "./params";

/** Sizes of a ScaleNet. */
export interface ScaleNetConfig {
  /** F, of the encoder. */
  featureSize: number;
  /** Frequencies 2⁰ … 2^(n − 1) of the sines and cosines that encode the nine numbers of R. */
  frequencies: number;
  /** Width of both layers of the axes encoder. */
  axesWidth: number;
  hidden: number;
  /** Metres that it says before training. */
  initialSize: number;
}

/** GenPose++: 9 numbers → 180 → 256 → 256, ⊕ 1024 → 256 → 3. */
export const paperScaleNet: ScaleNetConfig = {
  featureSize: 1024,
  frequencies: 10,
  axesWidth: 256,
  hidden: 256,
  initialSize: 0,
};

/** For the small encoder; an estimated rotation is not exact to a 512th of a radian: four frequencies. */
export const smallScaleNet: ScaleNetConfig = {
  featureSize: 512,
  frequencies: 4,
  axesWidth: 64,
  hidden: 128,
  initialSize: 0.13,
};

/** Parameters; `size_tail.0.point` acts on the feature, `size_tail.0.axes` on the encoded axes. */
export function scaleNetParameters(config: ScaleNetConfig): ParameterSpec[] {
  const { featureSize, frequencies, axesWidth, hidden, initialSize } = config;
  const start = linearUniform(featureSize + axesWidth);
  return [
    ...linearParameters("axes_encoder.0", 18 * frequencies, axesWidth),
    ...linearParameters("axes_encoder.2", axesWidth, axesWidth),
    { name: "size_tail.0.point", shape: [featureSize, hidden], initial: start },
    { name: "size_tail.0.axes", shape: [axesWidth, hidden], initial: start },
    { name: "size_tail.0.bias", shape: [hidden], initial: start },
    ...linearParameters("size_tail.2", hidden, 3, { weight: constant(0), bias: constant(initialSize) }),
  ];
}

/**
 * [sin(2^k v) of all v and k | cos(2^k v) …]: Fourier features of the nine numbers of each rotation (GenPose++
 * `encode_axes`; v outer, k inner).
 *
 * @param axes M × 9, rows of R
 * @returns M × 18·frequencies
 */
export function encodeAxes(axes: ArrayLike<number>, frequencies: number): Float32Array {
  const rows = axes.length / 9;
  const half = 9 * frequencies;
  const encoded = new Float32Array(rows * 2 * half);
  for (let row = 0; row < rows; row++)
    for (let v = 0; v < 9; v++)
      for (let k = 0; k < frequencies; k++) {
        const at = row * 2 * half + v * frequencies + k;
        encoded[at] = Math.sin(2 ** k * axes[9 * row + v]);
        encoded[at + half] = Math.cos(2 ** k * axes[9 * row + v]);
      }
  return encoded;
}

/**
 * Extents along the object's x, y, z for A rotations of each of B objects.
 *
 * @param feature [B, F]
 * @param axes B·A × 9: rotations (row-major), object by object
 * @returns [B·A, 3], metres; an untrained network may say anything, so clamp before making a box
 * @throws InputError if the rotations are not B × A
 */
export function scaleNet(
  weights: Weights,
  config: ScaleNetConfig,
  feature: Tensor2D,
  axes: ArrayLike<number>,
): Tensor2D {
  const objects = feature.shape[0];
  const rotations = axes.length / 9 / objects;
  assertInput(
    Number.isInteger(rotations) && rotations > 0,
    `scaleNet: got ${objects} features and ${axes.length / 9} rotations; each feature needs the same number of rotations`,
  );
  return tf.tidy(() => {
    const encoded = tf.tensor2d(encodeAxes(axes, config.frequencies), [objects * rotations, 18 * config.frequencies]);
    const h = linear(weights, "axes_encoder.2", linear(weights, "axes_encoder.0", encoded, "relu", false), "relu");
    const ofAxes = dense(h, weight(weights, "size_tail.0.axes"), weight(weights, "size_tail.0.bias"));
    const ofPoints = tf.matMul(feature, weight<Tensor2D>(weights, "size_tail.0.point"));
    const sum: Tensor = tf.add(
      tf.reshape(ofAxes, [objects, rotations, config.hidden]),
      tf.reshape(ofPoints, [objects, 1, config.hidden]),
    );
    return linear(weights, "size_tail.2", relu(tf.reshape(sum, [-1, config.hidden]) as Tensor2D));
  });
}

/** Each extent at least a millimetre, as GenPose++ has it. */
export const clampSize = (size: readonly [number, number, number]): [number, number, number] => [
  Math.max(1e-3, size[0]),
  Math.max(1e-3, size[1]),
  Math.max(1e-3, size[2]),
];

/**
 * Mean over rows and extents of ((predicted − true)/unit)²; GenPose++: unit 1 cm (its factor 10⁴ on metres²).
 *
 * @param sizes B × 3, metres; row b belongs to A rows of `predicted`
 * @throws InputError if the rows do not fit
 */
export function scaleNetLoss(predicted: Tensor2D, sizes: Float32Array, { unit }: { unit: number }): Scalar {
  const objects = sizes.length / 3;
  const rotations = predicted.shape[0] / objects;
  assertShape("scaleNetLoss", sizes, [objects, 3]);
  assertInput(
    Number.isInteger(rotations),
    `scaleNetLoss: ${predicted.shape[0]} predictions do not fit ${objects} objects; give each the same number`,
  );
  return tf.tidy(() => {
    const difference = tf.sub(tf.reshape(predicted, [objects, rotations, 3]), tf.tensor3d(sizes, [objects, 1, 3]));
    return tf.mean(tf.square(tf.div(difference, unit))) as Scalar;
  });
}
