import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { ready, tf } from "../../src/backend";
import {
  type AggregationConfig,
  aggregate,
  aggregationParameters,
  stableDiffusionChannels,
} from "../../src/models/aggregation";
import { createParameters, weightsOf } from "../../src/models/params";
import { Rng } from "../../src/random";

beforeAll(() => ready());

const small = (config: Partial<AggregationConfig> = {}): AggregationConfig => ({
  kind: "cwa",
  channels: [4, 6],
  width: 4,
  ...config,
});
const mapsOf = (batch: number, channels: readonly number[]): Tensor4D[] =>
  channels.map((c, i) => tf.tensor4d(Float32Array.from(new Rng(i).normals(batch * 36 * c)), [batch, 6, 6, c]));

describe("aggregation networks", () => {
  test("have the paper's numbers of parameters with Stable Diffusion's channels (Table 4)", () => {
    const count = (kind: AggregationConfig["kind"]): number =>
      aggregationParameters({ kind, channels: stableDiffusionChannels, width: 16 }).reduce(
        (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
        0,
      );
    expect([count("va"), count("na"), count("cwa")]).toEqual([2_534_400, 13_278_720, 13_285_140]);
  });

  test("all begin as the vanilla sum: the bottleneck's last convolution is 0, CWA's weights are equal", () => {
    tf.tidy(() => {
      const maps = mapsOf(2, [4, 6]);
      const run = (kind: AggregationConfig["kind"]) =>
        aggregate(
          weightsOf(createParameters(aggregationParameters(small({ kind })), new Rng(3))),
          small({ kind }),
          maps,
        );
      const [va, na, cwa] = [run("va"), run("na"), run("cwa")];
      expect(va.map.shape).toEqual([2, 3, 3, 4]);
      const difference = (a: Tensor, b: Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];
      expect(difference(va.map, na.map)).toBeLessThan(1e-6);
      expect(difference(va.map, tf.mul(cwa.map, 2))).toBeLessThan(1e-5);
      for (const w of cwa.layerWeights!.dataSync()) expect(w).toBeCloseTo(0.5, 6);
    });
  });

  test("the published start gives the bottleneck no gradient, the paper's gives its last convolution one", () => {
    const sums = (zero: "last" | "all"): Record<string, number> =>
      tf.tidy(() => {
        const config = small({ kind: "na", zero });
        const weights = weightsOf(createParameters(aggregationParameters(config), new Rng(5)));
        const names = Object.keys(weights);
        const maps = mapsOf(1, config.channels);
        const gradients = tf.grads((...arrays: Tensor[]) => {
          const own = Object.fromEntries(names.map((name, i) => [name, arrays[i]]));
          return tf.sum(tf.square(aggregate(own, config, maps).map));
        })(names.map((name) => weights[name]));
        return Object.fromEntries(names.map((name, i) => [name, tf.sum(tf.abs(gradients[i])).dataSync()[0]]));
      });
    const [last, all] = [sums("last"), sums("all")];
    for (const part of ["conv1.0", "conv2.0", "conv3"]) expect(all[`extractors.0.${part}.weight`]).toBe(0);
    expect(last["extractors.0.conv3.weight"]).toBeGreaterThan(0);
    expect(all["extractors.0.short_cut.weight"]).toBeGreaterThan(0);
  });

  test("says what does not fit", () => {
    expect(() => aggregationParameters(small({ channels: [3] }))).toThrow(
      "has 3 channels; a bottleneck needs an even number",
    );
    const config = small();
    const weights = weightsOf(createParameters(aggregationParameters(config), new Rng(1)));
    expect(() => aggregate(weights, config, mapsOf(1, [4]))).toThrow("got 1 feature maps, the network reads 2");
    expect(() => aggregate(weights, config, mapsOf(1, [4, 4]))).toThrow("expected 6 channels");
  });
});
