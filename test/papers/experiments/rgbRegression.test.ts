import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { PartContext } from "../../../src/papers/experiments/experiment";
import { type RgbRegressionResult, rgbRegressionParts } from "../../../src/papers/experiments/rgbRegression";
import { defaultRgbRun } from "../../../src/papers/trainRgb";

const folder = mkdtempSync(join(tmpdir(), "posediff-rgb-head-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("with and without the head: the same steps, scored as one hypothesis and as the mode of all", async () => {
  const run = { ...defaultRgbRun, steps: 1, batchSize: 2, visits: 1, draws: 2 };
  const parts = rgbRegressionParts({ run, objects: 1, hypotheses: 3, trainings: 1 });
  expect(parts.map(({ name }) => name)).toEqual(["score matching alone, seed 0", "with regression head, seed 0"]);
  for (const [i, { measure }] of parts.entries()) {
    const context: PartContext = {
      folder: join(folder, String(i)),
      signal: new AbortController().signal,
      progress: () => {},
    };
    const { steps, single, mode } = (await measure(context)) as unknown as RgbRegressionResult;
    expect(steps).toBe(1);
    for (const arm of [single, mode]) expect(arm.at10deg).toBeGreaterThanOrEqual(0);
    expect(mode.medianCm).toBeGreaterThan(0);
  }
});
