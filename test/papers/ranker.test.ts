import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tf } from "../../src/backend";
import { objectCloud } from "../../src/datasets/objectCloud";
import { proceduralSample } from "../../src/datasets/procedural/proceduralSample";
import { bestOf, rankPoses } from "../../src/estimation/energyRanking";
import { meanPose } from "../../src/estimation/meanPose";
import { createParameters, parameterView } from "../../src/models/params";
import { defaultEnergyRun, trainEnergyModel } from "../../src/papers/energyTraining";
import { jointLearningParameters, presets } from "../../src/papers/jointLearning";
import { loadPoseEstimator, type PoseEstimator } from "../../src/papers/poseEstimator";
import { loadRanker, type Ranker } from "../../src/papers/ranker";
import { trainJointModel } from "../../src/papers/trainJointModel";
import { Rng } from "../../src/random";
import { saveModel } from "../../src/training/checkpoint";
import { tinyRun } from "./tinyModel";

const folder = mkdtempSync(join(tmpdir(), "posediff-ranker-"));
const signal = new AbortController().signal;
let ranker: Ranker;
let estimator: PoseEstimator;
let jointPath: string;
let energyPath: string;

beforeAll(async () => {
  const config = presets.ablation;
  const run = { ...tinyRun, pretrainSteps: 1, jointSteps: 1 };
  ({ path: jointPath } = await trainJointModel({ config, run, folder: join(folder, "joint"), signal }));
  const energyRun = { ...defaultEnergyRun, steps: 2, batchSize: 4, draws: 2, poolSize: 8 };
  ({ path: energyPath } = await trainEnergyModel({
    config,
    run: energyRun,
    folder: join(folder, "energy"),
    start: jointPath,
    signal,
  }));
  estimator = loadPoseEstimator(jointPath);
  ranker = loadRanker(energyPath);
});

afterAll(() => {
  estimator.dispose();
  ranker.dispose();
  rmSync(folder, { recursive: true });
});

const cloud = objectCloud(proceduralSample("test", 3, { maps: false }));

test("is a model of its own: other kinds are refused in a sentence", () => {
  expect(ranker.card).toMatchObject({ preset: "ablation", network: "energy", step: 2, totalSteps: 2 });
  expect(() => loadRanker(jointPath)).toThrow(/is no energy network; use a model of `posediff train --network energy`/);
  expect(() => loadPoseEstimator(energyPath)).toThrow(/does not fit this network/);
});

test("an estimate with a ranker is the mean of the best 60 %, ranked by the energies it gives", () => {
  const tensors = tf.memory().numTensors;
  const { pose, hypotheses, ranked } = estimator.estimate(cloud, { hypotheses: 5, ranker, seed: 4 });
  expect(tf.memory().numTensors).toBe(tensors);
  const energies = ranker.energies(cloud, hypotheses, { seed: 4 });
  expect(ranked).toEqual(rankPoses(hypotheses, energies));
  expect(pose).toEqual(meanPose(bestOf(ranked?.poses ?? [])));
  expect(hypotheses).toEqual(estimator.estimate(cloud, { hypotheses: 5, seed: 4 }).hypotheses);
});

test("a ranker does not depend on how many it ranks, and one hypothesis is the answer as it is", () => {
  const { hypotheses } = estimator.estimate(cloud, { hypotheses: 4 });
  const all = ranker.energies(cloud, hypotheses);
  expect(ranker.energies(cloud, hypotheses.slice(2, 3)).rotation[0]).toBe(all.rotation[2]);
  const { pose, hypotheses: only } = estimator.estimate(cloud, { ranker });
  expect(pose).toEqual(only[0]);
});

test("begun from a score network it keeps encoder and hidden layers and starts at energy 0 with a small loss", async () => {
  const steps: number[] = [];
  await trainEnergyModel({
    config: presets.ablation,
    run: { ...defaultEnergyRun, steps: 1, batchSize: 2, draws: 4, poolSize: 4 },
    folder: join(folder, "adapted"),
    start: scoreModel(),
    signal,
    progress: (_, note) => steps.push(Number(/energy ([\d.]+)/.exec(note)?.[1])),
  });
  expect(steps[0]).toBeLessThan(12);
});

/** A model whose last layer is not 0, as a trained one's. */
function scoreModel(): string {
  const parameters = createParameters(jointLearningParameters(presets.ablation), new Rng(0));
  const rng = new Rng(1);
  parameterView(parameters, "fusion_tail.2.weight").forEach((_, i, view) => {
    view[i] = rng.normal();
  });
  const path = join(folder, "strong.safetensors");
  saveModel(path, parameters, parameters.values, { preset: "ablation" });
  return path;
}
