import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { presentBackends, ready, tf } from "../../src/backend";
import { zoomWindow } from "../../src/datasets/zoomCrop";
import { readSafetensors } from "../../src/formats/safetensors";
import { real275Camera } from "../../src/geometry/camera";
import { createParameters, parameterView, weightsOf } from "../../src/models/params";
import type { ResNetConfig } from "../../src/models/resNet";
import { bindScoreNetwork } from "../../src/models/scoreEvaluator";
import { scaledScore } from "../../src/models/scoreNetwork";
import { conditions, encodeViews, featureParts, viewFeatureSize } from "../../src/models/viewEncoder";
import { type RgbBatchOptions, rgbBatches } from "../../src/papers/rgbBatch";
import {
  type RgbConfig,
  rgbLoss,
  rgbParameters,
  rgbPresetNamed,
  rgbPresets,
  rgbVariant,
} from "../../src/papers/rgbMeanShift";
import { boxesOfVectors, canonicalFrame, diffusionVector, noStandard, smallStandard } from "../../src/papers/rgbPose";
import { defaultRgbRun, rgbBatchOptions, startPretrained, startRgb, trainRgb } from "../../src/papers/trainRgb";
import { Rng } from "../../src/random";
import { VESDE } from "../../src/sde/vesde";
import { batchGradients } from "../../src/training/gradients";

beforeAll(() => ready());

const { small, paper } = rgbPresets;
const run = { ...defaultRgbRun, batchSize: 4, visits: 2, draws: 3, steps: 3 };
const options: RgbBatchOptions = rgbBatchOptions(small, run);

/** Zeros filled in: heads begin with 0, and then every score is alike. */
function awake(config: RgbConfig): ReturnType<typeof createParameters> {
  const parameters = createParameters(rgbParameters(config), new Rng(1));
  const rng = new Rng(2);
  for (let i = 0; i < parameters.values.length; i++)
    if (parameters.values[i] === 0) parameters.values[i] = rng.normal(0, 0.05);
  return parameters;
}

/** The paper's preset with an eighth of the ResNets' widths and small heads. */
function narrowPaper(): RgbConfig {
  const narrow = (net: ResNetConfig): ResNetConfig => ({
    ...net,
    stem: { ...net.stem, width: net.stem.width / 8 },
    stages: net.stages.map((stage) => ({ ...stage, width: stage.width / 8 })),
  });
  const { rgb, geometry, global } = paper.encoder;
  const encoder = { ...paper.encoder, rgb: narrow(rgb), geometry: narrow(geometry), global: global && narrow(global) };
  const score = { ...paper.score, featureSize: viewFeatureSize(encoder), hidden: 16, unseen: undefined };
  return { ...paper, encoder, score };
}

describe("the twelve numbers", () => {
  const box = {
    rotation: [0, 0, 1, 1, 0, 0, 0, 1, 0],
    translation: [0.1, -0.05, 0.8],
    size: [0.1, 0.2, 0.15],
  } as const;
  const pixels = { x1: 300, y1: 150, x2: 420, y2: 260 };

  it.each([
    { allocentric: true, standard: smallStandard },
    { allocentric: false, standard: noStandard },
  ])("come back as pose and size: %o", (form) => {
    const frame = canonicalFrame(real275Camera, pixels, zoomWindow(pixels, real275Camera), 64);
    const [back] = boxesOfVectors(diffusionVector(box, frame, form), frame, form);
    back.rotation.forEach((r, i) => {
      expect(r).toBeCloseTo(box.rotation[i], 10);
    });
    back.translation.forEach((t, i) => {
      expect(t).toBeCloseTo(box.translation[i], 10);
    });
    back.size.forEach((s, i) => {
      expect(s).toBeCloseTo(box.size[i], 10);
    });
  });

  it("do not depend on how many pixels the photo has", () => {
    const doubled = { ...real275Camera };
    for (const key of ["fx", "fy", "width", "height"] as const) doubled[key] *= 2;
    doubled.cx = 2 * real275Camera.cx + 0.5;
    doubled.cy = 2 * real275Camera.cy + 0.5;
    const large = { x1: 600, y1: 300, x2: 840, y2: 520 };
    const form = { allocentric: true, standard: smallStandard };
    const vector = (camera: typeof doubled, b: typeof pixels): number[] =>
      diffusionVector(box, canonicalFrame(camera, b, zoomWindow(b, camera), 64), form);
    const ofLarge = vector(doubled, large);
    vector(real275Camera, pixels).forEach((x, d) => {
      expect(ofLarge[d]).toBeCloseTo(x, 10);
    });
  });

  it("that lie behind the camera or have no extent are brought before it", () => {
    const frame = canonicalFrame(real275Camera, pixels, zoomWindow(pixels, real275Camera), 64);
    const form = { allocentric: true, standard: noStandard };
    const [found] = boxesOfVectors([1, 0, 0, 0, 1, 0, 0, 0, -2, -1, 0, 0.1], frame, form);
    expect(found.translation[2]).toBeGreaterThan(0);
    expect(found.size).toEqual([1e-3, 1e-3, 0.1]);
    expect(() => boxesOfVectors([1, 2], frame, form)).toThrow(/12 for every pose/);
  });
});

describe("rgbBatches", () => {
  it("depend on the step alone and see a scene several times, each time otherwise", () => {
    const batches = rgbBatches(options);
    const first = batches(20);
    batches(21);
    const again = rgbBatches(options)(20);
    expect(again.view.crops).toEqual(first.view.crops);
    expect(again.draws.noised).toEqual(first.draws.noised);
    // The first half of step 20 was rendered for it; 16 steps later the second half shows the same scenes.
    const later = rgbBatches(options)(36);
    const rotationOf = (batch: typeof first, b: number): Float32Array => batch.poses.subarray(12 * b + 9, 12 * b + 12);
    expect(rotationOf(later, 2)).toEqual(rotationOf(first, 0));
    expect(later.view.crops.subarray(2 * 64 * 64 * 3, 3 * 64 * 64 * 3)).not.toEqual(
      first.view.crops.subarray(0, 64 * 64 * 3),
    );
  });

  it("mark the box in the photo and keep numbers in the network's range", () => {
    const { view, poses, draws } = rgbBatches(options)(0);
    const marked = view.photos.filter((_, i) => i % 4 === 3);
    expect(Math.max(...marked)).toBeGreaterThan(100);
    expect(poses.every((x) => Math.abs(x) < 5)).toBe(true);
    expect(draws.noised.length).toBe(4 * 3 * 12);
    expect([...view.labels].every((label) => label >= 1 && label <= 6)).toBe(true);
    expect(() => rgbBatches({ ...options, visits: 3 })).toThrow(/divide/);
  });
});

describe("the network", () => {
  it("of the paper has the paper's sizes, the small one trains on two cores", () => {
    expect(featureParts(paper.encoder)).toEqual({
      rgb: [0, 2048],
      geometry: [2048, 4096],
      category: [4096, 4224],
      global: [4224, 6275],
    });
    expect(paper.score).toMatchObject({ heads: 4, headLayers: 3, hidden: 512, poseWidth: 256, dimension: 12 });
    expect(createParameters(rgbParameters(small), new Rng(0)).trainableCount).toBeLessThan(3.5e6);
    expect(rgbPresetNamed("small")).toBe(small);
    expect(() => rgbPresetNamed("large")).toThrow(/"paper" or "small"/);
  });

  it("reads zeros where a condition is left out, and the unknown category", () => {
    const { view } = rgbBatches(options)(0);
    const weights = weightsOf(awake(small));
    const parts = featureParts(small.encoder);
    const size = viewFeatureSize(small.encoder);
    const featureOf = (kept?: Float32Array, labels = view.labels): Float32Array =>
      tf.tidy(() => encodeViews(weights, small.encoder, { ...view, labels, kept }).feature.dataSync()) as Float32Array;
    const all = featureOf();
    const unknown = featureOf(undefined, new Uint8Array(4));
    conditions.forEach((name, k) => {
      const kept = new Float32Array(16).fill(1);
      kept[4 + k] = 0; // of object 1
      const found = featureOf(kept);
      const expected = all.slice();
      for (let i = parts[name][0]; i < parts[name][1]; i++)
        expected[size + i] = name === "category" ? unknown[size + i] : 0;
      found.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 4);
      });
    });
    expect(() => featureOf(undefined, new Uint8Array(4).fill(9))).toThrow(/label above 6/);
  });

  it.each(["NGR", "all"] as const)("evaluates by its own kernel as by tensors (%s)", (variant) => {
    const config = rgbVariant(small, variant);
    const parameters = awake(config);
    const rng = new Rng(4);
    const feature = Float32Array.from(rng.normals(config.score.featureSize));
    const x = rng.normals(3 * 12);
    const t = 0.4;
    const sigma = new VESDE().sigma(t);
    const found = bindScoreNetwork(parameters, config.score).scoreOf(feature)(x, t);
    const expected = tf.tidy(() =>
      scaledScore(weightsOf(parameters), config.score, {
        feature: tf.tensor2d(feature, [1, feature.length]),
        x: tf.tensor2d(Float32Array.from(x), [3, 12]),
        t: [t, t, t],
        sigma: [sigma, sigma, sigma],
      }).dataSync(),
    );
    expected.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value / sigma, 4);
    });
  });

  it("in variant NGR shows the whole photo to translation and size only", () => {
    const parameters = awake(small);
    const { scoreOf } = bindScoreNetwork(parameters, small.score);
    const rng = new Rng(4);
    const feature = Float32Array.from(rng.normals(small.score.featureSize));
    const x = rng.normals(12);
    const before = Float64Array.from(scoreOf(feature)(x, 0.5));
    const [from, to] = featureParts(small.encoder).global;
    const after = scoreOf(feature.fill(0.3, from, to))(x, 0.5);
    expect(Array.from(after).slice(0, 6)).toEqual(Array.from(before).slice(0, 6));
    for (let d = 6; d < 12; d++) expect(after[d]).not.toBeCloseTo(before[d], 6);
  });

  it("without the whole photo or the category has no parameters for them", () => {
    const names = (config: RgbConfig): string[] => rgbParameters(config).map(({ name }) => name);
    expect(names(rgbVariant(small, "NG")).some((name) => name.startsWith("global."))).toBe(false);
    expect(names(rgbVariant(small, "NC"))).not.toContain("category.weight");
    const batch = rgbBatches(options)(0);
    for (const variant of ["NG", "NC"] as const) {
      const config = rgbVariant(small, variant);
      expect(batchGradients(awake(config), rgbLoss(config), batch).total).toBeGreaterThan(0);
    }
  });
});

describe("rgbLoss", () => {
  it("has the same value and gradients on every backend", async () => {
    const net = (
      channels: number,
      inputSize: readonly [number, number],
      grid: readonly [number, number],
    ): ResNetConfig => ({
      inputSize,
      channels,
      stem: { kernel: 3, width: 4, stride: 2, pool: false },
      stages: [{ blocks: 1, width: 4, stride: 2 }],
      norm: "none",
      grid,
    });
    const encoder = {
      ...small.encoder,
      rgb: net(3, [64, 64], [4, 4]),
      geometry: net(4, [64, 64], [4, 4]),
      global: net(4, [48, 64], [3, 4]),
      featureWidth: 8,
      categoryWidth: 4,
    };
    const [from, to] = featureParts(encoder).global;
    const config: RgbConfig = {
      ...small,
      encoder,
      score: {
        ...small.score,
        featureSize: viewFeatureSize(encoder),
        poseWidth: 16,
        hidden: 16,
        time: { width: 16, fourierScale: 4 },
        unseen: { heads: 2, from, to },
      },
      regression: { widths: [viewFeatureSize(encoder), 8, 12] },
    };
    const parameters = awake(config);
    const batch = rgbBatches({ ...options, batchSize: 2, visits: 1 })(0);
    const current = tf.getBackend();
    const results: Float32Array[] = [];
    for (const backend of await presentBackends()) {
      await tf.setBackend(backend);
      results.push(batchGradients(parameters, rgbLoss(config), batch).numbers);
    }
    await tf.setBackend(current);
    expect(results[0].length).toBeGreaterThan(parameters.trainableCount);
    for (const other of results.slice(1))
      other.forEach((g, i) => {
        expect(Math.abs(g - results[0][i])).toBeLessThan(2e-3 * (1 + Math.abs(results[0][i])));
      });
  });
});

describe("trainRgb", () => {
  it("takes steps by which every trainable array changes, the same twice, and leaves no tensor", async () => {
    const state = startRgb(small, run);
    const before = state.parameters.values.slice();
    const tensors = tf.memory().numTensors;
    const losses: number[] = [];
    for await (const { loss, parts } of trainRgb(small, run, state)) {
      losses.push(loss);
      expect(Object.keys(parts)).toEqual(["diffusion", "rotation", "translation", "size"]);
    }
    expect(tf.memory().numTensors).toBe(tensors);
    const still = state.parameters.slots.filter(
      ({ offset, size, trainable }) =>
        trainable &&
        state.parameters.values.subarray(offset, offset + size).every((value, i) => value === before[offset + i]),
    );
    expect(still.map(({ name }) => name)).toEqual([]);
    const second = startRgb(small, run);
    const again: number[] = [];
    for await (const { loss } of trainRgb(small, run, second)) again.push(loss);
    expect(again).toEqual(losses);
  });

  it("of the paper, an eighth as wide, learns from its own batches and moves its norms' statistics", () => {
    const config = narrowPaper();
    const batch = rgbBatches(rgbBatchOptions(config, { ...run, batchSize: 2, visits: 1 }))(0);
    expect(batch.view.crops.length).toBe(2 * 256 * 256 * 3);
    const found = batchGradients(createParameters(rgbParameters(config), new Rng(1)), rgbLoss(config), batch);
    expect(Object.keys(found.parts)).toEqual(["diffusion"]);
    // Noise of unit variance in twelve numbers, and heads that begin with 0.
    expect(found.total).toBeGreaterThan(6);
    expect(found.total).toBeLessThan(24);
    expect(found.updates.some(({ slot }) => slot.name === "global.layer4.2.bn2.running_mean")).toBe(true);
  });

  it("begins with torchvision's weights where they fit, and says where they do not", () => {
    const file = join(__dirname, "..", "fixtures", "formats", "resnet34-tv", "model.safetensors");
    const config = narrowPaper();
    const state = startPretrained(config, run, file);
    const scale = readSafetensors(file).tensors.get("layer4.2.bn2.weight")?.data;
    expect(parameterView(state.parameters, "rgb.layer4.2.bn2.weight")).toEqual(scale);
    expect(parameterView(state.parameters, "geometry.layer4.2.bn2.weight")).toEqual(new Float32Array(64).fill(1));
    expect(state.ema).toEqual(state.parameters.values);
    expect(() => startPretrained(small, run, file)).toThrow(/the preset small has no torchvision network/);
    const { rgb } = config.encoder;
    const thin = { ...config.encoder, rgb: { ...rgb, stem: { ...rgb.stem, width: 4 } } };
    expect(() => startPretrained({ ...config, encoder: thin }, run, file)).toThrow(/does not fit/);
  });

  it("without the regression head learns by score matching alone", async () => {
    const { regression: _, ...config } = small;
    for await (const { parts } of trainRgb(config, { ...run, steps: 1 }, startRgb(config, run)))
      expect(Object.keys(parts)).toEqual(["diffusion"]);
  });
});
