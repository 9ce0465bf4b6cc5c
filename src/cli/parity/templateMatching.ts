/**
 * @file Parity of aggregation, similarity and scores with template-pose and paper C's code.
 */
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { templateSimilarity } from "../../estimation/templateSimilarity";
import { acc15, type ViewMatch, type ViewScore, viewErrorDeg } from "../../metrics/acc15";
import {
  type AggregationConfig,
  aggregate,
  aggregationParameters,
  stableDiffusionChannels,
} from "../../models/aggregation";
import { createParameters, weightsOf } from "../../models/params";
import { fillFromTorch } from "../../models/torchWeights";
import { Rng } from "../../random";
import { infoNceLoss, similarityMatrix } from "../../training/infoNceLoss";
import { flatten, rowsOf, vector3Of } from "./flatten";
import { type StreamTensor, stateOf } from "./models";
import type { ParityComparison, ParityRunner } from "./types";

const sizesOf = (kind: AggregationConfig["kind"], zero: AggregationConfig["zero"] = "last") =>
  aggregationParameters({ kind, channels: stableDiffusionChannels, width: 16, zero });

const numbers = (specs: ReturnType<typeof sizesOf>): number =>
  specs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

/** Sums of |gradient| of the first extractor's arrays where all three convolutions of the bottleneck begin at 0. */
function gradientsOfZeros(): Record<string, number> {
  const config: AggregationConfig = { kind: "cwa", channels: [4, 4], width: 4, zero: "all" };
  const weights = weightsOf(createParameters(aggregationParameters(config), new Rng(1)));
  const x = tf.ones([1, 4, 4, 4]) as Tensor4D;
  const names = Object.keys(weights).filter((name) => name.startsWith("extractors.0."));
  const gradients = tf.grads((...arrays: import("@tensorflow/tfjs-core").Tensor[]) => {
    const set = { ...weights, ...Object.fromEntries(names.map((name, i) => [name, arrays[i]])) };
    return tf.sum(tf.square(tf.add(aggregate(set, config, [x, x]).map, 1)));
  })(names.map((name) => weights[name]));
  return Object.fromEntries(
    names.map((name, i) => [name.slice("extractors.0.".length), tf.sum(tf.abs(gradients[i])).dataSync()[0]]),
  );
}

const aggregation: ParityRunner = ({ inputs, outputs }) => {
  if (inputs.sd15_dims !== undefined) {
    const given = outputs.gradient_abs_sum_at_init as Record<string, number | "nonzero">;
    const ours = tf.tidy(gradientsOfZeros);
    const sign = (value: number | "nonzero"): number => (value === 0 ? 0 : 1);
    return [
      { quantity: "channels", ours: stableDiffusionChannels, reference: flatten(inputs.sd15_dims) },
      ...(["va", "na", "cwa"] as const).map((kind) => ({
        quantity: `parameters of ${kind}`,
        ours: [numbers(sizesOf(kind))],
        reference: [Number(outputs[`${kind}_params`])],
      })),
      {
        quantity: "gradients where all begin at 0",
        ours: Object.keys(given).map((name) => sign(ours[name])),
        reference: Object.values(given).map(sign),
      },
    ];
  }
  const tensors = inputs.params as StreamTensor[];
  const channels = tensors.filter(({ name }) => name.endsWith("short_cut.weight")).map(({ shape }) => shape[1]);
  const config: AggregationConfig = { kind: "cwa", channels, width: 4 };
  const parameters = createParameters(aggregationParameters(config), new Rng(0));
  const state = stateOf(tensors);
  fillFromTorch("parity", parameters, (name) => state[name]);
  const zeros = aggregationParameters({ ...config, zero: "all" }).filter(({ initial, shape }) =>
    Array.from(initial(new Rng(1), shape)).every((value) => value === 0),
  );
  return tf.tidy(() => {
    const features = rowsOf(inputs.features_NCHW).map((map) =>
      tf.transpose(tf.tensor4d(map as number[][][][]), [0, 2, 3, 1]),
    ) as Tensor4D[];
    const { map, layerWeights } = aggregate(weightsOf(parameters), config, features);
    return [
      { quantity: "fusion weights", ours: layerWeights!.dataSync(), reference: flatten(outputs.fusion_weights) },
      {
        quantity: "descriptor",
        ours: tf.transpose(map, [0, 3, 1, 2]).dataSync(),
        reference: flatten(outputs.descriptor),
      },
      {
        quantity: "names that begin at 0",
        ours: (outputs.zero_initialised as string[]).map((name) => (zeros.some((z) => z.name === name) ? 1 : 0)),
        reference: (outputs.zero_initialised as string[]).map(() => 1),
      },
    ];
  });
};

const similarity: ParityRunner = ({ inputs, outputs }) => {
  const [queries, templates, masks] = [inputs.feat_query, inputs.feat_template, inputs.mask_template].map(rowsOf);
  const channelsLast = (nested: unknown): number[] => {
    const planes = rowsOf(nested).map(flatten);
    return planes[0].flatMap((_, cell) => planes.map((plane) => plane[cell]));
  };
  const [q, t, m] = [queries.map(channelsLast), templates.map(channelsLast), masks.map(flatten)];
  return (
    [
      ["diff_feats", 1e-6],
      ["template_pose", 1e-8],
    ] as const
  ).flatMap(([key, epsilon]): ParityComparison[] => {
    const reference = outputs[key] as Record<string, unknown>;
    const search = (threshold: number): number[] =>
      q.flatMap((query) => t.map((x, j) => templateSimilarity(query, x, m[j], { threshold, epsilon })));
    const diagonal = (values: number[]): number[] => q.map((_, i) => values[i * t.length + i]);
    const [train, test] = [search(-1), search(Number(inputs.threshold))];
    const positive = diagonal(train).reduce((a, b) => a + b, 0) / q.length;
    // The reference's «negatives» have the positives among them.
    const all = train.reduce((a, b) => a + b, 0) / train.length;
    const side = Math.sqrt(m[0].length);
    const [matrix, loss] = tf.tidy(() => {
      const map = (values: number[][]): Tensor4D =>
        tf.tensor4d(values.flat(), [values.length, side, side, q[0].length / side ** 2]);
      const s = similarityMatrix(map(q), map(t), tf.tensor3d(m.flat(), [m.length, side, side]), { epsilon });
      return [Array.from(s.dataSync()), Array.from(infoNceLoss(s).dataSync())];
    });
    return [
      { quantity: `${key}: pairs, training`, ours: diagonal(train), reference: flatten(reference.pair_train) },
      { quantity: `${key}: pairs, test`, ours: diagonal(test), reference: flatten(reference.pair_test) },
      { quantity: `${key}: search, training`, ours: train, reference: flatten(reference.search_train) },
      { quantity: `${key}: search, test`, ours: test, reference: flatten(reference.search_test) },
      { quantity: `${key}: tensors`, ours: matrix, reference: flatten(reference.search_train) },
      { quantity: `${key}: InfoNCE`, ours: loss, reference: flatten(reference["info_nce_tau0.1_positive_1d"]) },
      { quantity: `${key}: means`, ours: [positive, all], reference: flatten(reference.mean_pos_neg) },
    ];
  });
};

const lmScore: ParityRunner = ({ inputs, outputs }) => {
  const [objects, found, symmetric] = [inputs.id_obj, inputs.pred_id_obj, inputs.id_symmetry].map(flatten);
  const truths = rowsOf(inputs.gt_location).map(vector3Of);
  const matches = rowsOf(inputs.pred_location).map(
    (d, i): ViewMatch => ({
      object: objects[i],
      foundObject: found[i],
      direction: truths[i],
      foundDirection: vector3Of(d),
      symmetric: symmetric[i] === 1,
    }),
  );
  const published = acc15(matches, { symmetric: "published" });
  const tables = outputs.as_published as Record<string, Record<string, number>>;
  /** Each object's number, then the whole's. */
  const column = (pick: (score: ViewScore, whole: boolean) => number): number[] => [
    ...Object.values(published.byObject).map((score) => pick(score, false)),
    pick(published, true),
  ];
  const intended = outputs.intended as Record<string, unknown>;
  const score = acc15(matches);
  const degreeTolerance = { abs: 1e-3 };
  const compare = (quantity: string, ours: number[], table: Record<string, number>): ParityComparison => ({
    quantity: `published: ${quantity}`,
    ours,
    reference: Object.values(table),
    ...(quantity === "error" && { tolerance: degreeTolerance }),
  });
  return [
    compare(
      "error",
      column(({ meanErrorDeg }) => meanErrorDeg),
      tables.err,
    ),
    // Per object the published code tests the mean error.
    compare(
      "view",
      column((s, whole) => (whole ? s.view : Number(s.meanErrorDeg <= 15))),
      tables.pose_acc15,
    ),
    compare(
      "class",
      column((s) => s.class),
      tables.class_acc,
    ),
    compare(
      "both",
      column((s) => s.viewAndClass),
      tables.class_and_pose_acc15,
    ),
    {
      quantity: "intended: angles",
      ours: matches.map((match) => viewErrorDeg(match)),
      reference: flatten(intended.angle_deg),
      tolerance: degreeTolerance,
    },
    {
      quantity: "intended: scores",
      ours: [score.view, score.class, score.viewAndClass],
      reference: [intended.acc15, intended.class_acc, intended.class_and_pose_acc15].map(Number),
    },
    {
      quantity: "intended: mean",
      ours: [score.meanErrorDeg],
      reference: [Number(intended.mean_err)],
      tolerance: degreeTolerance,
    },
  ];
};

/** Components of this file. */
export const templateMatchingParity: Record<string, ParityRunner> = {
  diffusion_feature_aggregation: aggregation,
  template_similarity_infonce: similarity,
  lm_acc15_score: lmScore,
};
