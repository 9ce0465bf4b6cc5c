import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ready } from "../../../src/backend";
import { startEnergy } from "../../../src/papers/energyTraining";
import type { PartContext } from "../../../src/papers/experiments/experiment";
import {
  type HypothesisArm,
  kendallTau,
  type SpeedRow,
  singleHypothesisParts,
} from "../../../src/papers/experiments/singleHypothesis";
import { presets } from "../../../src/papers/jointLearning";
import { saveModel } from "../../../src/training/checkpoint";

const folder = mkdtempSync(join(tmpdir(), "posediff-single-"));
const rankerPath = join(folder, "energy.safetensors");
beforeAll(async () => {
  await ready();
  const { parameters, ema } = startEnergy(presets.ablation, { seed: 0 });
  saveModel(rankerPath, parameters, ema, { preset: "ablation", network: "energy" });
});
afterAll(() => rmSync(folder, { recursive: true }));

const context: PartContext = { folder, signal: new AbortController().signal, progress: () => {} };

test("measures every row of Table 2 at the four thresholds, in frames per second and parameters", async () => {
  const results: Record<string, unknown> = {};
  for (const { name, measure } of singleHypothesisParts({ objects: 2, seeds: 2, rankerPath, timed: 1 })) {
    if (name === "K = 50") continue; // as K = 20, and slower
    results[name] = await measure(context);
  }
  const one = results["K = 1, exponential"] as HypothesisArm;
  expect(one).toMatchObject({ hypotheses: 1, ranker: false });
  expect(one.accuracy).toHaveLength(2);
  expect(one.accuracy.every((row) => row.length === 4 && row.every((x) => [0, 50, 100].includes(x)))).toBe(true);
  const { arms } = results["K = 20"] as { arms: Record<string, HypothesisArm> };
  expect(arms["ranked, best 60 %"]).toMatchObject({ hypotheses: 20, ranker: true });
  expect(arms["random 60 %"]).toMatchObject({ hypotheses: 20, ranker: false });
  const speed = results.speed as Record<string, SpeedRow>;
  expect(speed["K = 1, exponential"].parameters).toBeGreaterThan(0);
  expect(speed["K = 50, ranked, best 60 %"].parameters).toBeGreaterThan(speed["K = 50, random 60 %"].parameters);
});

test("kendallTau counts pairs", () => {
  expect(kendallTau([1, 2, 3], [10, 20, 30])).toBe(1);
  expect(kendallTau([1, 2, 3], [3, 2, 1])).toBe(-1);
  expect(kendallTau([1, 2, 3], [1, 3, 2])).toBeCloseTo(1 / 3, 12);
});
