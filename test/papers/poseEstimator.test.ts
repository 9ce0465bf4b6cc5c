import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { assertRotation, InputError } from "../../src/check";
import { proceduralSample } from "../../src/datasets/procedural/proceduralSample";
import { writeSafetensors } from "../../src/formats/safetensors";
import { samplePoints } from "../../src/geometry/pointcloud";
import { createParameters, type Parameters, parameterView } from "../../src/models/params";
import { errorsOf, singleHypothesis, summarize } from "../../src/papers/evaluation";
import type { PoseSampler } from "../../src/papers/finishedOde";
import { jointLearningParameters, presets } from "../../src/papers/jointLearning";
import {
  type EstimateOptions,
  embeddedCheckpoint,
  independentOde,
  loadPoseEstimator,
  type PoseEstimator,
} from "../../src/papers/poseEstimator";
import { Rng } from "../../src/random";
import { ddim } from "../../src/samplers/ddim";
import { probabilityFlowOde } from "../../src/samplers/probabilityFlowOde";
import { scoreScalings } from "../../src/samplers/scoreScaling";
import { saveModel, saveTrainingState } from "../../src/training/checkpoint";
import { createTrainingState } from "../../src/training/trainingState";

const folder = mkdtempSync(join(tmpdir(), "posediff-estimator-"));
const path = (name: string): string => join(folder, name);

/** The small networks, untrained but for a last layer that is not 0: the score then depends on the cloud. */
function randomModel(): Parameters {
  const parameters = createParameters(jointLearningParameters(presets.small), new Rng(1));
  const last = parameterView(parameters, "fusion_tail.2.weight");
  last.set(new Rng(2).normals(last.length).map((x) => 0.05 * x));
  return parameters;
}

/** Points on a tilted box a good half metre away. */
const cloudOf = (points: number): Float32Array =>
  Float32Array.from({ length: 3 * points }, (_, k) => {
    const u = new Rng(3).split(Math.floor(k / 3)).normals(3);
    const widest = Math.max(...u.map(Math.abs));
    return (0.05 * u[k % 3]) / widest + [0.1, -0.05, 0.6][k % 3];
  });
const cloud = cloudOf(300);

const parameters = randomModel();
let estimator: PoseEstimator;
beforeAll(async () => {
  await ready();
  saveModel(path("model.safetensors"), parameters, parameters.values, { preset: "small", step: 0 });
  estimator = loadPoseEstimator(path("model.safetensors"));
});
afterAll(() => {
  estimator.dispose();
  rmSync(folder, { recursive: true });
});

/** All of an answer but the time it took. */
const answer = (options: EstimateOptions, of: PoseEstimator = estimator): unknown => ({
  ...of.estimate(cloud, options),
  ms: 0,
});

describe("estimate", () => {
  test("gives a rotation, what it cost and the regression head's pose beside it", () => {
    const { pose, hypotheses, regression, nfe, ms, centroid, trajectory } = estimator.estimate(cloud);
    assertRotation("pose", pose.rotation);
    assertRotation("regression", regression.rotation);
    expect(hypotheses).toEqual([pose]);
    expect(nfe).toBeGreaterThan(10);
    expect(ms).toBeGreaterThan(0);
    expect(centroid[2]).toBeCloseTo(0.6, 1);
    expect(pose.translation.every(Number.isFinite)).toBe(true);
    expect(trajectory).toBeUndefined();
    expect(estimator.estimate(cloud, { options: { trajectory: true } }).trajectory!.x[0]).toHaveLength(9);
  });

  test("the feature is the mean over draws of points; a cloud that is read whole needs but one", () => {
    const { points } = estimator.config.encoder;
    const many = cloudOf(4 * points);
    const sets = samplePoints(many, points, new Rng(3).split("points"), 3);
    const apart = [0, 1, 2].map((d) => estimator.encode(sets.slice(3 * points * d, 3 * points * (d + 1))).feature);
    const { feature } = estimator.encode(many, { seed: 3, draws: 3 });
    feature.forEach((value, i) => {
      expect(value).toBeCloseTo((apart[0][i] + apart[1][i] + apart[2][i]) / 3, 5);
    });
    const few = cloudOf(points);
    expect(estimator.encode(few, { draws: 4 }).feature).toEqual(estimator.encode(few, { draws: 1 }).feature);
  });

  test("the same seed gives the same bits twice, also from the same file loaded anew; another seed does not", () => {
    const first = answer({ hypotheses: 2, seed: 4 });
    expect(answer({ hypotheses: 2, seed: 4 })).toEqual(first);
    expect(answer({ hypotheses: 2, seed: 5 })).not.toEqual(first);
    const again = loadPoseEstimator(path("model.safetensors"));
    expect(answer({ hypotheses: 2, seed: 4 }, again)).toEqual(first);
    again.dispose();
  });

  test("hypothesis k has the same bits whatever K is; the mean of several is a rotation", () => {
    const one = estimator.estimate(cloud);
    const five = estimator.estimate(cloud, { hypotheses: 5 });
    expect(five.hypotheses).toHaveLength(5);
    expect(five.hypotheses[0]).toEqual(one.hypotheses[0]);
    expect(five.hypotheses[1]).not.toEqual(five.hypotheses[0]);
    assertRotation("mean", five.pose.rotation);
    expect(five.nfe).toBeGreaterThan(one.nfe);
    expect(five.regression).toEqual(one.regression);
  });

  test.each<[string, PoseSampler]>([
    ["one ODE for all", probabilityFlowOde],
    ["DDIM", (score, z, options) => ddim(score, z, { ...options, sde: undefined, steps: 10 })],
    ["its default", independentOde],
  ])("takes %s as sampler", (_name, sampler) => {
    const { pose, nfe } = estimator.estimate(cloud, { hypotheses: 3, sampler });
    assertRotation("pose", pose.rotation);
    expect(nfe).toBeGreaterThanOrEqual(10);
  });

  test("moves with the cloud: the network sees it centred", () => {
    const moved = cloud.map((x, k) => x + [0.25, 0, 0.5][k % 3]);
    const [here, there] = [estimator.estimate(cloud), estimator.estimate(moved)];
    there.regression.translation.forEach((x, i) => {
      expect(x - here.regression.translation[i]).toBeCloseTo([0.25, 0, 0.5][i], 4);
    });
    there.regression.rotation.forEach((r, i) => {
      expect(r).toBeCloseTo(here.regression.rotation[i], 4);
    });
  });

  test.each<[string, () => unknown, RegExp]>([
    ["fewer than 50 points", () => estimator.estimate(cloud.subarray(0, 3 * 49)), /49 points; at least 50.*: use/],
    ["no points", () => estimator.estimate(new Float32Array()), /0 points; at least 50/],
    ["NaN", () => estimator.estimate(cloud.map((x, k) => (k === 7 ? Number.NaN : x))), /value 7 is NaN/],
    ["half a point", () => estimator.estimate(cloud.subarray(0, 400)), /no N × 3 cloud/],
    ["no hypotheses", () => estimator.estimate(cloud, { hypotheses: 0 }), /hypotheses is 0; give/],
    ["half a hypothesis", () => estimator.estimate(cloud, { hypotheses: 1.5 }), /hypotheses is 1.5; give/],
  ])("refuses %s in one sentence and leaks nothing", (_what, act, sentence) => {
    const tensors = tf.memory().numTensors;
    expectSentence(act, sentence);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

/** One line, of an InputError. */
function expectSentence(act: () => unknown, sentence: RegExp): void {
  let error: unknown;
  try {
    act();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(InputError);
  const { message } = error as InputError;
  expect(message).toMatch(sentence);
  expect(message).not.toContain("\n");
}

describe("loadPoseEstimator", () => {
  test("owns its tensors: 50 estimates leave their number as it is, dispose() brings it back to the start", () => {
    const start = tf.memory().numTensors;
    const own = loadPoseEstimator(path("model.safetensors"));
    const loaded = tf.memory().numTensors;
    expect(loaded).toBeGreaterThan(start);
    const sampler: PoseSampler = (score, z, options) => ddim(score, z, { ...options, sde: undefined, steps: 5 });
    for (let seed = 0; seed < 50; seed++) own.estimate(cloud, { seed, ...(seed < 5 ? {} : { sampler }) });
    expect(tf.memory().numTensors).toBe(loaded);
    own.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  const saved = (name: string, card: Record<string, unknown>, model: Parameters = parameters): string => {
    saveModel(path(name), model, model.values, card);
    return path(name);
  };
  test.each<[string, () => string, RegExp]>([
    ["a missing file", () => path("none.safetensors"), /cannot open .*none\.safetensors/],
    ["a folder", () => folder, /is not a file|cannot open/],
    ["an empty file", () => written("empty.safetensors", new Uint8Array()), /0 bytes/],
    ["text", () => written("text.safetensors", new TextEncoder().encode("weights ".repeat(9))), /no safetensors file/],
    [
      "a truncated checkpoint",
      () => written("cut.safetensors", readFileSync(path("model.safetensors")).subarray(0, 300_000)),
      /truncated/,
    ],
    [
      "a truncated header",
      () => written("head.safetensors", readFileSync(path("model.safetensors")).subarray(0, 100)),
      /truncated/,
    ],
    [
      "safetensors of another program",
      () =>
        written("foreign.safetensors", writeSafetensors(new Map([["w", { shape: [2], data: new Float32Array(2) }]]))),
      /its arrays are w, …: it comes from another program/,
    ],
    [
      "a training state",
      () => {
        saveTrainingState(path("state.safetensors"), createTrainingState(parameters));
        return path("state.safetensors");
      },
      /it is a training state/,
    ],
    [
      "another preset in the card",
      () => saved("paper.safetensors", { preset: "paper" }),
      /\(preset paper\) does not fit/,
    ],
    [
      "an unknown preset",
      () => saved("huge.safetensors", { preset: "huge" }),
      /huge\.safetensors names the preset "huge"; use/,
    ],
    ["no preset", () => saved("bare.safetensors", {}), /bare\.safetensors names no preset; use/],
    [
      "another network under the same preset",
      () =>
        saved(
          "net.safetensors",
          { preset: "small" },
          createParameters([{ name: "w", shape: [1], initial: () => [1] }], new Rng(0)),
        ),
      /w unknown to the network/,
    ],
  ])("refuses %s in one sentence and leaks nothing", (_what, file, sentence) => {
    const tensors = tf.memory().numTensors;
    const checkpoint = file();
    expectSentence(() => loadPoseEstimator(checkpoint), sentence);
    expect(tf.memory().numTensors).toBe(tensors);
  });
  function written(name: string, bytes: Uint8Array): string {
    writeFileSync(path(name), bytes);
    return path(name);
  }
});

describe.skipIf(!existsSync(embeddedCheckpoint))("the embedded checkpoint", () => {
  test("finds the axis of bottles, bowls and cans that it never saw: median error under 10°", () => {
    const trained = loadPoseEstimator();
    const method = singleHypothesis("K = 1, exponential", scoreScalings.exponential);
    const samples = (["bottle", "bowl", "can"] as const).flatMap((category) =>
      [0, 1, 2, 3].map((i) => proceduralSample("test", i, { maps: false, category })),
    );
    const [{ all }] = summarize([...errorsOf(trained, samples, [method])], [method]);
    trained.dispose();
    expect(all.objects).toBe(12);
    expect(all.medianDeg).toBeLessThan(10);
    expect(all.medianCm).toBeLessThan(3);
  });
});
