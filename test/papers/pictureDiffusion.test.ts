import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import { createParameters } from "../../src/models/params";
import { embeddedUNet, noisedPlaces, pictureDiffusionParameters, placesOf } from "../../src/papers/embeddedUNet";
import { type PictureBatch, pictureBatches } from "../../src/papers/pictureBatch";
import { loadPictureDiffusion, pictureDiffusion } from "../../src/papers/pictureDiffusion";
import { startDiffusion, trainDiffusion, trainDiffusionModel } from "../../src/papers/trainDiffusion";
import { Rng } from "../../src/random";
import { ddim } from "../../src/samplers/ddim";

const folder = mkdtempSync(join(tmpdir(), "posediff-pictures-"));
beforeAll(() => ready());
afterAll(() => rmSync(folder, { recursive: true }));

const run = { seed: 3, steps: 3, batchSize: 2, visits: 2, learningRate: 1e-3 };
const options = { seed: 3, batchSize: 4, visits: 2, size: 32, timesteps: 1000 };

describe("pictureBatches", () => {
  it("gives the same pictures for a step whatever was asked before, others for another step", () => {
    const [a, b] = [pictureBatches(options), pictureBatches(options)];
    const first = a(5);
    b(4);
    const again: PictureBatch = b(5);
    expect(again).toEqual(first);
    expect(a(6).pictures).not.toEqual(first.pictures);
    expect(first.steps.every((n) => n >= 0 && n < 1000)).toBe(true);
    // Pictures, not noise and not one colour.
    const mean = first.pictures.reduce((sum, byte) => sum + byte, 0) / first.pictures.length;
    expect(mean).toBeGreaterThan(30);
    expect(mean).toBeLessThan(225);
    expect(() => pictureBatches({ ...options, visits: 3 })).toThrow(/let visits divide it/);
  });
});

describe("the embedded diffusion network", () => {
  const parameters = createParameters(pictureDiffusionParameters(embeddedUNet), new Rng(1));

  it("lays pixels side by side and back without a loss", () => {
    const { pictures } = pictureBatches({ ...options, batchSize: 2, size: embeddedUNet.size })(0);
    const network = pictureDiffusion(embeddedUNet, parameters, "test");
    const places = tf.tidy(() => placesOf(pictures, 2, embeddedUNet).dataSync() as Float32Array);
    expect(network.picturesOf(places)).toEqual(pictures);
    network.dispose();
    expect(() => placesOf(pictures.subarray(1), 2, embeddedUNet)).toThrow(/expected 2 × 128 × 128 × 3/);
  });

  it("adds noise so that variance is kept: a picture of unit variance keeps it at every step", () => {
    const numbers = Float32Array.from(new Rng(2).normals(3 * 4096));
    const other = Float32Array.from(new Rng(3).normals(3 * 4096));
    const variances = tf.tidy(() => {
      const shape: [number, number, number, number] = [3, 16, 16, 16];
      const noised = noisedPlaces(tf.tensor4d(numbers, shape), tf.tensor4d(other, shape), [0, 400, 999]);
      return Array.from(tf.moments(noised, [1, 2, 3]).variance.dataSync());
    });
    for (const variance of variances) expect(Math.abs(variance - 1)).toBeLessThan(0.1);
  });

  it("has a feature map for every ResNet block, the same for a picture wherever it stands in a batch", async () => {
    const network = pictureDiffusion(embeddedUNet, parameters, "test");
    const before = tf.memory().numTensors;
    const { pictures } = pictureBatches({ ...options, batchSize: 2, size: embeddedUNet.size })(0);
    const backbone = network.backbone({ step: 50 });
    const maps = await backbone.features(pictures, 2);
    expect(maps.map(({ shape }) => shape[3])).toEqual(backbone.layers.map(({ channels }) => channels));
    expect(maps.map(({ shape }) => shape[1])).toEqual([32, 16, 8, 8, 8, 16, 16, 32, 32]);
    const alone = await backbone.features(pictures.subarray(pictures.length / 2), 1);
    const difference = tf.tidy(() =>
      tf.max(tf.abs(tf.sub(tf.slice(maps[5]!, [1, 0, 0, 0], [1, -1, -1, -1]), alone[5]!))).dataSync(),
    )[0]!;
    expect(difference).toBeLessThan(1e-4);
    const sharing = await network.backbone({ step: 50, noise: "shared" }).features(pictures, 2);
    const changed = tf.tidy(() => tf.max(tf.abs(tf.sub(maps[5]!, sharing[5]!))).dataSync())[0]!;
    expect(changed).toBeGreaterThan(1e-2);
    tf.dispose([maps, alone, sharing]);
    expect(tf.memory().numTensors).toBe(before);
    expect(() => network.backbone({ step: 1000 })).toThrow(/whole number from 0 to 999/);
    network.dispose();
  });

  it("samples with the samplers of poses: an untrained network, which predicts no noise, leaves x as it is", () => {
    const network = pictureDiffusion(embeddedUNet, parameters, "test");
    const z = new Rng(4).normals(128 * 128 * 3);
    const { x, nfe } = ddim(network.score, z, { sde: network.sde, t0: 1, steps: 2 });
    expect(nfe).toBe(2);
    expect(x[7]).toBeCloseTo(network.sde.sigma(1) * z[7]!, 6);
    network.dispose();
  });

  it("learns: every array changes, resumed runs equal unbroken ones, the file is loaded by its card", async () => {
    const state = startDiffusion(embeddedUNet, run);
    const losses: number[] = [];
    for await (const { loss } of trainDiffusion(embeddedUNet, run, state)) losses.push(loss);
    // Before the first step nothing is predicted: E ε² = 1.
    expect(losses[0]).toBeCloseTo(1, 1);
    const signal = new AbortController().signal;
    const { path } = await trainDiffusionModel({ folder: join(folder, "run"), run, signal });
    const network = loadPictureDiffusion(path);
    expect(network.card).toMatchObject({ network: "diffusion", step: 3 });
    network.dispose();
  });
});
