import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { buffersOf, group } from "../../src/geometry/grouping";
import { createParameters, weightsOf } from "../../src/models/params";
import { encode } from "../../src/models/pointNet2";
import { bindScoreNetwork } from "../../src/models/scoreEvaluator";
import type * as batchStreamModule from "../../src/papers/batchStream";
import { jointLearningParameters } from "../../src/papers/jointLearning";
import { startJoint, trainJoint } from "../../src/papers/trainJoint";
import { Rng } from "../../src/random";
import { ddim } from "../../src/samplers/ddim";
import { priorNoise } from "../../src/samplers/priorNoise";
import { tinyBatches, tinyConfig, tinyRun } from "../papers/tinyModel";

beforeAll(ready);

// What is garbage at the moment says nothing about what is held.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Watches a run of 1,000: resident memory is looked at every 20 steps, and compared around 300 and at the end. */
function memoryOfRun(): { look: (step: number) => void; growth: () => number } {
  const early: number[] = [];
  const late: number[] = [];
  return {
    look: (step) => {
      const seen = step > 200 && step <= 400 ? early : step > 800 ? late : undefined;
      if (!seen || step % 20 !== 0) return;
      collectGarbage();
      seen.push(process.memoryUsage.rss());
    },
    growth: () => median(late) / median(early) - 1,
  };
}

describe("memory", () => {
  test("1,000 training steps keep no tensor and let the process grow by less than 5 %", async () => {
    // A thousand steps in seconds: one level.
    const levels = [{ centroids: 8, scales: [{ radius: 0.1, samples: 4, widths: [16, 16] }] }];
    const encoder = { ...tinyConfig.encoder, points: 32, levels, groupAll: [[32]] };
    const config = { ...tinyConfig, encoder };
    const run = { ...tinyRun, pretrainSteps: 100, jointSteps: 900, batchSize: 2 };
    const memory = memoryOfRun();
    const tensors = tf.memory().numTensors;
    for await (const { step } of trainJoint(config, run, startJoint(config, run))) {
      expect(tf.memory().numTensors).toBe(tensors);
      memory.look(step);
    }
    expect(tf.memory().numTensors).toBe(tensors);
    expect(memory.growth()).toBeLessThan(0.05);
  });

  test("so do 1,000 objects, encoded and sampled", () => {
    const { encoder, score } = tinyConfig;
    const parameters = createParameters(jointLearningParameters(tinyConfig), new Rng(1));
    const { scoreOf } = bindScoreNetwork(parameters, score);
    const memory = memoryOfRun();
    const tensors = tf.memory().numTensors;
    for (let step = 1; step <= 1000; step++) {
      const rng = new Rng(step);
      const cloud = Float32Array.from(rng.normals(3 * encoder.points), (x) => 0.05 * x);
      const encoded = tf.tidy(() => encode(weightsOf(parameters), encoder, group(encoder, cloud, 1)).feature);
      const feature = encoded.dataSync();
      encoded.dispose();
      const { x } = ddim(scoreOf(feature), priorNoise(rng, 4, 9), { steps: 5, trajectory: true });
      expect(x.every(Number.isFinite)).toBe(true);
      memory.look(step);
    }
    expect(tf.memory().numTensors).toBe(tensors);
    expect(memory.growth()).toBeLessThan(0.05);
  });

  // The thread runs compiled code, which `npm test` builds before it tests.
  const compiled = join(__dirname, "..", "..", "dist", "papers", "batchStream.js");
  test.skipIf(!existsSync(compiled))("the thread that makes batches holds none that was taken", async () => {
    const { batchStream } = createRequire(__filename)(compiled) as typeof batchStreamModule;
    const stream = batchStream(tinyBatches);
    const held = (): number => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const { grouping } = await stream.batch(0);
    const batchBytes = buffersOf(grouping).reduce((sum, { byteLength }) => sum + byteLength, 0);
    const before = held();
    for (let step = 1; step < 200; step++) await stream.batch(step);
    expect(held()).toBeLessThan(before + 10 * batchBytes); // some are made ahead
    await stream.close();
  });
});
