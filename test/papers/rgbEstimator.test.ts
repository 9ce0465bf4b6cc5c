import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import { meanBox } from "../../src/estimation/boxAggregation";
import { createParameters, type Parameters } from "../../src/models/params";
import type { PoseSampler } from "../../src/papers/finishedOde";
import { loadRgbEstimator, rgbEstimator } from "../../src/papers/rgbEstimator";
import { rgbParameters, rgbPresets, rgbVariant } from "../../src/papers/rgbMeanShift";
import { boxesOfVectors } from "../../src/papers/rgbPose";
import { photoWithBox, thumbnailOf, viewOfPhoto } from "../../src/papers/rgbView";
import { Rng } from "../../src/random";
import { ddim } from "../../src/samplers/ddim";
import { saveModel } from "../../src/training/checkpoint";
import { testPhoto as photo, testView as view } from "./testPhoto";

beforeAll(() => ready());

const { small } = rgbPresets;
const sampler: PoseSampler = (score, z, options) => ddim(score, z, { ...options, sde: undefined, steps: 5 });

function awake(config = small): Parameters {
  const parameters = createParameters(rgbParameters(config), new Rng(1));
  const rng = new Rng(2);
  for (let i = 0; i < parameters.values.length; i++)
    if (parameters.values[i] === 0) parameters.values[i] = rng.normal(0, 0.02);
  return parameters;
}

describe("viewOfPhoto", () => {
  it("keeps a photo's shape in its thumbnail and marks the box where it is", () => {
    const rgb = new Uint8Array(3 * 100 * 200).fill(200);
    const camera = { fx: 100, fy: 100, cx: 50, cy: 100, width: 100, height: 200 };
    const thumbnail = thumbnailOf({ rgb, camera });
    // 24 of 64 columns are photo.
    expect([...thumbnail.subarray(3 * 64 * 10, 3 * 64 * 11)].filter((v) => v === 200).length).toBe(3 * 24);
    const marked = photoWithBox(thumbnail, { x1: 0, y1: 0, x2: 100, y2: 100 }, camera);
    const cover = (u: number, v: number): number => marked[4 * (v * 64 + u) + 3];
    expect([cover(19, 5), cover(20, 5), cover(43, 23), cover(44, 5), cover(30, 24)]).toEqual([0, 255, 255, 0, 0]);
  });

  it("tells the network when there is no geometry", () => {
    const { geometry: _, ...colours } = view;
    expect(viewOfPhoto(view, 64).view.kept).toBeUndefined();
    const found = viewOfPhoto(colours, 64).view;
    expect([...(found.kept ?? [])]).toEqual([1, 0, 1, 1]);
    expect(found.geometry.every((g) => g === 0)).toBe(true);
    expect(() => viewOfPhoto({ ...view, box: { x1: -90, y1: -90, x2: -50, y2: -50 } }, 64)).toThrow(/outside/);
  });
});

describe("rgbEstimator", () => {
  it("samples K hypotheses of pose and size and aggregates them; the same seed gives the same", () => {
    const tensors = tf.memory().numTensors;
    const estimator = rgbEstimator(small, awake());
    const found = estimator.estimate(view, { hypotheses: 4, seed: 3, sampler, aggregate: meanBox });
    expect(found.hypotheses).toHaveLength(4);
    expect(found.box).toEqual(meanBox(found.hypotheses));
    expect(found.regression?.size.every((s) => s > 0)).toBe(true);
    const again = estimator.estimate(view, { hypotheses: 4, seed: 3, sampler, aggregate: meanBox });
    expect(again.hypotheses).toEqual(found.hypotheses);
    const other = estimator.estimate(view, { hypotheses: 4, seed: 4, sampler });
    expect(other.hypotheses).not.toEqual(found.hypotheses);
    estimator.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("leaves conditions out when asked, and starts from the hypotheses of the frame before", () => {
    const estimator = rgbEstimator(small, awake());
    const told = estimator.encode(view);
    const untold = estimator.encode(view, { without: ["global", "category"] });
    expect(untold.feature).not.toEqual(told.feature);
    expect(untold.frame).toEqual(told.frame);
    const stay: PoseSampler = (_score, z, { init }) => ({ x: Float64Array.from(init ?? z), nfe: 0 });
    const truth = { ...photo.pose, size: photo.size };
    const { hypotheses } = estimator.estimate(view, { from: [truth, truth], sampler: stay });
    expect(hypotheses).toHaveLength(2);
    hypotheses[0].translation.forEach((t, i) => {
      expect(t).toBeCloseTo(truth.translation[i], 9);
    });
    const numbers = [1, 0, 0, 0, 1, 0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
    expect(estimator.boxesOf(numbers, told.frame)).toEqual(boxesOfVectors(numbers, told.frame, small));
    expect(() => estimator.estimate(view, { from: [truth], hypotheses: 2 })).toThrow(/1 hypotheses/);
    expect(() => estimator.estimate(view, { hypotheses: 0 })).toThrow(/at least 1/);
    estimator.dispose();
  });

  it("is loaded from a checkpoint by its card: variant and regression head", () => {
    const { regression: _, ...config } = rgbVariant(small, "NC");
    const parameters = awake(config);
    const path = join(mkdtempSync(join(tmpdir(), "rgb-")), "model.safetensors");
    const card = { preset: "small", network: "rgb", variant: "NC", regression: false };
    saveModel(path, parameters, parameters.values, card);
    const loaded = loadRgbEstimator(path);
    const direct = rgbEstimator(config, parameters);
    expect(loaded.encode(view)).toEqual(direct.encode(view));
    expect(loaded.encode(view).regression).toBeUndefined();
    loaded.dispose();
    direct.dispose();
    saveModel(path, parameters, parameters.values, { ...card, network: "joint" });
    expect(() => loadRgbEstimator(path)).toThrow(/names the network "joint"/);
  });
});
