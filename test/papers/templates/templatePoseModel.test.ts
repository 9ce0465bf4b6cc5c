import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../../src/backend";
import { createParameters, keptWeights, weightsOf } from "../../../src/models/params";
import { templateNetwork, templateNetworkParameters } from "../../../src/models/templateNetwork";
import { openBackbone } from "../../../src/papers/templates/backbones";
import { defaultContrastiveRun, pairLoss } from "../../../src/papers/templates/contrastivePairs";
import { templatePoseNetwork, trainTemplatePoseModel } from "../../../src/papers/templates/templatePoseModel";
import { Rng } from "../../../src/random";

const folder = mkdtempSync(join(tmpdir(), "posediff-template-pose-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => ready());

const run = { ...defaultContrastiveRun, steps: 2, batchSize: 4, viewsPerObject: 2, visits: 2, toys: 2 };
const train = (out: string) =>
  trainTemplatePoseModel({ folder: join(folder, out), run, signal: new AbortController().signal });

describe("template-pose's network", () => {
  test("sees a picture that is moved by a cell's side as its map moved by a cell, away from the border", () => {
    const weights = keptWeights(() =>
      weightsOf(createParameters(templateNetworkParameters(templatePoseNetwork), new Rng(1))),
    );
    const difference = tf.tidy(() => {
      const wide = tf.randomNormal([1, 128, 136, 3], 0, 1, "float32", 4);
      const [here, moved] = [0, 8].map((from) =>
        templateNetwork(weights, templatePoseNetwork, tf.slice(wide, [0, 0, from, 0], [1, 128, 128, 3]) as never),
      );
      const [a, b] = [tf.slice(here, [0, 5, 6, 0], [1, 6, 5, 32]), tf.slice(moved, [0, 5, 5, 0], [1, 6, 5, 32])];
      return [tf.max(tf.abs(tf.sub(a, b))).dataSync()[0], tf.max(tf.abs(a)).dataSync()[0]];
    });
    tf.dispose(weights);
    expect(difference[0]).toBeLessThan(1e-4 * difference[1]);
  });

  test("is trained in a folder, without tensors left behind, and its file is a backbone of one layer", async () => {
    const { path, state } = await train("run");
    expect(state.step).toBe(2);
    const before = tf.memory().numTensors;
    await train("again");
    const backbone = await openBackbone(`template-pose:${path}`);
    expect(backbone.layers).toEqual([{ name: "projector", channels: 32 }]);
    const maps = await backbone.features(new Uint8Array(2 * 128 * 128 * 3).fill(99), 2);
    expect(maps.map(({ shape }) => shape)).toEqual([[2, 16, 16, 32]]);
    tf.dispose(maps);
    backbone.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await expect(openBackbone(`template-pose:${path}`, { inputSize: 224 })).rejects.toThrow("128 pixels");
    await expect(openBackbone(`template-pose:${path}`, { layers: [2] })).rejects.toThrow("leave both out");
  }, 120_000);

  test("real pictures are learned from in turn, and belong to the run", async () => {
    const pixels = 128 * 128 * 3;
    const pair = {
      query: new Uint8Array(pixels).fill(80),
      template: new Uint8Array(pixels),
      mask: new Uint8Array(256).fill(1),
    };
    const pairs = [0, 1].map((objectId) => ({ ...pair, objectId, view: 3 }));
    const learn = (source: string) =>
      trainTemplatePoseModel({
        folder: join(folder, "real"),
        run,
        sources: { real: { pairs, source } },
        signal: new AbortController().signal,
      });
    const { state } = await learn("a");
    expect(state.step).toBe(2);
    await expect(learn("b")).rejects.toThrow('belongs to another run (real "a")');
  }, 60_000);

  test("a file of another network is refused", async () => {
    const other = join(__dirname, "..", "..", "..", "data", "checkpoints", "diffusion-small.safetensors");
    await expect(openBackbone(`template-pose:${other}`)).rejects.toThrow("posediff train --network templatePose");
  });
});

test("the loss of pairs is least where each query is its own template", () => {
  const rng = new Rng(2);
  const [batch, grid, width] = [3, 4, 5];
  const queries = Float32Array.from(rng.normals(batch * grid * grid * width));
  const masks = new Uint8Array(batch * grid * grid).fill(1);
  const lossOf = (templates: Float32Array): number[] => {
    const terms = tf.tidy(() => {
      const maps = tf.tensor4d(Float32Array.of(...queries, ...templates), [2 * batch, grid, grid, width]);
      const { total, parts } = pairLoss(maps, masks, 0.1);
      return tf.stack([total, parts!.top1]);
    });
    const numbers = [...terms.dataSync()];
    terms.dispose();
    return numbers;
  };
  const turned = queries.slice(grid * grid * width);
  const [own, others] = [lossOf(queries), lossOf(Float32Array.of(...turned, ...queries.slice(0, -turned.length)))];
  expect(own[1]).toBe(1);
  expect(others[1]).toBe(0);
  expect(own[0]).toBeLessThan(1e-2);
  expect(others[0]).toBeGreaterThan(5);
});
