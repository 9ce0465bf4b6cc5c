import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../../src/backend";
import { objectCloud } from "../../../src/datasets/objectCloud";
import { proceduralSample } from "../../../src/datasets/procedural/proceduralSample";
import { poseError } from "../../../src/metrics/poseError";
import { createParameters } from "../../../src/models/params";
import { paperScoreNetwork } from "../../../src/models/scoreNetwork";
import type { ExperimentPart, PartContext } from "../../../src/papers/experiments/experiment";
import { experiments } from "../../../src/papers/experiments/experiments";
import { type FrozenFeatureResult, frozenFeatureParts } from "../../../src/papers/experiments/frozenFeature";
import { hardObjectsParts } from "../../../src/papers/experiments/hardObjects";
import { jointLearningArms } from "../../../src/papers/experiments/jointLearning";
import { jointWeightsParts } from "../../../src/papers/experiments/jointWeights";
import {
  armCurves,
  type CurveSettings,
  curveParts,
  defaultCurve,
  type LearningCurve,
  meanCurve,
  stepsToReach,
} from "../../../src/papers/experiments/learningCurve";
import { longPretrainingParts } from "../../../src/papers/experiments/longPretraining";
import { inPaperForm, paperFormParts } from "../../../src/papers/experiments/paperFormLearning";
import { preconditioningParts } from "../../../src/papers/experiments/preconditioning";
import { pretrainingParts } from "../../../src/papers/experiments/pretraining";
import { rotationLossParts } from "../../../src/papers/experiments/rotationLoss";
import { Interrupted } from "../../../src/papers/interrupted";
import { type JointLearningConfig, jointLearningParameters, presets } from "../../../src/papers/jointLearning";
import { embeddedCheckpoint, loadPoseEstimator } from "../../../src/papers/poseEstimator";
import { testClouds, testErrors } from "../../../src/papers/testClouds";
import { Rng } from "../../../src/random";
import { loadModel, loadParameters } from "../../../src/training/checkpoint";
import { tinyConfig } from "../tinyModel";

const folder = mkdtempSync(join(tmpdir(), "posediff-learning-"));
beforeAll(ready);
afterAll(() => rmSync(folder, { recursive: true }));

const tiny: CurveSettings = { ...defaultCurve, batchSize: 4, draws: 2, poolSize: 8, every: 2, objects: 3, noises: 2 };
const contextOf = (name: string, signal = new AbortController().signal): PartContext => {
  const own = join(folder, name);
  return { folder: own, signal, progress: () => {} };
};
const curveOf = async (part: ExperimentPart, name: string): Promise<LearningCurve> =>
  (await part.measure(contextOf(name))) as unknown as LearningCurve;

describe("testErrors", () => {
  test("the regression head's errors are those of the estimator, object by object; no tensor is left", async () => {
    const config = presets.small;
    const parameters = createParameters(jointLearningParameters(config), new Rng(0));
    loadParameters(parameters, loadModel(embeddedCheckpoint));
    const clouds = testClouds(config.encoder, 4);
    expect(testClouds(config.encoder, 4)).toBe(clouds);
    const before = tf.memory().numTensors;
    const { regression, guided } = testErrors(config, parameters, clouds, { noises: 5 });
    expect(tf.memory().numTensors).toBe(before);
    const estimator = loadPoseEstimator();
    clouds.truths.forEach(({ symmetry, category }, i) => {
      const sample = proceduralSample("test", i, { maps: false });
      const expected = poseError(estimator.encode(objectCloud(sample), { draws: 1 }).regression, sample.pose, symmetry);
      expect(category).toBe(sample.category);
      expect(regression[i].errorDeg).toBeCloseTo(expected.errorDeg, 2);
      expect(regression[i].errorCm).toBeCloseTo(expected.errorCm, 3);
    });
    estimator.dispose();
    expect(guided.map((row) => row.length)).toEqual([5, 5, 5, 5]);
    // A bottle and a bowl of the trained network: most of the noises end near the truth.
    expect(guided.flat().filter(({ errorDeg }) => errorDeg < 15).length).toBeGreaterThan(8);
  });
});

describe("the experiments on learning, in their smallest size", () => {
  const steps = { pretraining: 2, diffusion: 2 };

  test("each arm gives a curve over all of its steps, and another seed another one", async () => {
    const parts = [
      ...pretrainingParts(tinyConfig, steps, tiny, [0, 1]),
      ...curveParts(jointLearningArms(tinyConfig, { pretraining: 2, total: 4 }), tiny, [0]),
      ...jointWeightsParts(tinyConfig, { pretraining: 2, total: 4 }, tiny, [0]),
      ...rotationLossParts(tinyConfig, 2, tiny, [0]),
      ...preconditioningParts(tinyConfig, 2, tiny, [0]),
      ...paperFormParts(tinyConfig, { pretraining: 2, total: 4 }, tiny, [4]),
      ...longPretrainingParts(tinyConfig, { pretraining: 4, compared: 2 }, tiny, [5]),
    ];
    expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
    const lengths: Record<string, number> = {};
    for (const part of parts) {
      if (/seed 1/.test(part.name) && !/^none/.test(part.name)) continue;
      const curve = await curveOf(part, part.name);
      lengths[part.name.replace(/, seed 0/, "")] = curve.step[curve.step.length - 1];
      expect(curve.guided).toHaveLength(curve.step.length);
      for (const row of [...curve.guided, ...curve.regression]) {
        expect(row).toHaveLength(4);
        expect(row.every((percent) => percent >= 0 && percent <= 100)).toBe(true);
      }
    }
    expect(lengths).toMatchObject({ regression: 4, classification: 4, reconstruction: 4, none: 2, "from scratch": 4 });
    expect(lengths).toMatchObject({ "pre-trained, then joint": 4, "regression alone": 4, geodesic: 2, L2: 2 });
    expect(lengths).toMatchObject({ "the paper's form": 2, preconditioned: 2 });
  });

  test("the paper's form has the paper's network's form in the sizes of the preset", () => {
    const { score, timeFocus, encoder } = inPaperForm(presets.ablation);
    const { form, fourierScale } = { form: paperScoreNetwork.preconditioning, ...paperScoreNetwork.time };
    expect([score.preconditioning, score.time.fourierScale]).toEqual([form, fourierScale]);
    expect([timeFocus, encoder]).toEqual([presets.paper.timeFocus, presets.ablation.encoder]);
    const count = (config: JointLearningConfig): number =>
      createParameters(jointLearningParameters(config), new Rng(0)).trainableCount;
    expect(count(inPaperForm(presets.ablation))).toBe(count(presets.ablation));
  });

  test("a part that is stopped goes on in its folder to the same curve", async () => {
    const part = pretrainingParts(tinyConfig, { pretraining: 2, diffusion: 4 }, tiny, [3])[0];
    const unbroken = await curveOf(part, "unbroken");
    const stop = new AbortController();
    const context = { ...contextOf("cut", stop.signal), progress: () => {} };
    setTimeout(() => stop.abort(), 0);
    await expect(part.measure(context)).rejects.toThrow(Interrupted);
    expect(await curveOf(part, "cut")).toEqual(unbroken);
  });

  test("hardObjects tells errors and what is seen of every object", async () => {
    for (const part of hardObjectsParts({ objects: 2, hypotheses: 3 })) {
      const rows = (await part.measure(contextOf(`hard ${part.name}`))) as unknown as Record<string, number>[];
      expect(rows).toHaveLength(2);
      for (const row of rows) {
        expect(row.visibleShare).toBeGreaterThan(0.3);
        expect(row.elevationDeg).toBeGreaterThan(-30);
        expect(row.guidedDeg).toBeGreaterThanOrEqual(0);
        expect(row.bestDeg).toBeLessThanOrEqual(180);
        expect(row.nearTruth).toBeGreaterThanOrEqual(0);
      }
    }
  });

  test("frozenFeature trains heads on features that stay, and scores each with the same noises", async () => {
    const amount = {
      config: presets.small,
      checkpoint: embeddedCheckpoint,
      batches: 9,
      unseen: 2,
      steps: 2,
      lossBatches: 1,
      objects: 2,
      seeds: 2,
    };
    const results: Record<string, FrozenFeatureResult> = {};
    for (const part of frozenFeatureParts(amount))
      results[part.name] = (await part.measure(contextOf(`frozen ${part.name}`))) as unknown as FrozenFeatureResult;
    const shipped = results["as shipped"];
    expect([shipped.steps, shipped.clouds, shipped.loss.own]).toEqual([0, 0, undefined]);
    for (const [name, { steps, clouds, loss, accuracy, byCategory }] of Object.entries(results)) {
      expect(accuracy.exponential.map((row) => row.length)).toEqual([4, 4]);
      expect(Object.keys(byCategory)).toEqual(["bottle", "bowl"]);
      if (name === "as shipped") continue;
      expect([steps, clouds]).toEqual([2, name.includes("eighth") ? 64 : 288]);
      // A new head cannot know anything after two steps, whatever clouds it is asked about.
      for (const value of [loss.own!, loss.unseen]) expect(value).toBeGreaterThan(shipped.loss.unseen);
    }
  });

  test("each is known by its name and says what decides", () => {
    for (const name of [
      "pretraining",
      "jointLearning",
      "rotationLoss",
      "preconditioning",
      "hardObjects",
      "frozenFeature",
    ]) {
      const found = experiments.find((experiment) => experiment.name === name);
      expect(found?.question.length).toBeGreaterThan(80);
      expect(found?.parts().length).toBeGreaterThan(2);
    }
  });
});

test("armCurves gathers seeds, meanCurve averages them, stepsToReach finds the first step", () => {
  const curve = (scale: number) => ({
    step: [100, 200],
    guided: [
      [0, 0, 0, scale],
      [0, 0, 0, 2 * scale],
    ],
    regression: [],
  });
  const parts = { "a, seed 0": curve(10), "b, seed 0": curve(1), "a, seed 1": curve(20) };
  const [a, b] = armCurves({ parts: parts as never });
  expect(a).toEqual({
    name: "a",
    x: [100, 200],
    runs: [
      [10, 20],
      [20, 40],
    ],
  });
  expect(b.runs).toEqual([[1, 2]]);
  expect(meanCurve(a)).toEqual([15, 30]);
  expect(stepsToReach(a.x, meanCurve(a), 16)).toBe(200);
  expect(stepsToReach(a.x, meanCurve(a), 31)).toBeNaN();
});
