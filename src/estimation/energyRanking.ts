/**
 * @file Ranking hypotheses by their energies, and keeping the best, as GenPose does.
 */
import { assertFinite, assertInput, assertShape } from "../check";
import type { Pose } from "../geometry/pose";
import type { Rng } from "../random";

/** Energies of K hypotheses, rotations and translations apart; higher is better. */
export interface PoseEnergies {
  rotation: ArrayLike<number>;
  translation: ArrayLike<number>;
}

/** Poses from the best to the worst, and their energies in the same order. */
export interface RankedPoses {
  poses: Pose[];
  energies: { rotation: number[]; translation: number[] };
}

/** Indices from the highest energy to the lowest; equal ones keep their order. */
const descending = (energies: ArrayLike<number>): number[] =>
  Array.from(energies, (_, i) => i).sort((a, b) => energies[b] - energies[a]);

/**
 * Rank rotations and translations independently, each by its own energy, and pair them anew: pose k has the k-th best
 * rotation and the k-th best translation (GenPose, `reward.py` and `sgpa_utils.py`). A good rotation is not lost with
 * a bad translation; but a pair may be one that was never sampled.
 *
 * @throws InputError unless there are finite energies for each pose
 */
export function rankPoses(poses: readonly Pose[], energies: PoseEnergies): RankedPoses {
  for (const [name, values] of Object.entries(energies)) {
    assertShape(`rankPoses, ${name} energies`, values, [poses.length]);
    assertFinite(`rankPoses, ${name} energies`, values);
  }
  const [byRotation, byTranslation] = [descending(energies.rotation), descending(energies.translation)];
  return {
    poses: byRotation.map((i, k) => ({
      rotation: poses[i].rotation,
      translation: poses[byTranslation[k]].translation,
    })),
    energies: {
      rotation: byRotation.map((i) => energies.rotation[i]),
      translation: byTranslation.map((i) => energies.translation[i]),
    },
  };
}

/** How many of K a share δ keeps: max(1, ⌊δK⌋). @throws InputError unless 0 < δ ≤ 1 */
export function keptCount(count: number, share: number): number {
  assertInput(share > 0 && share <= 1, `keptCount: the share to keep is ${share}; give one in (0, 1], e.g. 0.6`);
  return Math.max(1, Math.floor(count * share));
}

/** The first share δ of ranked hypotheses (GenPose: 60 %). */
export const bestOf = <T>(ranked: readonly T[], share: number = 0.6): T[] =>
  ranked.slice(0, keptCount(ranked.length, share));

/** A share δ of the hypotheses at random, without repetition: what stands in where there is no ranker (Table 2). */
export const randomOf = <T>(hypotheses: readonly T[], rng: Rng, share: number = 0.6): T[] =>
  Array.from(rng.permutation(hypotheses.length).subarray(0, keptCount(hypotheses.length, share)), (i) => hypotheses[i]);
