/**
 * @file GenPose's ranking loss: energies in the order of the errors.
 */
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";

export interface RankingLossOptions {
  /** ε of the soft sign: how far apart two energies must be to count as ordered (published: 1e-5). */
  softness?: number;
}

/**
 * The mean over all pairs i < j of 1 + (Eⱼ − Eᵢ)/(|Eᵢ − Eⱼ| + ε), for energies that are sorted by growing error: 0
 * where each better hypothesis has the higher energy, 2 where all pairs are the wrong way round (GenPose, `reward.py`).
 *
 * With the published ε the loss is a step whose gradient vanishes beyond ε; a softness of the order of the differences
 * gives one that can be learned from.
 *
 * @param energies [B, K, C]: C kinds of energies of K hypotheses, each from the smallest error to the largest
 * @throws InputError if there are not at least two hypotheses
 */
export function rankingLoss(energies: Tensor, { softness = 1e-5 }: RankingLossOptions = {}): Scalar {
  const [batch, count, kinds] = energies.shape;
  assertInput(
    energies.rank === 3 && count >= 2,
    `rankingLoss: expected [B, K ≥ 2, kinds] energies, got [${energies.shape.join(", ")}]`,
  );
  return tf.tidy(() => {
    const pairs: [number, number][] = [];
    for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) pairs.push([i, j]);
    // Row p of this matrix takes E_j − E_i of pair p: a product has a gradient on every backend, a gather does not.
    const differences = new Float32Array(pairs.length * count);
    pairs.forEach(([i, j], p) => {
      differences[p * count + i] = -1;
      differences[p * count + j] = 1;
    });
    const byHypothesis = tf.reshape(tf.transpose(energies, [1, 0, 2]), [count, batch * kinds]);
    const difference = tf.matMul(tf.tensor2d(differences, [pairs.length, count]), byHypothesis);
    return tf.mean(tf.add(tf.div(difference, tf.add(tf.abs(difference), softness)), 1)) as Scalar;
  });
}

/** Indices 0 … K−1 from the smallest to the largest error. */
export const byError = (errors: ArrayLike<number>): number[] =>
  Array.from(errors, (_, i) => i).sort((a, b) => errors[a] - errors[b]);
