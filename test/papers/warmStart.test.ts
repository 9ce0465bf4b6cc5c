import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import { createParameters, type Parameters, weightsOf } from "../../src/models/params";
import { encode } from "../../src/models/pointNet2";
import { regress } from "../../src/models/regressionHead";
import { scaledScore } from "../../src/models/scoreNetwork";
import { type JointLearningConfig, jointLearningParameters } from "../../src/papers/jointLearning";
import { poseBatches } from "../../src/papers/poseBatch";
import { Rng } from "../../src/random";
import { loadModel, replaceCard, saveModel } from "../../src/training/checkpoint";
import { grownScoreHeads } from "../../src/training/grownScoreHeads";
import { warmStart } from "../../src/training/warmStart";
import { tinyBatches, tinyConfig } from "./tinyModel";

const wide: JointLearningConfig = {
  ...tinyConfig,
  encoder: { ...tinyConfig.encoder, groupAll: [[32, 64]] },
  regression: { widths: [64, 16, 9] },
  score: { ...tinyConfig.score, featureSize: 64 },
};

const parametersOf = (config: JointLearningConfig, seed: number): Parameters => {
  const parameters = createParameters(jointLearningParameters(config), new Rng(seed));
  // The heads' last layers start at zero: give every array numbers, so that each of them matters.
  const rng = new Rng(seed).split("fill");
  for (let i = 0; i < parameters.trainableCount; i++) parameters.values[i] = rng.normal(0, 0.2);
  return parameters;
};

/** Regressed poses and scores of a batch. */
function outputsOf(config: JointLearningConfig, parameters: Parameters): Float32Array[] {
  const { grouping, draws } = poseBatches(tinyBatches)(0);
  return tf.tidy(() => {
    const weights = weightsOf(parameters);
    const { feature } = encode(weights, config.encoder, grouping);
    const x = tf.tensor2d(draws.noised, [draws.t.length, 9]);
    const score = scaledScore(weights, config.score, { feature, x, t: draws.t, sigma: draws.deviation });
    return [regress(weights, config.regression, feature), score].map((y) => y.dataSync() as Float32Array);
  });
}

describe("warmStart", () => {
  const folder = mkdtempSync(join(tmpdir(), "posediff-warm-"));
  const path = join(folder, "narrow.safetensors");
  const narrow = parametersOf(tinyConfig, 1);
  beforeAll(async () => {
    await ready();
    saveModel(path, narrow, narrow.values, { preset: "small" });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("copies a network of the same size", () => {
    const same = parametersOf(tinyConfig, 2);
    warmStart(same, loadModel(path));
    expect(same.values).toEqual(narrow.values);
  });

  it("grows a narrower network into one that computes the same", () => {
    const grown = parametersOf(wide, 2);
    const before = outputsOf(wide, grown);
    warmStart(grown, loadModel(path));
    const [was, is] = [outputsOf(tinyConfig, narrow), outputsOf(wide, grown)];
    was.forEach((numbers, k) => {
      const most = Math.max(...numbers.map((value, i) => Math.abs(value - is[k]![i]!)));
      expect(most).toBeLessThan(1e-4);
      expect(before[k]).not.toEqual(is[k]);
    });
  });

  it.each([
    ["wider", { hidden: 24 }],
    ["deeper", { headLayers: 3 as const }],
    ["wider and deeper", { hidden: 19, headLayers: 3 as const }],
  ])("grows heads into %s ones that compute the same", (_, change) => {
    const config = { ...tinyConfig, score: { ...tinyConfig.score, ...change } };
    const model = grownScoreHeads(loadModel(path), config.score);
    const grown = parametersOf(config, 2);
    warmStart(grown, model);
    const [was, is] = [outputsOf(tinyConfig, narrow)[1]!, outputsOf(config, grown)[1]!];
    expect(Math.max(...was.map((value, i) => Math.abs(value - is[i]!)))).toBeLessThan(1e-4);
    // New units read and are read once they have learned: not all of their numbers are 0.
    const first = model.values.get("fusion_tail.0.point")!.data;
    expect(first.filter((x) => x !== 0).length).toBe(first.length);
    expect(grownScoreHeads(model, config.score)).toBe(model);
    const wideModel = { ...model, path: "grown" };
    expect(() => grownScoreHeads(wideModel, tinyConfig.score)).toThrow(/neither wider nor deeper/);
  });

  it("heads of three layers grow as well, and only with their encoder", () => {
    const deep = { ...tinyConfig, score: { ...tinyConfig.score, headLayers: 3 as const } };
    const deepParameters = parametersOf(deep, 6);
    const deepPath = join(folder, "deep.safetensors");
    saveModel(deepPath, deepParameters, deepParameters.values, { preset: "small" });
    const config = { ...deep, score: { ...deep.score, hidden: 20 } };
    const grown = parametersOf(config, 7);
    warmStart(grown, grownScoreHeads(loadModel(deepPath), config.score));
    const [was, is] = [outputsOf(deep, deepParameters)[1]!, outputsOf(config, grown)[1]!];
    expect(Math.max(...was.map((value, i) => Math.abs(value - is[i]!)))).toBeLessThan(1e-4);
    expect(() => grownScoreHeads(loadModel(deepPath), { ...config.score, featureSize: 64 })).toThrow(/one encoder/);
  });

  it("refuses a wider model", () => {
    const big = parametersOf(wide, 3);
    const bigPath = join(folder, "wide.safetensors");
    saveModel(bigPath, big, big.values, { preset: "small" });
    expect(() => warmStart(parametersOf(tinyConfig, 4), loadModel(bigPath))).toThrow(
      /start from one that is not wider/,
    );
  });

  it("replaceCard changes the card and leaves the arrays", () => {
    replaceCard(path, { preset: "small", scores: [1, 2] });
    const { card, values } = loadModel(path);
    expect(card).toEqual({ preset: "small", scores: [1, 2] });
    const same = parametersOf(tinyConfig, 5);
    warmStart(same, { path, card, values });
    expect(same.values).toEqual(narrow.values);
  });
});
