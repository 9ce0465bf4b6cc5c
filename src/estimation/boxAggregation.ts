/**
 * @file Ways from K hypotheses of pose and size to one answer, as values (paper B, tables 1 and 4).
 */
import { assertFinite, assertInput } from "../check";
import type { OrientedBox } from "../geometry/box";
import type { Vector3 } from "../geometry/vector";
import { keptCount } from "./energyRanking";
import { meanPose } from "./meanPose";
import { boxMode, type PoseModeOptions } from "./poseMode";

/** From hypotheses to one box. */
export type BoxAggregation = (boxes: readonly OrientedBox[]) => OrientedBox;

/** The mean of all: average quaternion, mean translation, mean size («None» of Table 4). @throws InputError for none */
export const meanBox: BoxAggregation = (boxes) => {
  const pose = meanPose(boxes);
  const mean = (axis: 0 | 1 | 2): number => boxes.reduce((sum, { size }) => sum + size[axis], 0) / boxes.length;
  const size: Vector3 = [mean(0), mean(1), mean(2)];
  assertFinite("meanBox, sizes", size);
  return { ...pose, size };
};

/** The most populated modes by Mean Shift++ (paper B's own). */
export const modeOfBoxes =
  (options: PoseModeOptions = {}): BoxAggregation =>
  (boxes) =>
    boxMode(boxes, options);

/** Energies of K hypotheses, each part apart; higher is better. */
export interface BoxEnergies {
  rotation: ArrayLike<number>;
  translation: ArrayLike<number>;
  size: ArrayLike<number>;
}

/**
 * The mean of the best share δ, rotations, translations and sizes each by their own energies («Energy» of Table 4;
 * GenPose keeps 60 %).
 *
 * @throws InputError unless there is a finite energy for each part of each hypothesis
 */
export function meanOfBestBoxes(
  boxes: readonly OrientedBox[],
  energies: BoxEnergies,
  share: number = 0.6,
): OrientedBox {
  assertInput(boxes.length > 0, "meanOfBestBoxes: got no hypothesis; give at least one");
  const best = (part: keyof BoxEnergies): OrientedBox[] => {
    const values = energies[part];
    assertInput(
      values.length === boxes.length,
      `meanOfBestBoxes: got ${values.length} ${part} energies for ${boxes.length} hypotheses; give one each`,
    );
    assertFinite(`meanOfBestBoxes, ${part} energies`, values);
    const order = Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a]);
    return order.slice(0, keptCount(boxes.length, share)).map((i) => boxes[i]);
  };
  const [rotations, translations, sizes] = [best("rotation"), best("translation"), best("size")];
  return {
    rotation: meanPose(rotations).rotation,
    translation: meanPose(translations).translation,
    size: meanBox(sizes).size,
  };
}

/**
 * The hypothesis with the smallest error: an oracle, for it needs the truth («S» of Table 1). It tells whether the
 * distribution holds the answer, not whether anybody could find it.
 *
 * @throws InputError for no hypothesis, or an error that is not a number
 */
export function bestOfK<T>(hypotheses: readonly T[], errorOf: (hypothesis: T) => number): T {
  assertInput(hypotheses.length > 0, "bestOfK: got no hypothesis; give at least one");
  const errors = hypotheses.map(errorOf);
  const bad = errors.findIndex(Number.isNaN);
  assertInput(bad < 0, `bestOfK: the error of hypothesis ${bad} is not a number`);
  return hypotheses[errors.indexOf(Math.min(...errors))];
}
