/**
 * @file Parity of template matching's views, crops and poses with template-pose, paper C's code and the BOP toolkit's view
 * sampler.
 */
import { maskGrid } from "../../datasets/maskGrid";
import { boxPixels, metricSquare, squareBox, squareHomography } from "../../datasets/templateCrop";
import { type ImageBox, projectiveTranslation } from "../../estimation/projectiveTranslation";
import { bopViewSphere, fibonacciSphere } from "../../geometry/icosphere";
import type { Pose } from "../../geometry/pose";
import { geodesicDistance } from "../../geometry/so3";
import { dot, type Matrix3, type Vector3 } from "../../geometry/vector";
import {
  inPlaneAngleDeg,
  lookAtDirection,
  lookAtPose,
  nearestDirection,
  nearestInPlaneBin,
  templateDirections,
  turnedInPlane,
  viewDirection,
  withoutInPlane,
} from "../../geometry/viewpoint";
import { templatePoseErrorDeg } from "../../metrics/acc15";
import { flatten, matrix3Of, rowsOf, vector3Of } from "./flatten";
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
  const tless = nearestDirection(sphere.map(lookAtDirection), lookAtDirection(pose.rotation));
  const angle = inPlaneAngleDeg(sphere[tless], pose.rotation);
  const recovered = turnedInPlane(sphere[tless], angle);
  const halfDirections = half.map(lookAtDirection);
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
export const templateViewsParity: Record<string, ParityRunner> = {
  template_crops: crops,
  template_viewpoints: viewpoints,
  bop_view_sampler: bopViews,
  template_pose_utils: poseUtilities,
  template_pose_geodesic: geodesic,
  template_translation: translation,
};
