import { expect, test } from "vitest";
import { aggregationParts } from "../../../src/papers/experiments/aggregation";
import { seenUnseenParts } from "../../../src/papers/experiments/seenUnseen";
import { featureStepName, templateFeaturesParts } from "../../../src/papers/experiments/templateFeatures";
import { toyMatching } from "../../../src/papers/experiments/toyMatching";
import { defaultContrastiveRun } from "../../../src/papers/templates/contrastivePairs";
import { cellColors } from "../templates/cellColors";

const descriptor = cellColors();

test("toys are matched the same way each time, and shares are percents", async () => {
  const context = { folder: "", signal: new AbortController().signal, progress: () => {} };
  const amount = { objects: 2, pictures: 3 };
  const score = await toyMatching(descriptor, amount, context);
  expect(await toyMatching(descriptor, amount, context)).toEqual(score);
  expect(score.clear.byObject.length).toBe(2);
  expect(score.layers).toEqual([{ clear: score.clear, occluded: score.occluded }]);
  expect(score.views[0].count).toBeLessThan(score.views[1].count);
  expect(score.views[2]).toEqual({ count: 301, clear: score.clear.mean, occluded: score.occluded.mean });
  for (const value of [score.clear.mean, score.occluded.mean, score.pooled.clear, score.pooled.occluded]) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(100);
  }
  const stopped = new AbortController();
  stopped.abort();
  await expect(toyMatching(descriptor, amount, { ...context, signal: stopped.signal })).rejects.toThrow("stopped");
}, 120_000);

test("the parts have names of their own", () => {
  const names = [
    ...templateFeaturesParts({ objects: 1, pictures: 1 }),
    ...aggregationParts(defaultContrastiveRun, { objects: 1, pictures: 1 }, [0, 1]),
    ...seenUnseenParts(defaultContrastiveRun, { objects: 1, pictures: 1 }, [0, 1]).map(({ name }) => ({
      name: `C4 ${name}`,
    })),
  ].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain(featureStepName(0));
  expect(names).toContain("CWA, seed 1");
});
