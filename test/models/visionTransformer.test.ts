import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { ready, tf } from "../../src/backend";
import { createParameters, weightsOf } from "../../src/models/params";
import { bicubicMatrix } from "../../src/models/vit/bicubic";
import {
  visionTransformer,
  visionTransformerConfig,
  visionTransformerParameters,
} from "../../src/models/vit/visionTransformer";
import { Rng } from "../../src/random";

beforeAll(() => ready());

const config = visionTransformerConfig({
  model_type: "dinov2",
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  image_size: 12,
  patch_size: 4,
  mlp_ratio: 2,
});

it("has DINOv2's parameters", () => {
  const small = visionTransformerConfig({
    model_type: "dinov2",
    hidden_size: 384,
    num_attention_heads: 6,
    image_size: 518,
  });
  const count = visionTransformerParameters(small).reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  // the ViT-S/14 of the library, less its mask token
  expect(count).toBe(22_056_576 - 384);
});

it("bicubic: the same size changes nothing, rows sum to 1, a straight line stays straight inside", () => {
  const same = bicubicMatrix(5, 5);
  for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) expect(same[i * 5 + j]).toBe(i === j ? 1 : 0);
  const larger = bicubicMatrix(6, 12);
  for (let row = 0; row < 12; row++) {
    const weights = larger.slice(row * 6, row * 6 + 6);
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    const line = weights.reduce((sum, w, j) => sum + w * j, 0);
    if (row >= 4 && row < 8) expect(line).toBeCloseTo((row + 0.5) / 2 - 0.5, 1);
  }
});

it("gives every hidden state at any picture size, and a gradient", () => {
  const parameters = createParameters(visionTransformerParameters(config), new Rng(1));
  tf.tidy(() => {
    const weights = weightsOf(parameters);
    const pictures = (height: number, width: number): Tensor4D =>
      tf.tensor4d(Float32Array.from(new Rng(2).normals(height * width * 3)), [1, height, width, 3]);
    const { hidden, pooled, grid } = visionTransformer(weights, config, pictures(8, 21));
    expect(grid).toEqual([2, 5]);
    expect(hidden.map(({ shape }) => shape)).toEqual(new Array(3).fill([1, 11, 8]));
    expect(pooled.shape).toEqual([1, 8]);
    const x = pictures(12, 12);
    const gradient = tf.grad((picture: Tensor) =>
      tf.sum(visionTransformer(weights, config, picture as Tensor4D).hidden[2]),
    )(x);
    expect(Math.max(...tf.abs(gradient).dataSync())).toBeGreaterThan(0);
    expect(() => visionTransformer(weights, config, pictures(3, 12))).toThrow("sides of at least 4");
  });
});

it.each([
  [{ model_type: "dinov2", use_swiglu_ffn: true }, "use_swiglu_ffn"],
  [{ model_type: "vit" }, "model_type"],
  [{ hidden_size: 10, num_attention_heads: 3 }, "3 heads"],
])("refuses %j", (raw, message) => {
  expect(() => visionTransformerConfig(raw)).toThrow(message);
});
