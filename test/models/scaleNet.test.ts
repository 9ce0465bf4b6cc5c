import { beforeAll, describe, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import { createParameters, weightsOf } from "../../src/models/params";
import {
  clampSize,
  encodeAxes,
  paperScaleNet,
  type ScaleNetConfig,
  scaleNet,
  scaleNetLoss,
  scaleNetParameters,
} from "../../src/models/scaleNet";
import { Rng } from "../../src/random";

beforeAll(() => ready());

const config: ScaleNetConfig = { featureSize: 6, frequencies: 3, axesWidth: 8, hidden: 8, initialSize: 0.13 };

describe("ScaleNet", () => {
  it("has GenPose++'s parameters", () => {
    const published = 180 * 256 + 256 + (256 * 256 + 256) + ((1024 + 256) * 256 + 256) + (256 * 3 + 3);
    expect(createParameters(scaleNetParameters(paperScaleNet), new Rng(0)).trainableCount).toBe(published);
  });

  it("encodes the sines of all axes and frequencies, then the cosines", () => {
    const axes = [0.1, 0.2, 0.3, -0.1, 0.5, 0.6, 0.7, 0.8, -0.9];
    const encoded = encodeAxes([...axes, ...axes.map((v) => -v)], 2);
    expect(encoded).toHaveLength(2 * 36);
    expect(encoded[0]).toBeCloseTo(Math.sin(0.1), 6);
    expect(encoded[1]).toBeCloseTo(Math.sin(0.2), 6);
    expect(encoded[2]).toBeCloseTo(Math.sin(0.2), 6);
    expect(encoded[17]).toBeCloseTo(Math.sin(-1.8), 6);
    expect(encoded[18 + 16]).toBeCloseTo(Math.cos(-0.9), 6);
    expect(encoded[36]).toBeCloseTo(-Math.sin(0.1), 6);
    expect(encoded[36 + 18]).toBeCloseTo(Math.cos(0.1), 6);
  });

  it("begins with the initial size, for every rotation of every object", () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const weights = weightsOf(createParameters(scaleNetParameters(config), new Rng(1)));
      const feature = tf.tensor2d(Float32Array.from(new Rng(3).normals(12)), [2, 6]);
      const sizes = scaleNet(weights, config, feature, new Rng(2).normals(2 * 5 * 9));
      expect(sizes.shape).toEqual([10, 3]);
      for (const v of sizes.dataSync()) expect(v).toBeCloseTo(0.13, 6);
      expect(() => scaleNet(weights, config, feature, new Float64Array(27))).toThrow(/2 features and 3 rotations/);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("loses the mean square in its unit", () => {
    tf.tidy(() => {
      const predicted = tf.tensor2d([0.11, 0.2, 0.3, 0.1, 0.2, 0.33, 1, 1, 1, 1, 1, 1], [4, 3]);
      const sizes = Float32Array.of(0.1, 0.2, 0.3, 1, 1, 1.01);
      const loss = scaleNetLoss(predicted, sizes, { unit: 0.01 }).dataSync()[0];
      expect(loss).toBeCloseTo((1 + 9 + 1 + 1) / 12, 4);
      expect(() => scaleNetLoss(predicted, new Float32Array(9), { unit: 1 })).toThrow(/4 predictions do not fit 3/);
    });
    expect(clampSize([-1, 0.2, 0])).toEqual([1e-3, 0.2, 1e-3]);
  });
});
