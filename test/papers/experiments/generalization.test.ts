import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ready } from "../../../src/backend";
import type { ViewRange } from "../../../src/datasets/procedural/view";
import {
  type CrossCategoryResult,
  crossCategory,
  crossCategoryArms,
  crossCategoryParts,
  type WithoutLooking,
  withoutLooking,
} from "../../../src/papers/experiments/crossCategory";
import {
  type DiscreteModesResult,
  discreteModes,
  discreteModesParts,
} from "../../../src/papers/experiments/discreteModes";
import type { ExperimentPart } from "../../../src/papers/experiments/experiment";
import { Interrupted } from "../../../src/papers/interrupted";
import { tinyRun } from "../tinyModel";

const folder = mkdtempSync(join(tmpdir(), "posediff-generalization-"));
beforeAll(ready);
afterAll(() => rmSync(folder, { recursive: true }));

const run = { ...tinyRun, pretrainSteps: 1, jointSteps: 1 };
const signal = (): AbortSignal => new AbortController().signal;
const measure = async <T>(part: ExperimentPart, told: (share: number) => void = () => {}): Promise<T> =>
  (await part.measure({ folder: join(folder, part.name), signal: signal(), progress: told })) as unknown as T;

test("every arm is trained with every seed; an arm is measured on what it left out", async () => {
  const arms = [0, 1].flatMap((seed) => crossCategoryArms.map((arm) => `${arm}, seed ${seed}`));
  expect(crossCategory.parts().map(({ name }) => name)).toEqual([...arms, withoutLooking]);
  const [all, withoutBowl] = crossCategoryParts({ run, objects: 2 }, [0]);
  const [seen, unseen] = [await measure<CrossCategoryResult>(all!), await measure<CrossCategoryResult>(withoutBowl!)];
  expect(Object.keys(seen.scores)).toEqual(["bowl", "bottle"]);
  expect(Object.keys(unseen.scores)).toEqual(["bowl"]);
  expect(unseen).toMatchObject({ steps: 2, objects: 2 });
  expect(unseen.scores.bowl!.guided.accuracy).toHaveLength(4);
  // Other batches, another network.
  expect(unseen.scores.bowl!.regression.medianDeg).not.toBe(seen.scores.bowl!.regression.medianDeg);
});

test("without looking: the narrower the views, the better the guess; never that of one who looks", async () => {
  const guess = async (views: ViewRange): Promise<WithoutLooking> =>
    measure<WithoutLooking>(crossCategoryParts({ run: { ...run, views }, objects: 60 }, []).at(-1)!);
  const [wide, tabletop] = [await guess("wide"), await guess("tabletop")];
  for (const category of ["bowl", "bottle"] as const) {
    // Elevations of 8–80° lie on average 18° from their mean, of 15–55° 10°; roll and place in the image come on top.
    expect(wide[category].medianDeg).toBeGreaterThan(18);
    expect(tabletop[category].medianDeg).toBeLessThan(wide[category].medianDeg - 3);
    expect(tabletop[category].medianDeg).toBeGreaterThan(10);
    expect(tabletop[category].medianCm).toBeLessThan(6);
  }
});

test("the shares at the two poses of every box, by schedule; the same again", async () => {
  expect(discreteModes.parts().map(({ name }) => name)).toEqual(["seed 0", "seed 1"]);
  const [part] = discreteModesParts({ run, objects: 2, hypotheses: 6 }, [5]);
  const shares: number[] = [];
  const result = await measure<DiscreteModesResult>(part!, (share) => shares.push(share));
  for (const { shares, within, bothModes } of Object.values(result.schedules)) {
    expect(shares).toHaveLength(2);
    expect(within).toBeCloseTo(shares.flat().reduce((a, b) => a + b, 0) / 2, 4);
    expect([0, 0.5, 1]).toContain(bothModes);
  }
  expect(shares.at(-1)).toBe(1);
  // A part whose training is done goes straight to the measurement.
  expect(await measure<DiscreteModesResult>(part!)).toEqual(result);
});

test("a stop is told as such, in training", async () => {
  const stopped = new AbortController();
  stopped.abort();
  const [part] = discreteModesParts({ run, objects: 1, hypotheses: 2 }, [6]);
  await expect(
    part!.measure({ folder: join(folder, "stopped"), signal: stopped.signal, progress: () => {} }),
  ).rejects.toThrow(Interrupted);
});
