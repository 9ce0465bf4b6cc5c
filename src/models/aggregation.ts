/**
 * @file Paper C's aggregation networks: feature maps of many layers → one map of few channels.
 *
 * Names of the arrays are those of the published code, `extractors.0.conv1.0.weight`, …, `fusion.weighting.2.bias`.
 */
import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";
import { constant, linearUniform } from "./initializers";
import { linear, weight } from "./layers";
import { relu } from "./ops/relu";
import type { Initializer, ParameterSpec, Weights } from "./params";

/**
 * Figure 3: `va` one 3 × 3 convolution a layer, then the sum (eq. 4); `na` a bottleneck of three convolutions beside it;
 * `cwa` the same with weights that the context decides (eq. 5–7).
 */
export type AggregationKind = "va" | "na" | "cwa";

/** All kinds. */
export const aggregationKinds: readonly AggregationKind[] = ["va", "na", "cwa"];

/** Form of an aggregation network. */
export interface AggregationConfig {
  kind: AggregationKind;
  /** Channels of each layer's map; even. */
  channels: readonly number[];
  /** Channels of the result; the paper has 16. */
  width: number;
  /**
   * What begins at 0 in a bottleneck: its `last` convolution (paper C, after ControlNet), or `all` three as in the
   * published code: then every gradient of the branch is 0 for ever, and «NA» is VA.
   */
  zero?: "last" | "all";
}

/** The ResNet blocks of Stable Diffusion 1.5's UNet: 8 on the way down, 12 on the way up. */
export const stableDiffusionChannels: readonly number[] = [
  ...[320, 320, 640, 640, 1280, 1280, 1280, 1280],
  ...[1280, 1280, 1280, 1280, 1280, 1280, 640, 640, 640, 320, 320, 320],
];

const kernel = (name: string, size: number, inputs: number, outputs: number, initial?: Initializer): ParameterSpec => ({
  name: `${name}.weight`,
  shape: [size, size, inputs, outputs],
  initial: initial ?? linearUniform(size * size * inputs),
});

/**
 * All arrays. With Stable Diffusion's channels and width 16: 2,534,400 (VA), 13,278,720 (NA), 13,285,140 (CWA), the
 * paper's Table 4.
 *
 * @throws InputError for a layer with an odd number of channels
 */
export function aggregationParameters({ kind, channels, width, zero = "last" }: AggregationConfig): ParameterSpec[] {
  const bottleneck = (i: number, c: number): ParameterSpec[] => {
    const first = zero === "all" ? constant(0) : undefined;
    return [
      kernel(`extractors.${i}.conv1.0`, 1, c, c / 2, first),
      kernel(`extractors.${i}.conv2.0`, 3, c / 2, width, first),
      kernel(`extractors.${i}.conv3`, 1, width, width, constant(0)),
    ];
  };
  const specs = channels.flatMap((c, i): ParameterSpec[] => {
    assertInput(
      Number.isInteger(c) && c > 0 && c % 2 === 0,
      `aggregationParameters: layer ${i} has ${c} channels; a bottleneck needs an even number`,
    );
    return [...(kind === "va" ? [] : bottleneck(i, c)), kernel(`extractors.${i}.short_cut`, 3, c, width)];
  });
  if (kind !== "cwa") return specs;
  return [
    ...specs,
    {
      name: "fusion.weighting.2.weight",
      shape: [width * channels.length, channels.length],
      initial: constant(0),
    },
    { name: "fusion.weighting.2.bias", shape: [channels.length], initial: constant(1) },
  ];
}

/** x * W by every second cell, zeros around (PyTorch's padding of 1). */
const halved = (x: Tensor4D, filter: Tensor4D): Tensor4D =>
  tf.conv2d(
    tf.pad(x, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]),
    filter,
    2,
    "valid",
  );

/** What the network made of a batch. */
export interface Aggregated {
  /** [B, h/2, w/2, width]. */
  map: Tensor4D;
  /** CWA's weights [B, layers], softmax over the layers. */
  layerWeights?: Tensor2D;
}

/**
 * Aggregate feature maps.
 *
 * @param features one [B, h, w, C] a layer, all of the same h, w (paper: 64)
 * @throws InputError if the number of layers, their channels or sizes do not fit
 */
export function aggregate(weights: Weights, config: AggregationConfig, features: readonly Tensor4D[]): Aggregated {
  const { kind, channels } = config;
  assertInput(
    features.length === channels.length,
    `aggregate: got ${features.length} feature maps, the network reads ${channels.length}; use the backbone that it was made for`,
  );
  features.forEach(({ shape }, i) => {
    assertInput(
      shape[3] === channels[i] && shape[1] === features[0].shape[1] && shape[2] === features[0].shape[2],
      `aggregate: map ${i} is [${shape.join(", ")}], expected ${channels[i]} channels and the size of the first; resize the maps first`,
    );
  });
  return tf.tidy(() => {
    const filter = (i: number, part: string): Tensor4D => weight(weights, `extractors.${i}.${part}.weight`);
    const extracted = features.map((x, i): Tensor4D => {
      const beside = halved(x, filter(i, "short_cut"));
      if (kind === "va") return beside;
      const narrow = relu(tf.conv2d(x, filter(i, "conv1.0"), 1, "same"));
      const small = relu(halved(narrow, filter(i, "conv2.0")));
      return tf.add(tf.conv2d(small, filter(i, "conv3"), 1, "same"), beside);
    });
    if (kind !== "cwa") return { map: tf.addN(extracted) };
    const context = tf.concat(
      extracted.map((h) => tf.mean(h, [1, 2]) as Tensor2D),
      1,
    );
    const layerWeights = tf.softmax(linear(weights, "fusion.weighting.2", context)) as Tensor2D;
    const batch = features[0].shape[0];
    const columns = tf.split(layerWeights, channels.length, 1) as Tensor2D[];
    const weighted = extracted.map((h, i): Tensor => tf.mul(h, tf.reshape(columns[i], [batch, 1, 1, 1])));
    return { map: tf.addN(weighted as Tensor4D[]), layerWeights };
  });
}
