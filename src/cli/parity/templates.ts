/**
 * @file Parity of template matching with template-pose, paper C's code and the BOP toolkit's view sampler.
 */
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { maskGrid } from "../../datasets/maskGrid";
import { boxPixels, metricSquare, squareBox, squareHomography } from "../../datasets/templateCrop";
import { type ImageBox, projectiveTranslation } from "../../estimation/projectiveTranslation";
import { templateSimilarity } from "../../estimation/templateSimilarity";
import { bopViewSphere, fibonacciSphere } from "../../geometry/icosphere";
import type { Pose } from "../../geometry/pose";
import { geodesicDistance } from "../../geometry/so3";
import { dot, type Matrix3, type Vector3 } from "../../geometry/vector";
import {
  inPlaneAngleDeg,
  lookAtPose,
  nearestDirection,
  nearestInPlaneBin,
  templateDirections,
  turnedInPlane,
  viewDirection,
  withoutInPlane,
} from "../../geometry/viewpoint";
import { acc15, templatePoseErrorDeg, type ViewMatch, type ViewScore, viewErrorDeg } from "../../metrics/acc15";
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
import { flatten, matrix3Of, rowsOf, vector3Of } from "./flatten";
import { type StreamTensor, stateOf } from "./models";
import type { ParityComparison, ParityRunner } from "./types";

const poseOf = (nested: unknown): Pose => {
  const m = flatten(nested);
  return {
    rotation: [m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]],
    translation: [m[3], m[7], m[11]],
  };
};

const cameraOf = (k: unknown, width: number = 640, height: number = 480) => {
  const [fx, , cx, , fy, cy] = flatten(k);
  return { fx, fy, cx, cy, width, height };
};

/** Where the camera's axis comes from, in the object's frame. */
const backward = (r: Matrix3): Vector3 => [-r[6], -r[7], -r[8]];

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

const crops: ParityRunner = ({ name, inputs, outputs }) => {
  if (name === "mask_to_32") {
    const mask = new Uint8Array(512 * 512);
    for (let v = 100; v < 300; v++) mask.fill(1, v * 512 + 200, v * 512 + 260);
    return [{ quantity: "mask", ours: maskGrid(mask, 512, 32), reference: flatten(outputs.mask) }];
  }
  if (inputs.bbox !== undefined) {
    const [x1, y1, x2, y2] = flatten(inputs.bbox);
    const [width, height] = flatten(inputs.size_wh);
    const { box, inside, size } = squareBox({ x1, y1, x2, y2 }, { width, height });
    return [
      { quantity: "box", ours: [box.x1, box.y1, box.x2, box.y2], reference: flatten(outputs.square_bbox) },
      { quantity: "inside", ours: [inside ? 1 : 0], reference: [outputs.inside ? 1 : 0] },
      { quantity: "size", ours: size, reference: flatten(outputs.out_size_wh) },
      ...(outputs.image
        ? [
            {
              quantity: "image",
              ours: boxPixels(Uint8Array.from(flatten(inputs.image_HWC)), 3, { width, height }, box),
              reference: flatten(outputs.image),
            },
          ]
        : []),
    ];
  }
  const size = Number(inputs.crop_size);
  return (
    [
      ["ignore_inplane_False", "published"],
      ["ignore_inplane_True", "image"],
    ] as const
  ).flatMap(([key, up]): ParityComparison[] => {
    const reference = outputs[key] as { corners_px: unknown; M: unknown };
    const side = Number(inputs.virtual_bbox_size);
    const corners = metricSquare(poseOf(inputs.pose_opencv), cameraOf(inputs.K), { side, up, wholePixels: true });
    return [
      { quantity: `${key}: corners`, ours: corners.flat(), reference: flatten(reference.corners_px) },
      {
        quantity: `${key}: homography`,
        ours: squareHomography(corners, size),
        reference: flatten(reference.M),
        tolerance: { abs: 1e-4, rel: 1e-4 },
      },
    ];
  });
};

const viewpoints: ParityRunner = ({ outputs }) => {
  const sets = (["half", "full", "train", "dense"] as const).map((set) => templateDirections(set));
  const [half, full, train, dense] = sets;
  const angles = (set: readonly Vector3[]): number[] => {
    const nearest = set.map((a) => Math.max(...set.filter((b) => b !== a).map((b) => dot(a, b))));
    const deg = nearest.map((cosine) => (180 / Math.PI) * Math.acos(cosine));
    return [Math.min(...deg), Math.max(...deg)];
  };
  const reference = rowsOf(outputs.own_icosphere_upper_directions).map(vector3Of);
  const elevations = half.map(([, , z]) => (180 / Math.PI) * Math.asin(z));
  return [
    {
      quantity: "counts",
      ours: [half.length, full.length, train.length, dense.length, full.length * 36],
      reference: [
        outputs.half_sphere_level2,
        outputs.sphere_level2,
        outputs["half_sphere_level2_and_level3 (train)"],
        outputs.sphere_level3,
        outputs.tless_templates,
      ].map(Number),
    },
    {
      // The order of the points differs.
      quantity: "directions",
      ours: reference.flatMap((d) => half[nearestDirection(half, d)]),
      reference: reference.flat(),
    },
    {
      // The reference measured its stored arrays, whose directions have five digits.
      quantity: "neighbours, degrees",
      ours: angles(half),
      reference: flatten(outputs.nearest_neighbour_angle_deg_min_max_half),
      tolerance: { abs: 2e-4 },
    },
    {
      quantity: "elevations, degrees",
      ours: [Math.min(...elevations), Math.max(...elevations)],
      reference: [Number(outputs.elevation_min_deg), Number(outputs.elevation_max_deg)],
      tolerance: { abs: 2e-4 },
    },
  ];
};

const bopViews: ParityRunner = ({ inputs, outputs }) => {
  const reference = rowsOf(outputs.camera_centers ?? []).map(flatten);
  if (inputs.n !== undefined) {
    const ours = fibonacciSphere(Number(inputs.n));
    return [
      { quantity: "count", ours: [ours.length], reference: [Number(outputs.count)] },
      { quantity: "centres", ours: ours.flat(), reference: reference.flat() },
    ];
  }
  const views = bopViewSphere(Number(inputs.min_n_views));
  if (inputs.elev_range !== undefined) {
    const [low, high] = flatten(inputs.elev_range);
    const within = views.filter(([, , z]) => Math.asin(z) >= low && Math.asin(z) <= high);
    return [{ quantity: "count", ours: [within.length], reference: [Number(outputs.count)] }];
  }
  const poses = views.slice(0, 5).map((view) => lookAtPose(view, 1));
  return [
    { quantity: "count", ours: [views.length], reference: [Number(outputs.count)] },
    {
      // As sets: rounding decides which of two points at azimuth 0 comes first in its ring.
      quantity: "centres",
      ours: reference.flatMap((d) => views[nearestDirection(views, vector3Of(d))]),
      reference: reference.flat(),
    },
    { quantity: "R", ours: poses.flatMap(({ rotation }) => rotation), reference: flatten(outputs.R_first5) },
    { quantity: "t", ours: poses.flatMap(({ translation }) => translation), reference: flatten(outputs.t_first5) },
  ];
};

const poseUtilities: ParityRunner = ({ inputs, outputs, shared = {} }) => {
  const pose = poseOf(inputs.pose_opencv);
  const bare = withoutInPlane(pose);
  const flip = (m: readonly number[]): number[] => m.map((value, i) => (i < 4 || i >= 12 ? value : -value));
  const four = ({ rotation: r, translation: t }: Pose): number[] => [
    ...[r[0], r[1], r[2], t[0], r[3], r[4], r[5], t[1], r[6], r[7], r[8], t[2]],
    ...[0, 0, 0, 1],
  ];
  const rotationsOf = (list: unknown): Matrix3[] => rowsOf(list).map((m) => poseOf(m).rotation);
  const [sphere, half] = [shared.template_subset_sphere_opencv, shared.template_subset_half_opencv].map(rotationsOf);
  // T-LESS compares the cameras' axes, LINEMOD the directions to the object.
  const tless = nearestDirection(sphere.map(backward), backward(pose.rotation));
  const angle = inPlaneAngleDeg(sphere[tless], pose.rotation);
  const recovered = turnedInPlane(sphere[tless], angle);
  const halfDirections = half.map(backward);
  const direction = viewDirection(pose);
  const lm = nearestDirection(halfDirections, direction);
  const degreeTolerance = { abs: 1e-4 };
  const lmError = (180 / Math.PI) * Math.acos(dot(halfDirections[lm], direction));
  return [
    { quantity: "OpenGL", ours: flip(four(pose)), reference: flatten(outputs.opencv2opengl) },
    { quantity: "direction", ours: direction, reference: flatten(outputs.camera_location) },
    { quantity: "without in-plane", ours: four(bare), reference: flatten(outputs.remove_inplane) },
    { quantity: "T-LESS: template", ours: [tless], reference: [Number(outputs.tless_best_in_subset)] },
    {
      quantity: "T-LESS: in-plane",
      ours: [angle],
      reference: [Number(outputs.tless_inplane_deg)],
      tolerance: degreeTolerance,
    },
    { quantity: "T-LESS: bin", ours: [nearestInPlaneBin(angle)], reference: [Number(outputs.nearest_inplane_bin)] },
    {
      quantity: "T-LESS: error of the recovered rotation",
      ours: [(180 / Math.PI) * geodesicDistance(recovered, pose.rotation)],
      reference: [Number(outputs.tless_recovered_error_deg)],
      tolerance: degreeTolerance,
    },
    {
      quantity: "LINEMOD: template and its error",
      ours: [lm, lmError],
      reference: flatten(outputs.lm_best_sym0),
      tolerance: degreeTolerance,
    },
  ];
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

const geodesic: ParityRunner = ({ inputs, outputs }) => {
  const truths = rowsOf(inputs.R_gt).map(matrix3Of);
  const symmetric = flatten(inputs.symmetry);
  const errors = rowsOf(inputs.R_pred).map((r, i) => templatePoseErrorDeg(matrix3Of(r), truths[i], symmetric[i] === 1));
  const sorted = [...errors].sort((a, b) => a - b);
  return [
    { quantity: "errors", ours: errors, reference: flatten(outputs.error_deg) },
    {
      quantity: "percent within 15°, lower median",
      ours: [(100 * errors.filter((e) => e <= 15).length) / errors.length, sorted[(errors.length - 1) >> 1]],
      reference: [Number(outputs.acc15_percent), Number(outputs.median)],
    },
  ];
};

const translation: ParityRunner = ({ inputs, outputs }) => {
  const box = (nested: unknown): ImageBox => flatten(nested) as unknown as ImageBox;
  const ours = projectiveTranslation(
    { box: box(inputs.template_bbox), camera: cameraOf(inputs.K_template), distance: Number(inputs.template_tz) },
    { box: box(inputs.query_bbox), camera: cameraOf(inputs.K_query) },
  );
  return [{ quantity: "t", ours, reference: flatten(outputs.t) }];
};

/** Components of this file. */
export const templatesParity: Record<string, ParityRunner> = {
  diffusion_feature_aggregation: aggregation,
  template_crops: crops,
  template_viewpoints: viewpoints,
  bop_view_sampler: bopViews,
  template_pose_utils: poseUtilities,
  template_similarity_infonce: similarity,
  lm_acc15_score: lmScore,
  template_pose_geodesic: geodesic,
  template_translation: translation,
};
