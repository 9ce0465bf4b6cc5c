/**
 * @file Which objects paper C, as template-pose, trains on and which it keeps from training (sections 4.1.1, 4.3.2).
 */
import { meanOfNumbers } from "../../metrics/averages";

/** Objects by their numbers in BOP's sets. */
export interface PaperSplit {
  seen: readonly number[];
  unseen: readonly number[];
}

/** LINEMOD's 13 objects; BOP's bowl (3) and cup (7) are in no split. */
const linemod = [1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15];
const without = (...unseen: number[]): PaperSplit => ({ seen: linemod.filter((id) => !unseen.includes(id)), unseen });
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Unseen: ape, benchvise, camera, can; cat, driller, duck, eggbox; glue, holepuncher, iron, lamp, phone; T-LESS 19–30. */
export const paperSplits: Readonly<Record<"lm-1" | "lm-2" | "lm-3" | "tless", PaperSplit>> = {
  "lm-1": without(1, 2, 4, 5),
  "lm-2": without(6, 8, 9, 10),
  "lm-3": without(11, 12, 13, 14, 15),
  tless: { seen: range(1, 18), unseen: range(19, 30) },
};

/** Means over the objects of each side that have a score; undefined for a side without any. */
export function splitMeans(
  { seen, unseen }: PaperSplit,
  byObject: Readonly<Record<number, number>>,
): Partial<Record<keyof PaperSplit, number>> {
  const mean = (ids: readonly number[]): number | undefined => {
    const scores = ids.flatMap((id) => byObject[id] ?? []);
    return scores.length > 0 ? meanOfNumbers(scores) : undefined;
  };
  return { seen: mean(seen), unseen: mean(unseen) };
}
