import type { Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { presentBackends, ready, tf } from "../../src/backend";
import { type GroupingConfig, group } from "../../src/geometry/grouping";
import {
  ablationImageCnn,
  cnnExtractor,
  cnnGrid,
  imageCnn,
  imageCnnParameters,
  smallImageCnn,
} from "../../src/models/imageCnn";
import { featuresOfPoints } from "../../src/models/imageFeatures";
import { createParameters, parameterView, type Weights, weightsOf } from "../../src/models/params";
import { encode, featureSize, type PointNet2Config, pointNet2Parameters } from "../../src/models/pointNet2";
import { Rng } from "../../src/random";
import { batchGradients } from "../../src/training/gradients";
import { warmStart } from "../../src/training/warmStart";

beforeAll(() => ready());

const batch = 2;
const points = 32;
/** Balls that hold all points, so that no order decides which are left out. */
const encoder: PointNet2Config = {
  points,
  centred: true,
  relativeToRadius: true,
  coordinateScale: 10,
  batchNorm: false,
  levels: [
    { centroids: 12, scales: [{ radius: 0.05, samples: points, widths: [8, 16] }] },
    { centroids: 5, scales: [{ radius: 0.1, samples: 12, widths: [16, 16] }] },
  ],
  groupAll: [[16, 24]],
};
const rgbd: PointNet2Config = { ...encoder, imageChannels: cnnGrid(ablationImageCnn).channels };

const rng = (name: string): Rng => new Rng(17).split(name);
const cloud = (): Float32Array => Float32Array.from(rng("cloud").normals(batch * points * 3), (v) => 0.03 * v);
const crops = (): Uint8Array => Uint8Array.from({ length: batch * 48 * 48 * 3 }, (_, i) => (i * i + 7 * i) % 251);
const cells = (): Int32Array => {
  const r = rng("cells");
  return Int32Array.from({ length: batch * points }, () => r.integer(24 * 24));
};

describe("image CNN", () => {
  it("makes a grid of the crop", () => {
    expect(cnnGrid(smallImageCnn)).toEqual({ cropSize: 48, gridSize: 24, channels: 32 });
    expect(createParameters(imageCnnParameters(smallImageCnn), new Rng(0)).trainableCount).toBe(8_176);
    expect(createParameters(imageCnnParameters(ablationImageCnn), new Rng(0)).trainableCount).toBe(3_536);
    expect(() => cnnGrid({ cropSize: 9, layers: [{ kernel: 3, stride: 2, width: 4 }] })).toThrow(/do not divide/);
  });

  it("as an extractor gives what it gives in training, from a copy, and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const parameters = createParameters(imageCnnParameters(smallImageCnn), new Rng(2));
    const extractor = cnnExtractor(parameters, smallImageCnn);
    const reference = tf.tidy(() => imageCnn(weightsOf(parameters), smallImageCnn, crops(), batch).dataSync());
    parameters.values.fill(0);
    expect(await extractor.extract(crops(), batch)).toEqual(reference);
    await expect(extractor.extract(new Uint8Array(4), 1)).rejects.toThrow(/imageCnn: expected/);
    extractor.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("learns the same on every backend", async () => {
    const current = tf.getBackend();
    const cnn = {
      cropSize: 8,
      layers: [
        { kernel: 5, stride: 2, width: 4 },
        { kernel: 3, stride: 1, width: 3 },
      ],
    };
    const parameters = createParameters(imageCnnParameters(cnn), new Rng(6));
    const image = crops().subarray(0, 2 * 8 * 8 * 3);
    const results: Float32Array[] = [];
    for (const backend of await presentBackends()) {
      await tf.setBackend(backend);
      const loss = (weights: Weights) => ({ total: tf.mean(tf.square(imageCnn(weights, cnn, image, 2))).asScalar() });
      results.push(batchGradients(parameters, loss, undefined).numbers);
    }
    await tf.setBackend(current);
    expect(results.length).toBeGreaterThan(1);
    for (const other of results.slice(1))
      other.forEach((v, i) => {
        expect(v).toBeCloseTo(results[0][i], 4);
      });
  });

  it("gives a cell what its surroundings show, and nothing of what is far", () => {
    tf.tidy(() => {
      const weights = weightsOf(createParameters(imageCnnParameters(smallImageCnn), new Rng(2)));
      const image = crops().subarray(0, 48 * 48 * 3);
      const changed = image.slice();
      changed[3 * (48 * 40 + 40)] ^= 0xff;
      const [a, b] = [image, changed].map((crop) => imageCnn(weights, smallImageCnn, crop, 1).dataSync());
      const differs = new Set(
        Array.from(a.keys())
          .filter((i) => a[i] !== b[i])
          .map((i) => Math.floor(i / 32)),
      );
      expect(differs.size).toBeGreaterThan(0);
      for (const cell of differs)
        for (const at of [cell % 24, Math.floor(cell / 24)]) expect(Math.abs(2 * at - 40)).toBeLessThanOrEqual(7);
    });
  });
});

describe("features of points", () => {
  it("come from the cell of the point's own map", () => {
    tf.tidy(() => {
      const maps = tf.tensor4d(
        Float32Array.from({ length: 2 * 2 * 2 * 3 }, (_, i) => i),
        [2, 2, 2, 3],
      );
      const features = featuresOfPoints(maps, Int32Array.of(3, 0, 1, 1), 2).arraySync();
      expect(features).toEqual([
        [9, 10, 11],
        [0, 1, 2],
        [15, 16, 17],
        [15, 16, 17],
      ]);
    });
    const maps = tf.zeros([2, 2, 2, 3]);
    const before = tf.memory().numTensors;
    expect(() => featuresOfPoints(maps, Int32Array.of(4, 0), 2)).toThrow(/cell 4 of a map with 4/);
    expect(() => featuresOfPoints(maps, Int32Array.of(1, 0, 1), 2)).toThrow(/do not make 2 objects/);
    expect(tf.memory().numTensors).toBe(before);
    maps.dispose();
  });
});

describe("encoder with image features", () => {
  const parameters = () =>
    createParameters([...pointNet2Parameters(rgbd), ...imageCnnParameters(ablationImageCnn)], new Rng(4));
  const grouping = group(encoder as GroupingConfig, cloud(), batch);

  it("joins them at every level: the matrices are wider by as many rows, nothing else changes", () => {
    const plain = pointNet2Parameters(encoder);
    pointNet2Parameters(rgbd).forEach(({ name, shape }, i) => {
      expect(name).toBe(plain[i].name);
      const first = name.endsWith("layer0.conv.weight") ? 16 : 0;
      expect(shape).toEqual([plain[i].shape[0] + first, ...plain[i].shape.slice(1)]);
    });
  });

  it("grows out of the network without them and starts as the same function", () => {
    const narrow = createParameters(pointNet2Parameters(encoder), new Rng(4));
    const wide = createParameters(pointNet2Parameters(rgbd), new Rng(9));
    const values = narrow.slots.map(({ name, shape }) => [name, { shape, data: parameterView(narrow, name) }] as const);
    warmStart(wide, { path: "narrow", card: {}, values: new Map(values) });
    tf.tidy(() => {
      const pointFeatures = tf.tensor2d(Float32Array.from(rng("f").normals(batch * points * 16)), [batch * points, 16]);
      const own = encode(weightsOf(wide), rgbd, grouping, { pointFeatures }).feature.dataSync();
      const reference = encode(weightsOf(narrow), encoder, grouping).feature.dataSync();
      expect(reference.length).toBe(batch * featureSize(encoder));
      own.forEach((v, i) => {
        expect(v).toBeCloseTo(reference[i], 5);
      });
    });
  });

  it("sends the gradient back to every layer of the CNN, and leaves no tensor", () => {
    const p = parameters();
    const before = tf.memory().numTensors;
    const { gradients, numbers } = batchGradients(
      p,
      (weights, input: { crops: Uint8Array; cells: Int32Array }) => {
        const pointFeatures = featuresOfPoints(
          imageCnn(weights, ablationImageCnn, input.crops, batch),
          input.cells,
          batch,
        );
        return { total: tf.mean(tf.square(encode(weights, rgbd, grouping, { pointFeatures }).feature)) };
      },
      { crops: crops(), cells: cells() },
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(gradients).toHaveLength(p.slots.length);
    for (const { slot, start } of gradients) {
      const gradient = numbers.subarray(start, start + slot.size);
      expect(gradient.every(Number.isFinite), slot.name).toBe(true);
      expect(
        gradient.some((v) => v !== 0),
        slot.name,
      ).toBe(true);
    }
  });

  it("does not see the order of points, as long as each keeps its pixel", () => {
    const p = parameters();
    const [xyz, where] = [cloud(), cells()];
    // The first point of a cloud starts the farthest point sampling and stays.
    const order = [0, ...Array.from(rng("order").permutation(points - 1), (i) => i + 1)];
    const shuffledXyz = new Float32Array(xyz.length);
    const shuffledCells = new Int32Array(where.length);
    for (let b = 0; b < batch; b++)
      order.forEach((from, to) => {
        const [source, target] = [b * points + from, b * points + to];
        shuffledXyz.set(xyz.subarray(3 * source, 3 * source + 3), 3 * target);
        shuffledCells[target] = where[source];
      });
    const feature = (clouds: Float32Array, of: Int32Array): Float32Array =>
      tf.tidy(() => {
        const weights = weightsOf(p);
        const pointFeatures = featuresOfPoints(imageCnn(weights, ablationImageCnn, crops(), batch), of, batch);
        const encoded = encode(weights, rgbd, group(encoder, clouds, batch), { pointFeatures });
        return encoded.feature.dataSync() as Float32Array;
      });
    const reference = feature(xyz, where);
    feature(shuffledXyz, shuffledCells).forEach((v, i) => {
      expect(v).toBeCloseTo(reference[i], 4);
    });
    const foreign = feature(shuffledXyz, where);
    expect(foreign.some((v, i) => Math.abs(v - reference[i]) > 1e-2)).toBe(true);
  });

  it("refuses features that do not fit", () => {
    tf.tidy(() => {
      const weights = weightsOf(parameters());
      const wrong = tf.zeros([3, 16]) as Tensor2D;
      expect(() => encode(weights, rgbd, grouping)).toThrow(/the encoder takes \[64, 16\]/);
      expect(() => encode(weights, rgbd, grouping, { pointFeatures: wrong })).toThrow(/features are \[3, 16\]/);
      expect(() => encode(weights, encoder, grouping, { pointFeatures: wrong })).toThrow(/none where the encoder/);
    });
  });
});
