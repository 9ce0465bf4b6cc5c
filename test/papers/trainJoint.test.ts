import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { centroid } from "../../src/geometry/pointcloud";
import { parameterView, weightsOf } from "../../src/models/params";
import { encode } from "../../src/models/pointNet2";
import type * as batchStreamModule from "../../src/papers/batchStream";
import {
  headLossesOf,
  type JointLearningConfig,
  jointLoss,
  type Phase,
  withPretextHeads,
} from "../../src/papers/jointLearning";
import { poseBatches } from "../../src/papers/poseBatch";
import {
  type JointRun,
  type JointStep,
  type PhasedRun,
  startJoint,
  type TrainingPhase,
  trainJoint,
  trainPhases,
} from "../../src/papers/trainJoint";
import { vesde } from "../../src/sde/vesde";
import { loadTrainingState, saveTrainingState } from "../../src/training/checkpoint";
import { createTrainingState, type TrainingState } from "../../src/training/trainingState";
import { tinyBatches, tinyConfig, tinyRun } from "./tinyModel";

const folder = mkdtempSync(join(tmpdir(), "posediff-joint-"));
beforeAll(ready);
afterAll(() => rmSync(folder, { recursive: true }));

/** Train until `end` steps were taken in all. */
async function trainTo(
  end: number,
  state: TrainingState,
  { config = tinyConfig, run = tinyRun }: { config?: JointLearningConfig; run?: JointRun } = {},
): Promise<JointStep[]> {
  const steps: JointStep[] = [];
  for await (const step of trainJoint(config, run, state)) {
    steps.push(step);
    if (step.step === end) break;
  }
  return steps;
}

const diffusionHead = /^(pose_encoder|t_encoder|fusion_tail)\./;

describe("trainJoint", () => {
  test.each([
    ["without a norm", false],
    ["with batch norm, whose statistics are part of the state", true],
  ])("a run that was cut, saved and loaded equals an unbroken one bit for bit, %s", async (_what, batchNorm) => {
    const config = { ...tinyConfig, encoder: { ...tinyConfig.encoder, batchNorm } };
    const total = tinyRun.pretrainSteps + tinyRun.jointSteps;
    const unbroken = startJoint(config, tinyRun);
    const steps = await trainTo(total, unbroken, { config });
    expect(steps.map(({ phase }) => phase)).toEqual([
      ...Array(tinyRun.pretrainSteps).fill("pretraining"),
      ...Array(tinyRun.jointSteps).fill("joint"),
    ]);
    // Before the phase changes, where it changes, and after that.
    for (const cut of [2, 3, 4]) {
      const path = join(folder, `cut${cut}-${batchNorm}.safetensors`);
      const first = startJoint(config, tinyRun);
      const before = await trainTo(cut, first, { config });
      saveTrainingState(path, first);
      const { state } = loadTrainingState(path, startJoint({ ...config }, { ...tinyRun, seed: 9 }).parameters);
      const after = await trainTo(total, state, { config });
      expect(state).toEqual(unbroken);
      const losses = [...before, ...after].map(({ loss, learningRate, phase }) => ({ loss, learningRate, phase }));
      expect(losses).toEqual(steps.map(({ loss, learningRate, phase }) => ({ loss, learningRate, phase })));
    }
    expect(await trainTo(total, unbroken, { config })).toEqual([]);
  });

  test("pre-training leaves the diffusion head as it was; joint learning changes both heads and the encoder", async () => {
    const state = startJoint(tinyConfig, tinyRun);
    const { slots } = state.parameters;
    const start = state.parameters.values.slice();
    const unchanged = (names: RegExp): boolean[] =>
      slots
        .filter(({ name, trainable }) => trainable && names.test(name))
        .map(({ name }) =>
          parameterView(state.parameters, name).every((x, i) => x === parameterView(state.parameters, name, start)[i]),
        );
    const [pretraining] = await trainTo(tinyRun.pretrainSteps, state);
    expect(Object.keys(pretraining.parts)).toEqual(["rotation", "translation"]);
    expect(unchanged(diffusionHead)).not.toContain(false);
    expect(unchanged(/^(SA_modules|regression)\./)).not.toContain(true);
    slots.forEach(({ name, offset, size }, i) => {
      if (!diffusionHead.test(name)) return;
      expect(state.adamSteps[i]).toBe(0);
      expect(state.m.subarray(offset, offset + size).every((x) => x === 0)).toBe(true);
      expect(state.ema.subarray(offset, offset + size)).toEqual(start.subarray(offset, offset + size));
    });
    const [joint] = await trainTo(tinyRun.pretrainSteps + tinyRun.jointSteps, state);
    expect(Object.keys(joint.parts)).toEqual(["rotation", "translation", "diffusion"]);
    expect(joint.loss).toBeCloseTo(Object.values(joint.parts).reduce((a, b) => a + b) as number, 3);
    expect(unchanged(/./)).not.toContain(true);
  });

  test.each([false, true])("with a frozen encoder the heads alone learn (batch norm: %s)", async (batchNorm) => {
    const config = { ...tinyConfig, encoder: { ...tinyConfig.encoder, batchNorm } };
    const state = startJoint(config, tinyRun);
    const start = state.parameters.values.slice();
    await trainTo(2, state, { config, run: { ...tinyRun, pretrainSteps: 0, frozenEncoder: true } });
    for (const { name, offset, size } of state.parameters.slots) {
      const same = (values: Float32Array) =>
        values.subarray(offset, offset + size).every((x, i) => x === start[offset + i]);
      if (name.startsWith("SA_modules."))
        expect([same(state.parameters.values), same(state.ema)]).toEqual([true, true]);
      else if (name.startsWith("regression.")) expect(same(state.parameters.values)).toBe(false);
    }
  });

  test("each phase warms up by itself, and an abort ends the run between two steps", async () => {
    const run = { ...tinyRun, pretrainSteps: 4, jointSteps: 4 };
    const state = startJoint(tinyConfig, run);
    const stop = new AbortController();
    const rates: number[] = [];
    for await (const { step, learningRate } of trainJoint(tinyConfig, run, state, { signal: stop.signal })) {
      rates.push(learningRate);
      if (step === 6) stop.abort();
    }
    expect(state.step).toBe(6);
    expect(rates).toHaveLength(6);
    expect(rates[4]).toBeCloseTo(rates[0], 12);
    expect(rates[1]).toBeGreaterThan(rates[0]);
    const stopped = startJoint(tinyConfig, run);
    for await (const _ of trainJoint(tinyConfig, run, stopped, { signal: stop.signal }));
    expect(stopped.step).toBe(0);
  });

  test("120 steps on four views bring down the loss of both heads", async () => {
    const run = {
      ...tinyRun,
      pretrainSteps: 0,
      jointSteps: 120,
      draws: 16,
      batchSize: 8,
      poolSize: 4,
      learningRate: 3e-2,
    };
    const batchAt = poseBatches({ ...tinyBatches, poolSize: 4, draws: 64 });
    const others = [100, 101, 102, 103].map(batchAt); // the same views at steps that the run never comes to
    const state = startJoint(tinyConfig, run);
    const loss = jointLoss(tinyConfig, { regression: true, diffusion: true });
    const losses = (): Record<string, number> =>
      tf.tidy(() => {
        const weights = weightsOf(state.parameters);
        const all = others.map((batch) => loss(weights, batch).parts!);
        const mean = (part: string): number => all.reduce((sum, parts) => sum + parts[part].dataSync()[0], 0) / 4;
        return Object.fromEntries(["rotation", "translation", "diffusion"].map((part) => [part, mean(part)]));
      });
    const before = losses();
    await trainTo(120, state, { run });
    const after = losses();
    expect(after.rotation).toBeLessThan(0.7 * before.rotation);
    expect(after.translation).toBeLessThan(0.3 * before.translation);
    // Preconditioned, the untrained head is the best score that knows nothing of the points: the rest comes slowly.
    expect(after.diffusion).toBeLessThan(0.95 * before.diffusion);
  });
});

test("of several draws of points the heads are given the mean feature, the same as an estimate's", () => {
  const batch = poseBatches({ ...tinyBatches, pointDraws: 3 })(0);
  const state = startJoint(tinyConfig, { seed: 1 });
  const [found, expected] = tf.tidy(() => {
    const weights = weightsOf(state.parameters);
    const { feature } = encode(weights, tinyConfig.encoder, batch.grouping, { training: true });
    const [rows, width] = feature.shape;
    const mean = tf.mean(tf.reshape(feature, [rows / 3, 3, width]), 1) as Tensor2D;
    const phase = { regression: true, diffusion: true };
    const losses = (parts: Record<string, Scalar>) => Object.values(parts).map((part) => part.dataSync()[0]);
    return [
      losses(jointLoss(tinyConfig, phase)(weights, batch).parts!),
      losses(headLossesOf(weights, tinyConfig, phase, mean, batch)),
    ];
  });
  expect(found).toEqual(expected);
});

test("a head's loss may be weighted: the total is the sum of the weighted parts", () => {
  const state = startJoint(tinyConfig, tinyRun);
  const batch = poseBatches(tinyBatches)(0);
  const of = (phase: Phase): Record<string, number> =>
    tf.tidy(() => {
      const { total, parts } = jointLoss(tinyConfig, phase)(weightsOf(state.parameters), batch);
      const numbers = Object.entries(parts!).map(([name, part]) => [name, part.dataSync()[0]]);
      return { total: total.dataSync()[0], ...Object.fromEntries(numbers) };
    });
  const [equal, heavy] = [of({ regression: true, diffusion: 1 }), of({ regression: true, diffusion: 10 })];
  expect(heavy.diffusion).toBeCloseTo(10 * equal.diffusion, 3);
  expect(heavy.rotation).toBe(equal.rotation);
  expect(heavy.total).toBeCloseTo(equal.total + 9 * equal.diffusion, 3);
  expect(of({ regression: true, diffusion: 0 })).not.toHaveProperty("diffusion");
});

describe("trainPhases", () => {
  const config = withPretextHeads(tinyConfig);
  const touched = (state: TrainingState): Set<string> =>
    new Set(state.parameters.slots.filter((_, i) => state.adamSteps[i] > 0).map(({ name }) => name.split(".")[0]));
  const run = (heads: Phase, steps = 2): PhasedRun => ({
    ...tinyRun,
    phases: [{ phase: "only", heads, steps, finalFraction: 0.5 }],
  });
  test.each<[string, Phase, string[], string[]]>([
    ["regression", { regression: true }, ["rotation", "translation"], ["SA_modules", "regression"]],
    ["classification", { classification: true }, ["classification"], ["SA_modules", "classification"]],
    ["reconstruction", { reconstruction: true }, ["reconstruction"], ["SA_modules", "folding"]],
    ["diffusion", { diffusion: true }, ["diffusion"], ["SA_modules", "pose_encoder", "t_encoder", "fusion_tail"]],
  ])("%s changes the encoder and its own head alone", async (_name, heads, parts, changed) => {
    const state = startJoint(config, tinyRun);
    for await (const step of trainPhases(config, run(heads), state)) {
      expect(Object.keys(step.parts)).toEqual(parts);
      expect(step.phase).toBe("only");
      expect(Number.isFinite(step.loss)).toBe(true);
    }
    const names = touched(state);
    // Before the zero-initialised last layer has moved nothing reaches the layers below it: two steps reach all.
    expect([...names].sort()).toEqual([...changed].sort());
  });

  test("the rotation loss is the geodesic angle unless the configuration says otherwise", () => {
    const batch = poseBatches(tinyBatches)(0);
    const loss = (own: JointLearningConfig): number =>
      tf.tidy(() => {
        const weights = weightsOf(startJoint(own, tinyRun).parameters);
        return jointLoss(own, { regression: true })(weights, batch).parts!.rotation.dataSync()[0];
      });
    expect(loss(tinyConfig)).toBe(loss({ ...tinyConfig, rotationForm: "geodesic" }));
    expect(loss(tinyConfig)).toBeLessThan(Math.PI);
    expect(loss({ ...tinyConfig, rotationForm: "l2" })).not.toBeCloseTo(loss(tinyConfig), 2);
  });

  test.each<[string, Phase, number]>([
    ["classification", { classification: true }, 0.75],
    ["reconstruction", { reconstruction: true }, 0.5],
  ])("%s learns: its loss falls over 60 steps", async (_name, heads, factor) => {
    const state = startJoint(config, tinyRun);
    const losses: number[] = [];
    const long = { ...run(heads, 60), batchSize: 8, learningRate: 1e-2, poolSize: 12 };
    for await (const { loss } of trainPhases(config, long, state)) losses.push(loss);
    const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
    expect(mean(losses.slice(-5))).toBeLessThan(factor * mean(losses.slice(0, 5)));
  });

  test("a phase that begins anew is a run of its own from the averages of those before, resumed or not", async () => {
    const stage = (heads: Phase): TrainingPhase => ({ phase: "own", heads, steps: 3, finalFraction: 0.5 });
    const both = { regression: true, diffusion: true };
    const phases = [stage({ regression: true }), { ...stage(both), anew: true }];
    const [whole, cut] = [startJoint(tinyConfig, tinyRun), startJoint(tinyConfig, tinyRun)];
    const taken = async (state: TrainingState, own: readonly TrainingPhase[], end: number): Promise<void> => {
      for await (const { step } of trainPhases(tinyConfig, { ...tinyRun, phases: own }, state)) if (step === end) break;
    };
    await taken(whole, phases, 6);
    await taken(cut, phases, 3);
    const averaged = cut.ema.slice();
    expect(averaged).not.toEqual(cut.parameters.values);
    // By hand: a state before its first step with these weights, at the step where the batches stand.
    const byHand = { ...createTrainingState({ ...cut.parameters, values: averaged.slice() }), step: 3 };
    await taken(cut, phases, 6);
    await taken(byHand, [stage({ regression: true }), stage(both)], 6);
    for (const state of [cut, byHand])
      for (const key of ["m", "v", "ema", "updates", "step"] as const) expect(state[key]).toEqual(whole[key]);
    expect(cut.parameters.values).toEqual(whole.parameters.values);
    expect(byHand.parameters.values).toEqual(whole.parameters.values);
    const goingOn = startJoint(tinyConfig, tinyRun);
    await taken(goingOn, [stage({ regression: true }), stage(both)], 6);
    expect(goingOn.ema).not.toEqual(whole.ema);
  });

  test("a phase without a head, or with one that the networks do not have, is refused in one sentence", async () => {
    const first = (own: JointLearningConfig, heads: Phase): Promise<unknown> =>
      trainPhases(own, run(heads), startJoint(own, tinyRun)).next();
    await expect(first(config, {})).rejects.toThrow(/no head learns/);
    await expect(first(tinyConfig, { classification: true })).rejects.toThrow(/withPretextHeads/);
    await expect(first(tinyConfig, { reconstruction: true })).rejects.toThrow(/withPretextHeads/);
  });
});

describe("poseBatches", () => {
  test("a batch depends on options and step alone, whatever was asked for before", () => {
    const fresh = poseBatches(tinyBatches)(5);
    const used = poseBatches(tinyBatches);
    for (const step of [0, 9, 4]) used(step);
    expect(used(5)).toEqual(fresh);
    expect(used(5)).toEqual(fresh);
    expect(used(6).poses).not.toEqual(fresh.poses);
    expect(poseBatches({ ...tinyBatches, seed: 1 })(5).poses).not.toEqual(fresh.poses);
  });

  test("its poses are rotations near the cloud, its draws x₀ + σ(t) z", () => {
    const { poses, symmetric, draws, grouping, labels, clouds } = poseBatches(tinyBatches)(1);
    expect([...labels].every((label) => label < 6)).toBe(true);
    const n = tinyConfig.encoder.points;
    for (let b = 0; b < tinyBatches.batchSize; b++)
      for (const x of centroid(clouds.subarray(3 * n * b, 3 * n * (b + 1)))) expect(x).toBeCloseTo(0, 6);
    expect(grouping.batch).toBe(tinyBatches.batchSize);
    expect(symmetric).toHaveLength(tinyBatches.batchSize);
    for (let b = 0; b < tinyBatches.batchSize; b++) {
      const [x, y, t] = [0, 3, 6].map((from) => poses.subarray(9 * b + from, 9 * b + from + 3));
      expect(Math.hypot(...x)).toBeCloseTo(1, 5);
      expect(Math.hypot(...y)).toBeCloseTo(1, 5);
      expect(x[0] * y[0] + x[1] * y[1] + x[2] * y[2]).toBeCloseTo(0, 5);
      expect(Math.hypot(...t)).toBeLessThan(0.3);
    }
    const { t, deviation, noise, noised } = draws;
    expect(t).toHaveLength(tinyBatches.batchSize * tinyBatches.draws);
    t.forEach((time, row) => {
      expect(deviation[row]).toBeCloseTo(vesde.sigma(time), 4);
      const pose = Math.floor(row / tinyBatches.draws);
      for (let d = 0; d < 9; d++) {
        const expected = poses[9 * pose + d] + deviation[row] * noise[9 * row + d];
        expect(noised[9 * row + d]).toBe(Math.fround(expected));
      }
    });
  });
});

// The thread runs compiled code, which `npm test` builds before it tests.
const compiled = join(__dirname, "..", "..", "dist", "papers", "batchStream.js");
describe.skipIf(!existsSync(compiled))("batchStream (run `npm run build` if this is skipped)", () => {
  const { batchStream } = createRequire(__filename)(compiled) as typeof batchStreamModule;

  test("its thread makes the batches of poseBatches, in whatever order they are asked for", async () => {
    const batchAt = poseBatches(tinyBatches);
    const stream = batchStream(tinyBatches);
    try {
      for (const step of [0, 1, 2, 7, 3, 3]) expect(await stream.batch(step)).toEqual(batchAt(step));
    } finally {
      await stream.close();
    }
  });

  test("close ends the thread", async () => {
    const threads = (): number => process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length;
    const before = threads();
    const stream = batchStream(tinyBatches);
    await stream.batch(0);
    expect(threads()).toBeGreaterThan(before);
    await stream.close();
    expect(threads()).toBe(before);
  });

  test("a thread that fails says so to who waits for a batch", async () => {
    const encoder = { ...tinyBatches.encoder, points: 8 }; // fewer points than centres
    const stream = batchStream({ ...tinyBatches, encoder });
    await expect(stream.batch(0)).rejects.toThrow("a level wants 16 centres of 8 points");
    await expect(stream.batch(1)).rejects.toThrow("centres");
    await stream.close();
  });
});
