/**
 * @file Parity of ranking and aggregation with GenPose and GenPose++.
 */
import { tf } from "../../backend";
import { clusterRotations } from "../../estimation/clusterPose";
import { bestOf, rankPoses } from "../../estimation/energyRanking";
import { averageQuaternionWxyz, meanPose } from "../../estimation/meanPose";
import type { Pose } from "../../geometry/pose";
import type { QuaternionWxyz } from "../../geometry/rotation";
import { byError, rankingLoss } from "../../training/rankingLoss";
import { flatten, matrix3Of, rowsOf, vector3Of } from "./flatten";
import type { ParityRunner } from "./types";

const poseOf = (matrix: unknown): Pose => {
  const rows = rowsOf(matrix)
    .slice(0, 3)
    .map((row) => flatten(row));
  return {
    rotation: matrix3Of(rows.map((row) => row.slice(0, 3))),
    translation: vector3Of(rows.map((row) => row[3])),
  };
};

const matrixOf = ({ rotation: r, translation: t }: Pose): number[] => [
  ...[0, 1, 2].flatMap((i) => [r[3 * i], r[3 * i + 1], r[3 * i + 2], t[i]]),
  ...[0, 0, 0, 1],
];

const ranking: ParityRunner = ({ inputs, outputs }) => {
  const share = Number(inputs.ratio);
  const energies = rowsOf(inputs.energy).map((object) => rowsOf(object).map(flatten));
  const selected = rowsOf(inputs.sRT).map((object, b) => {
    const ranked = rankPoses(rowsOf(object).map(poseOf), {
      rotation: energies[b].map(([rotation]) => rotation),
      translation: energies[b].map(([, translation]) => translation),
    });
    return {
      poses: bestOf(ranked.poses, share),
      energies: bestOf(ranked.energies.rotation, share).flatMap((e, k) => [e, ranked.energies.translation[k]]),
    };
  });
  return [
    { quantity: "selected_num", ours: [selected[0].poses.length], reference: flatten(outputs.selected_num) },
    {
      quantity: "selected_sRT",
      ours: selected.flatMap(({ poses }) => poses.flatMap(matrixOf)),
      reference: flatten(outputs.selected_sRT),
    },
    {
      quantity: "selected_energy",
      ours: selected.flatMap((s) => s.energies),
      reference: flatten(outputs.selected_energy),
    },
    {
      quantity: "average_sRT",
      ours: selected.flatMap(({ poses }) => matrixOf(meanPose(poses))),
      reference: flatten(outputs.average_sRT),
    },
  ];
};

/** Energies [B][K][2] in the order of errors, each kind by its own. */
function sortedByError(energy: number[][][], errors: number[][][]): number[][][] {
  return energy.map((object, b) => {
    const order = [0, 1].map((kind) => byError(errors[b].map((row) => row[kind])));
    return object.map((_, k) => [object[order[0][k]][0], object[order[1][k]][1]]);
  });
}

const loss: ParityRunner = ({ inputs, outputs }) => {
  const cube = (nested: unknown): number[][][] => rowsOf(nested).map((object) => rowsOf(object).map(flatten));
  const sorted =
    inputs.energy_sorted === undefined
      ? sortedByError(cube(inputs.energy), cube(inputs.metrics))
      : cube(inputs.energy_sorted);
  const value = tf.tidy(() => rankingLoss(tf.tensor3d(sorted)).dataSync()[0]);
  const comparisons = [{ quantity: "loss", ours: [value], reference: flatten(outputs.loss) }];
  return outputs.sorted_energy === undefined
    ? comparisons
    : [{ quantity: "sorted_energy", ours: flatten(sorted), reference: flatten(outputs.sorted_energy) }, ...comparisons];
};

const cluster: ParityRunner = ({ inputs, outputs }) => {
  const quaternions = rowsOf(inputs.q_wxyz_retained).map((q) => flatten(q) as QuaternionWxyz);
  const { labels, largest } = clusterRotations(quaternions, {
    radius: Number(inputs.eps),
    minShare: Number(inputs.min_samples) / quaternions.length + 1e-9,
  });
  const average = averageQuaternionWxyz(quaternions.filter((_, i) => labels[i] === largest));
  return [
    { quantity: "labels", ours: labels, reference: flatten(outputs.labels) },
    { quantity: "best_label", ours: [largest], reference: flatten(outputs.best_label) },
    { quantity: "q_final", ours: average, reference: flatten(outputs.q_final) },
  ];
};

/** Components of this file. */
export const rankingParity: Readonly<Record<string, ParityRunner>> = {
  energy_ranking_aggregation: (parityCase) => (parityCase.inputs.sRT ? ranking : loss)(parityCase),
  genpose2_cluster_aggregation: cluster,
};
