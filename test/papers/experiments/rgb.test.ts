import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ready } from "../../../src/backend";
import { objectCloud } from "../../../src/datasets/objectCloud";
import { photoSequence } from "../../../src/datasets/procedural/photoSequence";
import { proceduralPhoto } from "../../../src/datasets/procedural/proceduralPhoto";
import { column, norm } from "../../../src/geometry/vector";
import { createParameters } from "../../../src/models/params";
import { featureParts, viewFeatureSize } from "../../../src/models/viewEncoder";
import { startEnergy } from "../../../src/papers/energyTraining";
import type { PartContext } from "../../../src/papers/experiments/experiment";
import {
  type ModeSeekingResult,
  type ModeSeekingSpeed,
  modeSeekingParts,
} from "../../../src/papers/experiments/modeSeeking";
import { type RgbBandwidthsResult, rgbBandwidthsParts } from "../../../src/papers/experiments/rgbBandwidths";
import {
  type RgbArm,
  type RgbRankingResult,
  type RgbSeedResult,
  rgbHypothesesParts,
} from "../../../src/papers/experiments/rgbHypotheses";
import { type PoseShares, rgbMetricDepthParts } from "../../../src/papers/experiments/rgbMetricDepth";
import { type RgbTrackingArm, rgbTrackingParts } from "../../../src/papers/experiments/rgbTracking";
import { featureOfVariant, type RgbVariantResult, rgbVariantsParts } from "../../../src/papers/experiments/rgbVariants";
import { presets } from "../../../src/papers/jointLearning";
import { predictedMetricCloud } from "../../../src/papers/metricDepth";
import { rgbEnergyParameters } from "../../../src/papers/rgbEnergyTraining";
import { type RgbVariant, rgbPresets, rgbVariant } from "../../../src/papers/rgbMeanShift";
import { rgbSizePriors } from "../../../src/papers/rgbSizePriors";
import { startRgb } from "../../../src/papers/trainRgb";
import { Rng } from "../../../src/random";
import { saveModel } from "../../../src/training/checkpoint";

const folder = mkdtempSync(join(tmpdir(), "posediff-rgb-"));
const model = join(folder, "rgb.safetensors");
const rankerPath = join(folder, "energy.safetensors");
const rgbRanker = join(folder, "rgb-energy.safetensors");
beforeAll(async () => {
  await ready();
  const rgb = startRgb(rgbPresets.small, { seed: 0 });
  saveModel(model, rgb.parameters, rgb.ema, { preset: "small", network: "rgb", variant: "NGR", regression: true });
  const rgbEnergy = createParameters(rgbEnergyParameters(rgbPresets.small), new Rng(0));
  saveModel(rgbRanker, rgbEnergy, rgbEnergy.values, { preset: "small", network: "rgbEnergy", variant: "NGR" });
  const energy = startEnergy(presets.ablation, { seed: 0 });
  saveModel(rankerPath, energy.parameters, energy.ema, { preset: "ablation", network: "energy" });
});
afterAll(() => rmSync(folder, { recursive: true }));

const context: PartContext = { folder, signal: new AbortController().signal, progress: () => {} };
const isShare = (percent: number): boolean => percent >= 0 && percent <= 100;

test("hypotheses: every row of Tables 3 and 4, the oracle, the spread, the ceiling", async () => {
  const amount = { objects: 2, seeds: 1, hypotheses: 100, ranked: 1, priorObjects: 60, model, ranker: rgbRanker };
  const results: Record<string, unknown> = {};
  for (const { name, measure } of rgbHypothesesParts(amount)) results[name] = await measure(context);
  const seed = results["hypotheses, seed 0"] as RgbSeedResult;
  for (const k of [1, 10, 50, 100]) expect(isShare(seed.arms[`Mean Shift++, K = ${k}`]!.at10deg10cm)).toBe(true);
  const [oracle, one] = ["oracle, K = 50", "Mean Shift++, K = 1"].map((arm) => seed.arms[arm]!.at10deg10cm);
  expect(oracle).toBeGreaterThanOrEqual(one!);
  expect(seed.spread.symmetric.objects + seed.spread.other.objects).toBe(2);
  expect(seed.distanceRanks.unscaled.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 3);
  expect(Object.keys(seed.byCategory).length).toBe(2);
  const ranking = results["ranking, seed 0"] as RgbRankingResult;
  expect(Object.keys(ranking.arms)).toEqual([
    "mean of all",
    "energy, best 60 %",
    "likelihood, best 60 %",
    "Mean Shift++",
  ]);
  for (const rate of Object.values(ranking.framesPerSecond)) expect(rate).toBeGreaterThan(0);
  const ceiling = (results.ceiling as Record<string, RgbArm>)["proportions seen"]!;
  expect(ceiling.at10deg).toBe(100);
  expect(ceiling.medianBearingCm).toBeLessThan(1e-6);
  expect(ceiling.medianDistanceCm).toBeGreaterThan(0);
  expect(rgbSizePriors(12).laptop?.diagonal).toBeGreaterThan(0.2);
});

test("bandwidths: each part swept by itself, on photos of the validation split", async () => {
  const [part] = rgbBandwidthsParts({ objects: 2, hypotheses: 6, model });
  const { chosen, sweep } = (await part!.measure(context)) as unknown as RgbBandwidthsResult;
  for (const name of ["rotation", "translation", "size"] as const) {
    const rows = sweep[name];
    expect(rows.map(({ bandwidth }) => bandwidth)).toContain(chosen[name]);
    // The wider the window, the fewer the heaps: a law of a kernel that reaches ever more neighbours, at both ends.
    expect(rows.at(-1)!.modes).toBeLessThanOrEqual(rows[0]!.modes);
    for (const { narrow, wide, share } of rows) {
      expect(narrow).toBeLessThanOrEqual(wide);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(1);
    }
  }
});

test("metric depth: both networks on the same photos, from a right scale to a wrong one", async () => {
  const amount = { objects: 2, seeds: 1, hypotheses: 4, scales: [0, 0.3], model };
  const [part] = rgbMetricDepthParts(amount);
  const arms = (await part!.measure(context)) as Record<string, PoseShares>;
  expect(Object.keys(arms)).toEqual([
    "paper B, Mean Shift++",
    "point cloud, scale error 0",
    "point cloud, scale error 0.3",
  ]);
  expect(arms["point cloud, scale error 0.3"]!.medianCm).toBeGreaterThan(arms["point cloud, scale error 0"]!.medianCm);
});

test("a predicted metric cloud lies on the true rays, scaled", () => {
  const photo = proceduralPhoto("test", 3);
  const truth = objectCloud({ ...photo });
  const exact = predictedMetricCloud(photo, new Rng(1), { scale: 0, relief: 1, reliefDeviation: 0, pixel: 0 });
  truth.forEach((x, i) => {
    expect(exact[i]).toBeCloseTo(x, 5);
  });
  const far = predictedMetricCloud(photo, new Rng(1), { scale: 0.5, relief: 1, reliefDeviation: 0, pixel: 0 });
  const factor = far[2]! / truth[2]!;
  expect(Math.abs(factor - 1)).toBeGreaterThan(0.01);
  far.forEach((x, i) => {
    expect(x / factor).toBeCloseTo(truth[i]!, 4);
  });
  const none = { ...photo, mask: new Uint8Array(photo.mask.length) };
  expect(() => predictedMetricCloud(none, new Rng(1))).toThrow(/no pixel with depth/);
  const bad = { scale: -1, relief: 1, reliefDeviation: 0, pixel: 0 };
  expect(() => predictedMetricCloud(photo, new Rng(1), bad)).toThrow(/negative/);
});

test("a sequence begins where it stands, moves little by little and keeps the object in sight", () => {
  const { frame, category } = photoSequence("test", 0);
  const frames = [0, 1, 29].map(frame);
  expect(
    frames.every((photo) => photo.category === category && photo.size.every((s, i) => s === frames[0]!.size[i])),
  ).toBe(true);
  const step = (a: number, b: number): number =>
    norm(
      frames[a]!.pose.translation.map((x, i) => x - frames[b]!.pose.translation[i]!) as unknown as [
        number,
        number,
        number,
      ],
    );
  expect(step(0, 1)).toBeGreaterThan(0);
  expect(step(0, 1)).toBeLessThan(0.02);
  expect(step(0, 2)).toBeGreaterThan(step(0, 1));
  // The camera goes around: the table's up axis stays where it was but for tilt and roll.
  const up = frames.map(({ pose }) => column(pose.rotation, 1));
  expect(up[0]!.reduce((sum, x, i) => sum + x * up[2]![i]!, 0)).toBeGreaterThan(0.95);
  expect(frame(1).rgb).toEqual(frames[1]!.rgb);
  expect(() => photoSequence("test", -1)).toThrow(/index is -1/);
  expect(() => frame(0.5)).toThrow(/frame 0.5/);
});

test("tracking: all arms, with their calls", async () => {
  const [part] = rgbTrackingParts({ sequences: 1, frames: 2, seeds: 1, hypotheses: 3, model });
  const arms = (await part!.measure(context)) as unknown as Record<string, RgbTrackingArm>;
  expect(Object.keys(arms)).toEqual(["tracking", "tracking, T₀ = 0.3", "from scratch"]);
  for (const warm of ["tracking", "tracking, T₀ = 0.3"])
    expect(arms[warm]!.nfe).toBeLessThan(arms["from scratch"]!.nfe);
  expect(isShare(arms.tracking!.at10deg10cm)).toBe(true);
});

test("variants: heads on the frozen encoder, each without what it must not see", async () => {
  const amount = { checkpoint: model, batches: 1, steps: 2, objects: 1, hypotheses: 2, trainings: 1 };
  const parts = rgbVariantsParts(amount);
  const variants = ["NGR", "NG", "NC", "all"].map((variant) => `${variant}, seed 0`);
  expect(parts.map(({ name }) => name)).toEqual([...variants, "category in the features"]);
  const results = [];
  for (const { measure } of parts.slice(0, 4)) results.push((await measure(context)) as unknown as RgbVariantResult);
  // A single photo has no other one beside it.
  expect(await parts[4]!.measure(context)).toEqual({ rgb: 0, geometry: 0, global: 0 });
  for (const { steps, loss, arm } of results) {
    expect(steps).toBe(2);
    expect(loss).toBeGreaterThan(0);
    expect(isShare(arm.at10cm)).toBe(true);
  }
});

test("a variant's feature is the whole one without its missing part", () => {
  const full = rgbPresets.small.encoder;
  const rows = Float32Array.from({ length: 2 * viewFeatureSize(full) }, (_, i) => i);
  const parts = featureParts(full);
  const without = (variant: RgbVariant): Float32Array =>
    featureOfVariant(full, rgbVariant(rgbPresets.small, variant).encoder, rows);
  expect(without("NGR")).toBe(rows);
  const [from, to] = parts.category;
  const kept = [...rows].filter((i) => i % viewFeatureSize(full) < from || i % viewFeatureSize(full) >= to);
  expect([...without("NC")]).toEqual(kept);
  expect([...without("NG")]).toEqual([...rows].filter((i) => i % viewFeatureSize(full) < parts.global[0]));
});

test("Mean Shift++ and the ranker in paper A's pipeline, on the same hypotheses", async () => {
  const amount = { objects: 1, choosing: 1, seeds: 1, hypotheses: 8, timed: 1, rankerPath };
  const [accuracy, speed] = modeSeekingParts(amount);
  const result = (await accuracy!.measure(context)) as unknown as ModeSeekingResult;
  expect(result.sweep).toHaveLength(16);
  expect(Object.keys(result.accuracy)).toEqual(["mean of all", "random 60 %", "ranked, best 60 %", "Mean Shift++"]);
  const times = (await speed!.measure(context)) as unknown as ModeSeekingSpeed;
  expect(times["Mean Shift++"]!.toOneMs).toBeLessThan(times["ranked, best 60 %"]!.toOneMs);
});
