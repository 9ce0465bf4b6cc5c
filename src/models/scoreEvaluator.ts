/**
 * @file The score network as a plain function for samplers: one object, any number of hypotheses.
 */
import { assertFinite, assertInput, assertShape } from "../check";
import type { Score } from "../sde/sde";
import { VESDE } from "../sde/vesde";
import { type Parameters, parameterView } from "./params";
import {
  dimensionOf,
  featureMask,
  headMask,
  lastLayer,
  type ScoreNetworkConfig,
  scoreCoefficients,
} from "./scoreNetwork";
import { affineKernel, inputStep, packMatrix, panelWidth, roundUp } from "./simd/affineKernel";
import { fourierTurns } from "./timeEmbedding";

/** Rows of one pass; more hypotheses take several. */
const rowsPerPass = 60;

/** A matrix with its bias in the kernel's memory. */
interface BoundLayer {
  weights: number;
  bias: number;
  inputs: number;
  panels: number;
}

/** A score network whose weights lie packed in memory, ready for one object after the other. */
export interface BoundScoreNetwork {
  /**
   * The score s(x, t | feature) of one object.
   *
   * @param feature F numbers
   * @throws InputError for a feature of another length or with numbers that are not finite
   */
  scoreOf(feature: ArrayLike<number>): Score;
}

/** Options of the evaluators. */
export interface ScoreEvaluatorOptions {
  /** Where σ(t) comes from: the SDE of the training. */
  sde?: { sigma(t: number): number };
}

/** A growing list of arrays, laid out one behind the other once all are known. */
function layOut(): { reserve: (floats: number) => number; bytes: () => number } {
  let top = 0;
  return {
    reserve: (floats) => {
      const address = top;
      top = roundUp(top + 4 * floats, 64);
      return address;
    },
    bytes: () => top,
  };
}

/**
 * Pack the network's weights for evaluation. Later changes of `parameters` are not seen.
 *
 * Per call: two pose layers, the fusion layer (its point part computed once an object, its time part once a t, both in
 * its bias) and one block-diagonal output layer, in float32 (state and scalings in float64). A row's bits depend
 * neither on the number of rows nor on the TensorFlow backend.
 */
export function bindScoreNetwork(
  parameters: Parameters,
  config: ScoreNetworkConfig,
  { sde = new VESDE() }: ScoreEvaluatorOptions = {},
): BoundScoreNetwork {
  const { featureSize, poseWidth, time, hidden, heads, headLayers = 2 } = config;
  const dimension = dimensionOf(config);
  const width = heads * hidden;
  const view = (name: string): Float32Array => parameterView(parameters, name);
  const arrays = layOut();
  const pending: [number, Float32Array][] = [];
  const layer = (matrix: Float32Array, bias: Float32Array, inputs: number, outputs: number): BoundLayer => {
    assertShape("bindScoreNetwork", matrix, [inputs, outputs]);
    const panels = Math.ceil(outputs / panelWidth);
    const packed = packMatrix(matrix, inputs, outputs);
    const bound = { weights: arrays.reserve(packed.length), bias: arrays.reserve(panels * panelWidth) };
    pending.push([bound.weights, packed], [bound.bias, bias]);
    return { ...bound, inputs: roundUp(inputs, inputStep), panels };
  };
  const timePose = view("fusion_tail.0.timePose");
  const pose1 = layer(view("pose_encoder.0.weight"), view("pose_encoder.0.bias"), dimension, poseWidth);
  const pose2 = layer(view("pose_encoder.2.weight"), view("pose_encoder.2.bias"), poseWidth, poseWidth);
  const embedding = layer(view("t_encoder.1.weight"), view("t_encoder.1.bias"), time.width, time.width);
  // Its bias is the object's point part; its result the bias of `fusion`.
  const fusionOfTime = layer(timePose.subarray(0, time.width * width), new Float32Array(width), time.width, width);
  const fusion = layer(timePose.subarray(time.width * width), new Float32Array(width), poseWidth, width);
  const last = lastLayer(config);
  // Two layers: all heads end in one block-diagonal matrix. Three: each head runs by itself.
  const output =
    headLayers === 2
      ? layer(blockDiagonal(view(`${last}.weight`), config), view(`${last}.bias`), width, dimension)
      : undefined;
  const ownHeads = headLayers === 3 ? Array.from({ length: heads }, (_, h) => ownHead(h)) : [];
  function ownHead(h: number): { middle: BoundLayer; output: BoundLayer } {
    const outputs = dimension / heads;
    const rowsOf = (name: string, columns: number): Float32Array =>
      view(name).subarray(h * hidden * columns, (h + 1) * hidden * columns);
    return {
      middle: layer(
        rowsOf("fusion_tail.2.weight", hidden),
        view("fusion_tail.2.bias").subarray(h * hidden, (h + 1) * hidden),
        hidden,
        hidden,
      ),
      output: layer(
        rowsOf(`${last}.weight`, outputs),
        view(`${last}.bias`).subarray(h * outputs, (h + 1) * outputs),
        hidden,
        outputs,
      ),
    };
  }
  // A layer's rows are as wide as its padded inputs and panels.
  const chain: [BoundLayer, BoundLayer][] = [
    [pose1, pose2],
    [pose2, fusion],
    [embedding, fusionOfTime],
    ...(output ? [[fusion, output] as [BoundLayer, BoundLayer]] : []),
    ...ownHeads.map(({ middle, output: end }): [BoundLayer, BoundLayer] => [middle, end]),
  ];
  for (const [from, to] of chain)
    assertInput(
      from.panels * panelWidth === to.inputs,
      `bindScoreNetwork: a layer gives ${from.panels * panelWidth} numbers, the next takes ${to.inputs}; widths must be multiples of ${panelWidth}`,
    );
  const buffer = (columns: number, rows: number = rowsPerPass): number => arrays.reserve(rows * columns);
  const at = {
    x: buffer(pose1.inputs),
    pose1: buffer(pose2.inputs),
    pose2: buffer(fusion.inputs),
    hidden: buffer(output ? output.inputs : hidden),
    middle: buffer(output ? panelWidth : hidden),
    output: buffer(panelWidth),
    turns: buffer(embedding.inputs, 1),
    time: buffer(fusionOfTime.inputs, 1),
  };
  const memory = new WebAssembly.Memory({ initial: Math.ceil(arrays.bytes() / 65536) });
  const floats = new Float32Array(memory.buffer);
  for (const [address, values] of pending) floats.set(values, address / 4);
  const run = affineKernel(memory);
  const apply = (from: number, l: BoundLayer, to: number, rows: number, relu: 0 | 1): void =>
    run(from, l.weights, l.bias, to, rows, l.inputs, l.panels, relu);

  /** The columns of one head: panels lie one behind the other. */
  const headOf = (l: BoundLayer, h: number): BoundLayer => ({
    weights: l.weights + 4 * h * hidden * l.inputs,
    bias: l.bias + 4 * h * hidden,
    inputs: l.inputs,
    panels: hidden / panelWidth,
  });

  const frequencies = view("t_encoder.0.W").slice();
  const mask = featureMask(config);
  const point = view("fusion_tail.0.point").map((w, i) => w * (mask?.[i] ?? 1));
  const pointBias = view("fusion_tail.0.bias").slice();
  // Whose point part and time the memory holds.
  let currentObject: Float32Array | undefined;
  let currentTime = Number.NaN;

  function enter(object: Float32Array, t: number): void {
    if (object === currentObject && t === currentTime) return;
    const turns = fourierTurns(frequencies, [t]);
    const half = turns.length;
    for (let k = 0; k < half; k++) {
      floats[at.turns / 4 + k] = Math.sin(2 * Math.PI * turns[k]);
      floats[at.turns / 4 + half + k] = Math.cos(2 * Math.PI * turns[k]);
    }
    floats.set(object, fusionOfTime.bias / 4);
    apply(at.turns, embedding, at.time, 1, 1);
    apply(at.time, fusionOfTime, fusion.bias, 1, 0);
    currentObject = object;
    currentTime = t;
  }

  return {
    scoreOf: (feature) => {
      assertShape("score network feature", feature, [featureSize]);
      assertFinite("score network feature", feature);
      const object = pointPart(feature, point, pointBias);
      let score = new Float64Array(0);
      return (x, t) => {
        assertInput(
          x.length % dimension === 0,
          `score: got ${x.length} numbers; pass K × ${dimension}, one pose a row`,
        );
        if (score.length !== x.length) score = new Float64Array(x.length);
        const sigma = sde.sigma(t);
        const c = scoreCoefficients(config, [sigma]);
        enter(object, t);
        const rows = x.length / dimension;
        for (let first = 0; first < rows; first += rowsPerPass) {
          const count = Math.min(rowsPerPass, rows - first);
          for (let r = 0; r < count; r++)
            for (let d = 0; d < dimension; d++)
              floats[at.x / 4 + r * pose1.inputs + d] = x[(first + r) * dimension + d] * (c ? c.input[d] : 1);
          apply(at.x, pose1, at.pose1, count, 1);
          apply(at.pose1, pose2, at.pose2, count, 1);
          /** Outputs `from` … `to` of the rows, as they lie in the output buffer. */
          const take = (from: number, to: number): void => {
            for (let r = 0; r < count; r++)
              for (let d = from; d < to; d++) {
                const raw = floats[at.output / 4 + r * panelWidth + d - from];
                const i = (first + r) * dimension + d;
                score[i] = c ? (c.skip[d] * x[i] + c.output[d] * raw) / sigma : raw / (sigma + 1e-7);
              }
          };
          if (output) {
            apply(at.pose2, fusion, at.hidden, count, 1);
            apply(at.hidden, output, at.output, count, 0);
            take(0, dimension);
          } else
            ownHeads.forEach((head, h) => {
              apply(at.pose2, headOf(fusion, h), at.hidden, count, 1);
              apply(at.hidden, head.middle, at.middle, count, 1);
              apply(at.middle, head.output, at.output, count, 0);
              take((h * dimension) / heads, ((h + 1) * dimension) / heads);
            });
        }
        return score;
      };
    },
  };
}

/** The heads' last layers [heads·H, D/heads] as one matrix [heads·H, D]. */
function blockDiagonal(stacked: Float32Array, config: ScoreNetworkConfig): Float32Array {
  const mask = headMask(config);
  const dimension = dimensionOf(config);
  const columns = dimension / config.heads;
  return mask.map((one, i) => one * stacked[Math.floor(i / dimension) * columns + ((i % dimension) % columns)]);
}

/** feature·W + b, summed in float64: the part of the fusion layer that an object needs once. */
function pointPart(feature: ArrayLike<number>, matrix: Float32Array, bias: Float32Array): Float32Array {
  const width = bias.length;
  const sum = Float64Array.from(bias);
  for (let i = 0; i < feature.length; i++) {
    const value = feature[i];
    if (value !== 0) for (let o = 0, k = i * width; o < width; o++, k++) sum[o] += value * matrix[k];
  }
  return Float32Array.from(sum);
}

/**
 * The score of one object as a plain function, s(x, t) for x of K × D numbers: `bindScoreNetwork` and `scoreOf` in one.
 * For several objects bind once.
 *
 * @param feature the object's point feature, F numbers
 * @throws InputError if the feature has another length than the network takes
 */
export const scoreEvaluator = (
  parameters: Parameters,
  config: ScoreNetworkConfig,
  feature: ArrayLike<number>,
  options: ScoreEvaluatorOptions = {},
): Score => bindScoreNetwork(parameters, config, options).scoreOf(feature);
