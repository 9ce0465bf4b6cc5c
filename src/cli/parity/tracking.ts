/**
 * @file Parity of the start of tracking with GenPose.
 */
import { noisyPose } from "../../estimation/tracking";
import type { Pose } from "../../geometry/pose";
import { flatten, matrix3Of, rowsOf, vector3Of } from "./flatten";
import type { ParityRunner } from "./types";

/** The pose of a 4 × 4 matrix. */
function poseOf(nested: unknown): Pose {
  const rows = rowsOf(nested).slice(0, 3).map(flatten);
  return {
    rotation: matrix3Of(rows.map((row) => row.slice(0, 3))),
    translation: vector3Of(rows.map((row) => row[3])),
  };
}

const initNoise: ParityRunner = ({ inputs, outputs }) => {
  const size = { angle: (Number(inputs.r_deg) * Math.PI) / 180, distance: Number(inputs.t_m) };
  const [angles, distances] = [flatten(inputs.z_theta), flatten(inputs.z_norm)];
  const [quaternions, directions] = [rowsOf(inputs.q_random).map(flatten), rowsOf(inputs.z_dir).map(vector3Of)];
  const noisy = rowsOf(inputs.RT).map((nested, i) => {
    const [w, x, y, z] = quaternions[i];
    const noise = {
      angle: angles[i],
      quaternion: [w, x, y, z] as const,
      distance: distances[i],
      direction: directions[i],
    };
    return noisyPose(poseOf(nested), noise, size);
  });
  const expected = rowsOf(outputs.RT).map(poseOf);
  return [
    {
      quantity: "rotation",
      ours: noisy.flatMap(({ rotation }) => [...rotation]),
      reference: expected.flatMap(({ rotation }) => [...rotation]),
    },
    {
      quantity: "translation",
      ours: noisy.flatMap(({ translation }) => [...translation]),
      reference: expected.flatMap(({ translation }) => [...translation]),
    },
  ];
};

/** Components of this file. */
export const trackingParity: Readonly<Record<string, ParityRunner>> = { tracking_init_noise: initNoise };
