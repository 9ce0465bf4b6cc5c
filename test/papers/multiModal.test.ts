import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import { objectCloud } from "../../src/datasets/objectCloud";
import { proceduralSample } from "../../src/datasets/procedural/proceduralSample";
import { project } from "../../src/geometry/camera";
import { rotationX, rotationY, rotationZ } from "../../src/geometry/rotation";
import { apply, multiply } from "../../src/geometry/vector";
import type { ImageFeatureExtractor } from "../../src/models/imageFeatures";
import { createParameters, parameterView } from "../../src/models/params";
import { multiModalParts } from "../../src/papers/experiments/multiModal";
import {
  grownArms,
  type MultiModalGrownResult,
  multiModalGrownParts,
} from "../../src/papers/experiments/multiModalGrown";
import { addImage, emptyImageBatch } from "../../src/papers/imageBatch";
import { jointLearningParameters, presets } from "../../src/papers/jointLearning";
import {
  type MultiModalConfig,
  multiModalLoss,
  multiModalParameters,
  multiModalPresets,
  withoutImage,
} from "../../src/papers/multiModal";
import { loadMultiModalEstimator, multiModalEstimator } from "../../src/papers/multiModalEstimator";
import { poseBatches } from "../../src/papers/poseBatch";
import type { JointStep } from "../../src/papers/trainJoint";
import {
  type MultiModalRun,
  startMultiModal,
  trainMultiModal,
  trainMultiModalModel,
} from "../../src/papers/trainMultiModal";
import { Rng } from "../../src/random";
import { saveModel } from "../../src/training/checkpoint";
import { batchGradients } from "../../src/training/gradients";
import type { TrainingState } from "../../src/training/trainingState";
import { tinyBatches, tinyConfig, tinyRun } from "./tinyModel";

const folder = mkdtempSync(join(tmpdir(), "posediff-multimodal-"));
beforeAll(ready);
afterAll(() => rmSync(folder, { recursive: true }));

const cnn = { cropSize: 16, layers: [{ kernel: 3, stride: 2, width: 8 }] };
const tiny: MultiModalConfig = {
  preset: "ablation",
  joint: { ...tinyConfig, encoder: { ...tinyConfig.encoder, imageChannels: 8 } },
  image: { kind: "cnn", cnn },
  scaleNet: { featureSize: 32, frequencies: 2, axesWidth: 8, hidden: 16, initialSize: 0.13 },
  sizeUnit: 0.05,
  axesDraws: 2,
};
const frozen: MultiModalConfig = {
  ...tiny,
  image: { kind: "frozen", grid: { cropSize: 16, gridSize: 4, channels: 8 } },
};
/** Mean colour of a quarter of a quarter, again and again. */
const meanColor: ImageFeatureExtractor = {
  cropSize: 16,
  gridSize: 4,
  channels: 8,
  extract: async (crops, batch) =>
    Float32Array.from({ length: batch * 16 * 8 }, (_, i) => crops[(i * 31) % crops.length] / 255),
  dispose: () => {},
};
const run: MultiModalRun = tinyRun;
const imageOptions = { cropSize: 16, gridSize: 8, materials: "typical" } as const;

async function trainTo(end: number, state: TrainingState, config = tiny): Promise<JointStep[]> {
  const steps: JointStep[] = [];
  for await (const step of trainMultiModal(config, run, state, { extractor: meanColor })) {
    steps.push(step);
    if (step.step === end) break;
  }
  return steps;
}

describe("batches with pictures", () => {
  test("beside clouds and poses they hold crops, a cell for every point, sizes and noisy axes", () => {
    const batch = poseBatches({ ...tinyBatches, image: imageOptions, axesDraws: 3 })(1);
    const { image, axes, sizes, poses } = batch;
    expect(image?.crops).toHaveLength(4 * 16 * 16 * 3);
    expect(image?.cells).toHaveLength(4 * 64);
    expect(image?.cells.every((cell) => cell >= 0 && cell < 64)).toBe(true);
    expect(new Set(image?.cells).size).toBeGreaterThan(8);
    expect(sizes.every((extent) => extent > 0.01 && extent < 1)).toBe(true);
    expect(axes).toHaveLength(4 * 3 * 9);
    const angles = Array.from({ length: 12 }, (_, i) => {
      const truth = poses.subarray(9 * Math.floor(i / 3));
      const own = axes!.subarray(9 * i);
      // The first column of R.
      const dot = own[0] * truth[0] + own[3] * truth[1] + own[6] * truth[2];
      return (Math.acos(Math.min(1, dot)) * 180) / Math.PI;
    });
    expect(Math.max(...angles)).toBeLessThan(40);
    expect(Math.max(...angles)).toBeGreaterThan(1);
  });

  test("a point keeps the colour of its surface, however its cloud was turned and stretched", () => {
    const { camera, mask, depth, pose } = proceduralSample("test", 3);
    const { width, height } = camera;
    // As smooth as a picture can be, so that neither cells nor crops blur it.
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [u, v] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return [60 + u, 60 + v, 150 - (u + v) / 2][i % 3];
    });
    const points = objectCloud({ camera, mask, depth });
    const options = { cropSize: 64, gridSize: 64 };
    const turn = multiply(rotationZ(-0.2), multiply(rotationY(0.1), rotationX(0.15)));
    for (const to of [pose, { rotation: multiply(turn, pose.rotation), translation: apply(turn, pose.translation) }]) {
      const batch = emptyImageBatch(2, points.length / 3, options);
      addImage(batch, 1, options, { rgb, camera }, points, { from: pose, to }, new Rng(8));
      const crop = batch.crops.subarray(64 * 64 * 3);
      const cells = batch.cells.subarray(points.length / 3);
      const ratios = [0, 1, 2].map((c) =>
        Array.from(cells, (cell, i) => {
          const [u, v] = project(camera, [points[3 * i], points[3 * i + 1], points[3 * i + 2]]);
          return crop[3 * cell + c] / rgb[3 * (Math.round(v) * width + Math.round(u)) + c];
        }).sort((a, b) => a - b),
      );
      // One gain a colour, whatever the point.
      for (const ratio of ratios) {
        const [low, high] = [0.02, 0.98].map((share) => ratio[Math.floor(share * ratio.length)]);
        expect(low).toBeGreaterThan(0.78);
        expect(high).toBeLessThan(1.22);
        expect(high / low).toBeLessThan(1.06);
      }
    }
  });

  test("they change nothing of a batch without them", () => {
    const plain = poseBatches(tinyBatches)(2);
    const withAxes = poseBatches({ ...tinyBatches, axesDraws: 2 })(2);
    expect(plain.image).toBeUndefined();
    expect(plain.axes).toBeUndefined();
    expect({ ...withAxes, axes: undefined }).toEqual({ ...plain, axes: undefined });
  });

  test("typical colours change colours alone, of the object alone", () => {
    for (let i = 0; i < 6; i++) {
      const { rgb, ...random } = proceduralSample("test", i, { resolution: 40 });
      const { rgb: typicalRgb, ...typical } = proceduralSample("test", i, { resolution: 40, materials: "typical" });
      expect(typical).toEqual(random);
      let [on, off] = [0, 0];
      rgb.forEach((value, k) => {
        if (Math.abs(value - typicalRgb[k]) < 3) return;
        if (random.nocs[k - (k % 3)] > 0) on++;
        else off++;
      });
      expect(on).toBeGreaterThan(100);
      expect(off).toBe(0);
    }
  });
});

describe("multi-modal network", () => {
  test("the paper's preset has GenPose++'s inputs: 384 more at every level", () => {
    const count = (config: MultiModalConfig): number =>
      createParameters(multiModalParameters(config), new Rng(0)).trainableCount;
    const { paper, ablation } = multiModalPresets;
    // First layers of six MLPs of levels and two of all points: 16, 32, 64, 64, 128, 128, 256, 256 outputs.
    expect(count(paper) - count(withoutImage(paper))).toBe(384 * (16 + 32 + 64 + 64 + 128 + 128 + 256 + 256));
    expect(ablation.joint.encoder.imageChannels).toBe(16);
    expect(withoutImage(ablation).joint.encoder.imageChannels).toBeUndefined();
  });

  test("the gradient of a step reaches CNN and ScaleNet, and no tensor is left", () => {
    const state = startMultiModal(tiny, run);
    parameterView(state.parameters, "size_tail.2.weight").fill(0.1); // it starts at zero and lets nothing through
    const batch = poseBatches({ ...tinyBatches, image: imageOptions, axesDraws: 2 })(0);
    const before = tf.memory().numTensors;
    const loss = multiModalLoss(tiny, { regression: true });
    const { gradients, numbers, parts } = batchGradients(state.parameters, loss, batch);
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.keys(parts)).toEqual(["rotation", "translation", "size"]);
    const touched = gradients.filter(({ slot, start }) =>
      numbers.subarray(start, start + slot.size).some((v) => v !== 0),
    );
    const names = touched.map(({ slot }) => slot.name);
    for (const name of [
      "image.0.weight",
      "image.0.bias",
      "axes_encoder.0.weight",
      "size_tail.0.point",
      "size_tail.2.bias",
    ])
      expect(names).toContain(name);
    expect(() => batchGradients(state.parameters, loss, poseBatches(tinyBatches)(0))).toThrow(/no image/);
    expect(() => batchGradients(state.parameters, loss, { ...batch, axes: undefined })).toThrow(/no axes/);
  });

  test.each([
    ["with its CNN", tiny],
    ["with a frozen image model", frozen],
    ["without images", withoutImage(tiny)],
  ])("a run %s that was cut goes on bit for bit", async (_, config) => {
    const total = run.pretrainSteps + run.jointSteps;
    const unbroken = startMultiModal(config, run);
    const steps = await trainTo(total, unbroken, config);
    expect(Object.keys(steps.at(-1)!.parts)).toEqual(["rotation", "translation", "diffusion", "size"]);
    const cut = startMultiModal(config, run);
    await trainTo(4, cut, config);
    await trainTo(total, cut, config);
    expect(cut).toEqual(unbroken);
  });

  test("a frozen image model must be given, and be of the right form", async () => {
    const state = startMultiModal(frozen, run);
    expect(() => trainMultiModal(frozen, run, state)).toThrow(/pass \{ extractor/);
    expect(() => multiModalEstimator(frozen, state.parameters)).toThrow(/pass \{ extractor/);
    const wrong = { ...meanColor, channels: 9 };
    expect(() => multiModalEstimator(frozen, state.parameters, { extractor: wrong })).toThrow(/4² × 9 of 16 pixels/);
    const estimator = multiModalEstimator(frozen, state.parameters, { extractor: meanColor });
    const { box } = await estimator.estimate(proceduralSample("test", 0));
    expect(box.size.every((extent) => extent >= 1e-3)).toBe(true);
    estimator.dispose();
  });
});

describe("estimator of boxes", () => {
  test("trains, saves, loads; the same view gives the same box; colours are wanted where they were learned", async () => {
    const { signal } = new AbortController();
    const before = tf.memory().numTensors;
    const config = multiModalPresets.ablation;
    const small = { ...run, pretrainSteps: 1, jointSteps: 1, batchSize: 2, poolSize: 2 };
    const { path } = await trainMultiModalModel({ folder: join(folder, "cnn"), signal, config, run: small });
    const estimator = loadMultiModalEstimator(path);
    expect(estimator.card).toMatchObject({ preset: "ablation", network: "multiModal", image: true });
    const view = proceduralSample("test", 1);
    const first = await estimator.estimate(view, { hypotheses: 2 });
    const again = await estimator.estimate(view, { hypotheses: 2 });
    expect({ ...again, ms: 0 }).toEqual({ ...first, ms: 0 });
    expect(first.box).toEqual({ ...first.pose, size: first.size });
    const recoloured = { ...view, rgb: view.rgb.map((value) => 255 - value) };
    expect((await estimator.encode(recoloured)).feature).not.toEqual((await estimator.encode(view)).feature);
    await expect(estimator.estimate({ ...view, rgb: undefined })).rejects.toThrow(/no colours/);
    await expect(estimator.estimate({ ...view, mask: new Uint8Array(view.mask.length) })).rejects.toThrow(/0 points/);
    estimator.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a part of the experiment tells scores of every method", async () => {
    const small = { ...tinyRun, pretrainSteps: 1, jointSteps: 1, batchSize: 2, poolSize: 2 };
    const parts = multiModalParts({ run: small, objects: 6 }, [0, 1]);
    expect(parts.map(({ name }) => name)).toEqual([
      "depth, seed 0",
      "RGB-D, typical colours, seed 0",
      "RGB-D, random colours, seed 0",
      "depth, seed 1",
      "RGB-D, typical colours, seed 1",
    ]);
    const { signal } = new AbortController();
    const result = (await parts[0].measure({ folder: join(folder, "part"), signal, progress: () => {} })) as {
      scores: Record<string, { accuracy: number[]; vus: number[]; byCategory: Record<string, number> }>;
    };
    expect(Object.keys(result.scores)).toEqual(["regression head", "unscaled", "guided"]);
    for (const { accuracy, vus, byCategory } of Object.values(result.scores)) {
      expect(accuracy).toHaveLength(4);
      expect(vus).toHaveLength(4);
      expect(Object.keys(byCategory)).toHaveLength(6);
    }
  });

  test("grown from a network of clouds it starts as the same function, whatever the picture; then it reads colours", async () => {
    const start = join(folder, "clouds.safetensors");
    const clouds = createParameters(jointLearningParameters(presets.ablation), new Rng(4));
    for (const name of ["regression.2.weight", "fusion_tail.2.weight"]) {
      const rng = new Rng(5).split(name);
      const view = parameterView(clouds, name);
      view.set(view.map(() => rng.normal(0, 0.1)));
    }
    saveModel(start, clouds, clouds.values, { preset: "ablation" });
    const { signal } = new AbortController();
    const measure = async (learningRate: number): Promise<MultiModalGrownResult> => {
      const small = { ...tinyRun, jointSteps: 2, batchSize: 2, poolSize: 2, learningRate };
      const config = multiModalPresets.ablation;
      const parts = multiModalGrownParts({ config, start, run: small, objects: 6 }, [0, 1]);
      expect(parts.map(({ name }) => name)).toEqual(
        Object.values(grownArms).flatMap((arm) => [`${arm}, seed 0`, `${arm}, seed 1`]),
      );
      const part = { folder: join(folder, `grown ${learningRate}`), signal, progress: () => {} };
      return (await parts[0].measure(part)) as unknown as MultiModalGrownResult;
    };
    const { grey, steps, ...asIt } = await measure(0);
    expect(steps).toBe(2);
    expect(grey).toEqual(asIt);
    const learned = await measure(0.05);
    expect(learned.grey!.scores).not.toEqual(learned.scores);
  });
});
