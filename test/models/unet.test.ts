import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import { createParameters, weightsOf } from "../../src/models/params";
import { attention, attentionParameters, diffusersAttention } from "../../src/models/unet/attention";
import { autoencoderConfig } from "../../src/models/unet/autoencoder";
import { doubled, groupNorm } from "../../src/models/unet/imageLayers";
import { timestepFeatures } from "../../src/models/unet/timestepEmbedding";
import { unet, unetFeatures, unetParameters } from "../../src/models/unet/unet";
import { unetConfig } from "../../src/models/unet/unetConfig";
import { unetCost } from "../../src/models/unet/unetCost";
import { Rng } from "../../src/random";

beforeAll(() => ready());

/** A small unconditional UNet: three resolutions, attention over pixels at the second. */
const small = unetConfig({
  _class_name: "UNet2DModel",
  in_channels: 3,
  out_channels: 3,
  block_out_channels: [4, 8, 8],
  down_block_types: ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D"],
  up_block_types: ["UpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
  layers_per_block: 1,
  norm_num_groups: 2,
  attention_head_dim: 4,
});

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const count = (config: ReturnType<typeof unetConfig>): number =>
  unetParameters(config).reduce((sum, { shape }) => sum + size(shape), 0);

describe("unetConfig", () => {
  it("with Stable Diffusion 1.5's fields has its parameters, 20 features and eight heads", () => {
    const config = unetConfig({ cross_attention_dim: 768, sample_size: 64, attention_head_dim: 8 });
    expect(count(config)).toBe(859_520_964);
    const features = [...config.down, ...config.up].reduce((sum, { resnets }) => sum + resnets, 0);
    expect(features).toBe(20);
    expect(config.down.map(({ heads }) => heads)).toEqual([8, 8, 8, 8]);
    expect(config.middle?.attention).toBe("cross");
  });

  it("with 2.0's fields has its parameters, and heads one number a block, reversed on the way up", () => {
    const config = unetConfig({ cross_attention_dim: 1024, attention_head_dim: [5, 10, 20, 20] });
    expect(count(config)).toBe(865_910_724);
    expect(config.up.map(({ heads }) => heads)).toEqual([20, 20, 10, 5]);
    expect(config.middle?.heads).toBe(20);
  });

  it("of Stable Diffusion 1.5 multiplies 402 billion times for a picture of 512, and gives 47.5 MB of features", () => {
    const cost = unetCost(unetConfig({ cross_attention_dim: 768 }), 64, 64);
    expect(cost.multiplications / 1e9).toBeCloseTo(401.6, 1);
    // 320 channels of 64², 640 of 32², 1280 of 16² and 8²: two down and three up each
    expect(cost.featureBytes).toBe(4 * 5 * (320 * 64 ** 2 + 640 * 32 ** 2 + 1280 * (16 ** 2 + 8 ** 2)));
    expect(cost.attentionBytes).toBe(4 * 8 * 4096 ** 2);
    const tiny = unetCost(small, 4, 4);
    expect(tiny.parameters).toBe(count(small));
  });

  it.each([
    [{ class_embed_type: "timestep" }, "class_embed_type"],
    [{ act_fn: "mish" }, "act_fn"],
    [{ down_block_types: ["KDownBlock2D"] }, "down_block_types"],
    [{ block_out_channels: [320, 640] }, "each block needs one of each"],
    [{ block_out_channels: [321, 640, 1280, 1280] }, "norm_num_groups"],
    [{ attention_head_dim: [8, 8] }, "attention_head_dim"],
    [{ attention_head_dim: 7 }, "7 heads"],
    [{ in_channels: "4" }, "in_channels"],
    [{ _class_name: "UNet3DConditionModel" }, "_class_name"],
    [{ mid_block_type: "UNetMidBlock2DSimpleCrossAttn" }, "mid_block_type"],
  ])("refuses %j and names the field", (raw, message) => {
    expect(() => unetConfig(raw, "config.json")).toThrow(message);
    expect(() => autoencoderConfig({ block_out_channels: [] })).toThrow("block_out_channels");
  });
});

describe("unet", () => {
  it("begins by predicting 0, and gives one map for each ResNet block", () => {
    tf.tidy(() => {
      const weights = weightsOf(createParameters(unetParameters(small), new Rng(1)));
      const x = tf.tensor4d(Float32Array.from(new Rng(2).normals(2 * 7 * 9 * 3)), [2, 7, 9, 3]);
      const output = unet(weights, small, x, [3, 700]);
      expect(output.sample.shape).toEqual([2, 7, 9, 3]);
      expect(Math.max(...tf.abs(output.sample).dataSync())).toBe(0);
      // odd sides: 7 → 4 → 2, and back to 4 → 7
      expect(unetFeatures(output).map(({ shape }) => shape.slice(1))).toEqual([
        [7, 9, 4],
        [4, 5, 8],
        [2, 3, 8],
        [2, 3, 8],
        [2, 3, 8],
        [4, 5, 8],
        [4, 5, 8],
        [7, 9, 4],
        [7, 9, 4],
      ]);
      expect(output.middle.length).toBe(2);
    });
  });

  it("has gradients that agree with differences, in every kind of layer", () => {
    const parameters = createParameters(unetParameters(small), new Rng(1));
    // The last layer begins as 0: nothing would reach the others.
    const rng = new Rng(5);
    for (let i = 0; i < parameters.values.length; i++) parameters.values[i] += rng.normal(0, 0.1);
    const x = tf.tensor4d(Float32Array.from(rng.normals(4 * 4 * 3)), [1, 4, 4, 3]);
    const weights = weightsOf(parameters);
    const loss = (values: typeof weights): Tensor => tf.sum(tf.square(unet(values, small, x, 100).sample));
    for (const name of [
      "conv_in.weight",
      "time_embedding.linear_1.weight",
      "down_blocks.0.downsamplers.0.conv.weight",
      "down_blocks.1.attentions.0.to_q.weight",
      "mid_block.attentions.0.group_norm.weight",
      "up_blocks.0.upsamplers.0.conv.bias",
      "up_blocks.2.resnets.1.conv_shortcut.weight",
      "conv_norm_out.bias",
    ]) {
      const tensor = weights[name];
      const along = tf.tensor(Float32Array.from(new Rng(9).normals(tensor.size)), tensor.shape);
      const at = (step: number): number =>
        tf.tidy(() => loss({ ...weights, [name]: tf.add(tensor, tf.mul(along, step)) }).dataSync()[0]);
      const slope = tf.tidy(() => {
        const gradient = tf.grad((w: Tensor) => loss({ ...weights, [name]: w }).asScalar())(tensor);
        return tf.sum(tf.mul(gradient, along)).dataSync()[0];
      });
      // Central differences, their h² term cancelled.
      const central = (h: number): number => (at(h) - at(-h)) / (2 * h);
      const difference = (4 * central(2e-3) - central(4e-3)) / 3;
      expect(Math.abs(slope - difference), name).toBeLessThan(0.02 * Math.max(1, Math.abs(difference)));
    }
    tf.dispose([weights, x]);
  });

  it("tells what does not fit", () => {
    tf.tidy(() => {
      const weights = weightsOf(createParameters(unetParameters(small), new Rng(1)));
      const x = tf.zeros([2, 8, 8, 3]) as Tensor4D;
      expect(() => unet(weights, small, x, [1])).toThrow("1 steps for 2 inputs");
      expect(() => unet(weights, small, tf.zeros([1, 8, 8, 4]) as Tensor4D, 0)).toThrow("4 channels");
      const conditional = unetConfig({
        block_out_channels: [32],
        cross_attention_dim: 6,
        down_block_types: ["CrossAttnDownBlock2D"],
        up_block_types: ["CrossAttnUpBlock2D"],
      });
      expect(() => unet({}, conditional, tf.zeros([1, 8, 8, 4]) as Tensor4D, 0)).toThrow("the context is []");
    });
  });
});

describe("layers", () => {
  it("doubled repeats each pixel two by two", () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      expect([...doubled(x).dataSync()]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
    });
  });

  it("groupNorm gives each group mean 0 and variance 1", () => {
    tf.tidy(() => {
      const x = tf.tensor4d(
        Float32Array.from(new Rng(1).normals(2 * 3 * 3 * 4), (v, i) => 5 * v + i),
        [2, 3, 3, 4],
      );
      const weights = { "n.weight": tf.ones([4]), "n.bias": tf.zeros([4]) };
      const y = tf.reshape(groupNorm(weights, "n", x, 2, 0), [2, 9, 2, 2]);
      const { mean, variance } = tf.moments(y, [1, 3]);
      for (const m of mean.dataSync()) expect(m).toBeCloseTo(0, 5);
      for (const v of variance.dataSync()) expect(v).toBeCloseTo(1, 4);
    });
  });

  it("attention whose keys are all equal takes the mean of the values", () => {
    tf.tidy(() => {
      const names = diffusersAttention("a");
      const specs = attentionParameters(names, 4, 3, true);
      const weights = { ...weightsOf(createParameters(specs, new Rng(1))) };
      weights["a.to_k.weight"] = tf.zeros([3, 4]);
      const context = tf.tensor3d(Float32Array.from(new Rng(2).normals(15)), [1, 5, 3]);
      const x = tf.tensor3d(Float32Array.from(new Rng(3).normals(8)), [1, 2, 4]);
      const y = attention(weights, names, 2, x, context);
      const mean = attention(weights, names, 2, x, tf.mean(context, 1, true) as Tensor3D);
      y.dataSync().forEach((v, i) => {
        expect(v).toBeCloseTo(mean.dataSync()[i], 5);
      });
    });
  });

  it("the first frequency of a step is 1, the last 10000^-(1 − 2/width)", () => {
    const features = timestepFeatures([2], { width: 8, cosineFirst: true, frequencyShift: 0 });
    expect(features[0]).toBeCloseTo(Math.cos(2), 6);
    expect(features[4]).toBeCloseTo(Math.sin(2), 6);
    expect(features[7]).toBeCloseTo(Math.sin(2 * 10_000 ** -0.75), 6);
    const shifted = timestepFeatures([2], { width: 8, cosineFirst: false, frequencyShift: 1 });
    expect(shifted[3]).toBeCloseTo(Math.sin(2 * 1e-4), 7);
  });
});
