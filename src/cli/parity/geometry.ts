/**
 * @file Parity of rotations, alignment, boxes and average quaternions with pytorch3d, object-deformnet, cutoop, GenPose.
 */

import { averageQuaternionWxyz } from "../../estimation/meanPose";
import { boxIou, type OrientedBox } from "../../geometry/box";
import { healpixCentres } from "../../geometry/healpix";
import {
  axisAngleOf,
  eulerOf,
  type QuaternionWxyz,
  quaternionWxyzOf,
  type Rotation6d,
  rotation6dOf,
  rotation6dRowsOf,
  rotationFrom6d,
  rotationFromAxisAngle,
  rotationFromEuler,
  rotationFromQuaternionWxyz,
} from "../../geometry/rotation";
import { rotationFrom6dFloat32 } from "../../geometry/rotationFloat32";
import { relativeAnglePytorch3d } from "../../geometry/so3";
import { expectedAngle, nearestRotation, so3Grid } from "../../geometry/so3Grid";
import { umeyama, umeyamaRansac } from "../../geometry/umeyama";
import { type Matrix3, multiply, trace, transpose } from "../../geometry/vector";
import { flatten, matrix3Of, rowsOf, vector3Of } from "./flatten";
import type { ParityCase, ParityComparison, ParityRunner } from "./types";

/** `q` with the sign that brings it closer to `reference`: both are the same rotation. */
function withSignOf(q: readonly number[], reference: readonly number[]): number[] {
  const sign = q.reduce((sum, x, i) => sum + x * reference[i], 0) < 0 ? -1 : 1;
  return q.map((x) => sign * x);
}

const quaternionOf = (nested: unknown): QuaternionWxyz => flatten(nested) as QuaternionWxyz;
const d6Of = (nested: unknown): Rotation6d => flatten(nested) as Rotation6d;

/** Gram–Schmidt of a case: the float32 ones hold a nearly parallel pair, where only float32 arithmetic agrees. */
type GramSchmidt = (d6: Readonly<Rotation6d>) => Matrix3;

/** How each output of the file is computed from one row of one input. */
const conversions: Record<string, { from: string; convert: (row: unknown, f: GramSchmidt) => readonly number[] }> = {
  quaternion_to_matrix: { from: "q_wxyz", convert: (q) => rotationFromQuaternionWxyz(quaternionOf(q)) },
  // pytorch3d's rows are the columns of the transpose.
  rotation_6d_to_matrix_rows: { from: "d6", convert: (d6, gramSchmidt) => transpose(gramSchmidt(d6Of(d6))) },
  matrix_to_rotation_6d_rows: { from: "R", convert: (r) => rotation6dRowsOf(matrix3Of(r)) },
  euler_to_matrix_ZYX: { from: "euler_ZYX", convert: (a) => rotationFromEuler("ZYX", vector3Of(a)) },
  axis_angle_to_matrix: { from: "axis_angle", convert: (v) => rotationFromAxisAngle(vector3Of(v)) },
  genpose_get_rot_matrix_6d: { from: "d6", convert: (d6, gramSchmidt) => gramSchmidt(d6Of(d6)) },
  genpose_normalize_rotation_6d: {
    from: "d6",
    convert: (d6, gramSchmidt) => rotation6dOf(gramSchmidt(d6Of(d6))),
  },
  genpose_pose6d_of_R: { from: "R", convert: (r) => rotation6dOf(matrix3Of(r)) },
  // b₃ = N(b₁ × a₂), b₂ = b₃ × b₁: the same rotation in another order, which float32 does not hurt
  rot6d_cross_variant: { from: "d6", convert: (d6) => rotationFrom6d(d6Of(d6)) },
};

const rotationConversions: ParityRunner = ({ name, inputs, outputs }) => {
  if (outputs["angle_cos_bound_1e-4"] !== undefined) {
    const r2 = rowsOf(inputs.R2).map(matrix3Of);
    const pairs = rowsOf(inputs.R1).map((r, i) => [matrix3Of(r), r2[i]] as const);
    return [
      {
        quantity: "relative angle",
        ours: pairs.map(([a, b]) => relativeAnglePytorch3d(a, b)),
        reference: flatten(outputs["angle_cos_bound_1e-4"]),
      },
      {
        quantity: "cosine",
        ours: pairs.map(([a, b]) => (trace(multiply(a, transpose(b))) - 1) / 2),
        reference: flatten(outputs.cos),
      },
    ];
  }
  // "float32_abs": the reference ran in float32 there.
  const float32 = name.includes("float32");
  const tolerance = float32 ? { abs: 2e-5 } : undefined;
  const gramSchmidt = float32 ? rotationFrom6dFloat32 : rotationFrom6d;
  const rotations = rowsOf(inputs.R).map(matrix3Of);
  const comparisons: ParityComparison[] = [];
  const compare = (quantity: string, ours: readonly number[], reference: readonly number[]): void => {
    comparisons.push({ quantity, ours, reference, ...(tolerance && { tolerance }) });
  };
  for (const [quantity, { from, convert }] of Object.entries(conversions))
    if (outputs[quantity] !== undefined)
      compare(
        quantity,
        rowsOf(inputs[from]).flatMap((row) => convert(row, gramSchmidt)),
        flatten(outputs[quantity]),
      );
  if (outputs.matrix_to_quaternion !== undefined) {
    const reference = rowsOf(outputs.matrix_to_quaternion).map(flatten);
    const ours = rotations.flatMap((r, i) => withSignOf(quaternionWxyzOf(r), reference[i]));
    compare("matrix_to_quaternion, up to sign", ours, reference.flat());
  }
  // Angles are compared as the rotations that they mean: at 180° and in gimbal lock several are right.
  if (outputs.matrix_to_euler_ZYX !== undefined)
    compare(
      "matrix_to_euler_ZYX, as matrices",
      rotations.flatMap((r) => rotationFromEuler("ZYX", eulerOf("ZYX", r))),
      rowsOf(outputs.matrix_to_euler_ZYX).flatMap((a) => rotationFromEuler("ZYX", vector3Of(a))),
    );
  if (outputs.matrix_to_axis_angle !== undefined)
    compare(
      "matrix_to_axis_angle, as matrices",
      rotations.flatMap((r) => rotationFromAxisAngle(axisAngleOf(r))),
      rowsOf(outputs.matrix_to_axis_angle).flatMap((v) => rotationFromAxisAngle(vector3Of(v))),
    );
  return comparisons;
};

const umeyamaAlignment: ParityRunner = ({ inputs, outputs }) => {
  const [source, target] = [flatten(inputs.source), flatten(inputs.target)];
  const all = umeyama(source, target);
  const ours = [all.scale, ...all.rotation, ...all.translation];
  const numbers = (o: Record<string, unknown>): number[] => [Number(o.scale), ...flatten(o.R), ...flatten(o.t)];
  const comparisons: ParityComparison[] = [{ quantity: "scale, R, t", ours, reference: numbers(outputs) }];
  if (inputs.ransac_indices === undefined) return comparisons;
  const found = umeyamaRansac(source, target, rowsOf(inputs.ransac_indices).map(flatten));
  const expected = outputs.ransac as Record<string, unknown> | null;
  // The reference gives None where there is no consensus.
  if (!expected || expected.scale === null)
    return [...comparisons, { quantity: "RANSAC: no consensus", ours: [found ? 1 : 0], reference: [0] }];
  return [
    ...comparisons,
    {
      quantity: "RANSAC: scale, R, t, iterations",
      ours: found
        ? [found.similarity.scale, ...found.similarity.rotation, ...found.similarity.translation, found.iterations]
        : [],
      reference: [...numbers(expected), Number(expected.iterations)],
    },
  ];
};

const averageQuaternion: ParityRunner = ({ inputs, outputs }) => {
  const sets = rowsOf(inputs.q_wxyz).map((set) => rowsOf(set).map(quaternionOf));
  const weights = rowsOf(inputs.weights).map(flatten);
  const compare = (
    quantity: string,
    average: (set: QuaternionWxyz[], i: number) => QuaternionWxyz,
  ): ParityComparison => {
    const reference = rowsOf(outputs[quantity]).map(flatten);
    // Up to the sign of the whole only where w itself is in doubt.
    const ours = sets.map((set, i) => {
      const q = average(set, i);
      return Math.abs(q[0]) < 1e-6 ? withSignOf(q, reference[i]) : q;
    });
    return { quantity, ours: ours.flat(), reference: reference.flat() };
  };
  return [
    compare("unweighted", (set) => averageQuaternionWxyz(set)),
    compare("weighted", (set, i) => averageQuaternionWxyz(set, weights[i])),
  ];
};

const boxOf = (inputs: ParityCase["inputs"], which: "A" | "B"): OrientedBox => ({
  rotation: matrix3Of(inputs[`R_${which}`]),
  translation: vector3Of(inputs[`t_${which}`]),
  size: vector3Of(inputs[`s_${which}`]),
});

const boxIouExact: ParityRunner = ({ inputs, outputs }) => [
  { quantity: "iou", ours: [boxIou(boxOf(inputs, "A"), boxOf(inputs, "B"))], reference: flatten(outputs.iou) },
];

const so3Grids: ParityRunner = ({ inputs, outputs }) => {
  if (inputs.recursion_level !== undefined) {
    const level = Number(inputs.recursion_level);
    const grid = so3Grid(level);
    return [
      { quantity: "count", ours: [grid.length], reference: flatten(outputs.count) },
      { quantity: "s2_points", ours: healpixCentres(2 ** level).flat(), reference: flatten(outputs.s2_points) },
      { quantity: "rotations", ours: grid.flat(), reference: flatten(outputs.rotations) },
    ];
  }
  const [probabilities, truths] = [flatten(inputs.probabilities), rowsOf(inputs.R_gts).map(matrix3Of)];
  const grid = so3Grid(Math.log2(probabilities.length / 72) / 3);
  const nearest = truths.map((truth) => nearestRotation(grid, truth));
  return [
    {
      quantity: "spread",
      ours: [expectedAngle(probabilities, grid, truths)],
      reference: flatten(outputs.spread_rad),
    },
    { quantity: "nearest", ours: nearest, reference: flatten(outputs.nearest_grid_index_per_gt) },
  ];
};

/** Components of this file. */
export const geometryParity: Record<string, ParityRunner> = {
  umeyama_alignment: umeyamaAlignment,
  rotation_conversions: rotationConversions,
  average_quaternion: averageQuaternion,
  cutoop_box_iou_exact: boxIouExact,
  so3_healpix_grid: so3Grids,
};
