/**
 * @file Parity of pose errors and VSD with the BOP toolkit. Its lengths are millimetres; the errors take any unit.
 */
import { backProject, type Camera } from "../../geometry/camera";
import type { Pose } from "../../geometry/pose";
import { symmetryMotions } from "../../geometry/symmetryMotions";
import { type Matrix3, norm, subtract } from "../../geometry/vector";
import { rotationErrorDeg } from "../../metrics/poseError";
import { averageDistance, averageNearestDistance, mspd, mssd, projectionError } from "../../metrics/surfaceErrors";
import { type VsdOptions, vsd } from "../../metrics/vsd";
import { flatten, matrix3Of, rowsOf, vector3Of } from "./flatten";
import type { ParityRunner } from "./types";

const intrinsicsOf = (matrix: unknown): Pick<Camera, "fx" | "fy" | "cx" | "cy"> => {
  const [fx, , cx, , fy, cy] = flatten(matrix);
  return { fx, fy, cx, cy };
};

interface ModelInfo {
  symmetries_discrete?: unknown[];
  symmetries_continuous?: { axis: unknown; offset: unknown }[];
}

const motionsOf = (info: ModelInfo, step: number): Pose[] =>
  symmetryMotions(
    {
      discrete: (info.symmetries_discrete ?? []).map((matrix) => {
        const m = flatten(matrix);
        return {
          rotation: [m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]] as Matrix3,
          translation: [m[3], m[7], m[11]],
        };
      }),
      continuous: (info.symmetries_continuous ?? []).map(({ axis, offset }) => ({
        axis: vector3Of(axis),
        offset: vector3Of(offset),
      })),
    },
    step,
  );

const poseErrors: ParityRunner = ({ inputs, outputs }) => {
  const predicted: Pose = { rotation: matrix3Of(inputs.R_est), translation: vector3Of(inputs.t_est) };
  const truth: Pose = { rotation: matrix3Of(inputs.R_gt), translation: vector3Of(inputs.t_gt) };
  const [points, camera] = [flatten(inputs.pts), intrinsicsOf(inputs.K)];
  const motions = motionsOf(inputs.model_info as ModelInfo, Number(inputs.max_sym_disc_step));
  const first = motions.slice(0, 3);
  const ours: Record<string, readonly number[]> = {
    num_symmetries: [motions.length],
    sym_R_first3: first.flatMap(({ rotation }) => rotation),
    sym_t_first3: first.flatMap(({ translation }) => translation),
    mssd: [mssd(predicted, truth, points, motions)],
    mspd: [mspd(predicted, truth, camera, points, motions)],
    add: [averageDistance(predicted, truth, points)],
    adi: [averageNearestDistance(predicted, truth, points)],
    re_deg: [rotationErrorDeg(predicted.rotation, truth.rotation)],
    te: [norm(subtract(predicted.translation, truth.translation))],
    proj: [projectionError(predicted, truth, camera, points)],
  };
  return Object.entries(outputs).map(([quantity, expected]) => ({
    quantity,
    ours: ours[quantity] ?? [],
    reference: flatten(expected),
  }));
};

const discrepancy: ParityRunner = ({ inputs, outputs }) => {
  const rows = rowsOf(inputs.depth_test);
  const camera = { ...intrinsicsOf(inputs.K), width: (rows[0] as unknown[]).length, height: rows.length };
  const depths = {
    scene: flatten(inputs.depth_test),
    truth: flatten(inputs.depth_gt),
    predicted: flatten(inputs.depth_est),
  };
  const run = (taus: unknown, options: Partial<VsdOptions> = {}) =>
    vsd(depths, camera, { delta: Number(inputs.delta), taus: flatten(taus), ...options });
  const [absolute, hidden] = [run(inputs.taus_abs), run(inputs.taus_abs, { missing: "hidden" })];
  const row = (rows[0] as number[]).map((z, u) => norm(backProject(camera, u, 0, z)));
  const ours: Record<string, readonly number[]> = {
    vsd_step_abs: absolute.errors,
    vsd_step_rel_diameter: run(inputs.taus_rel, { diameter: Number(inputs.diameter) }).errors,
    vsd_tlinear_abs: run(inputs.taus_abs, { cost: "linear" }).errors,
    visib_gt: [absolute.visibleTruth],
    visib_est: [absolute.visiblePredicted],
    visib_gt_bop18: [hidden.visibleTruth],
    dist_test_row0: row,
  };
  return Object.entries(outputs).map(([quantity, expected]) => ({
    quantity,
    ours: ours[quantity] ?? [],
    reference: flatten(expected),
  }));
};

/** Components of this file. */
export const bopParity: Record<string, ParityRunner> = { bop_pose_errors: poseErrors, bop_vsd: discrepancy };
