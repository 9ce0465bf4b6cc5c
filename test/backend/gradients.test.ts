import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { presentBackends, tf } from "../../src/backend";
import { Rng } from "../../src/random";

const rng = new Rng(3);
const normals = (name: string, count: number, scale = 1): Float32Array =>
  Float32Array.from(rng.split(name).normals(count), (v) => scale * v);

/** Gather → shared layer → batch norm → ReLU → max over samples → fused dense → angle: the ops of PointNet++. */
function pointNetLoss([w1, w2, bias]: Tensor[]): Tensor {
  const points = tf.tensor2d(normals("points", 12 * 3), [12, 3]);
  const indices = tf.tensor1d([0, 1, 1, 5, 5, 5, 7, 11, 2, 3, 4, 0], "int32");
  const features = tf.matMul(points, w1 as Tensor2D);
  const grouped = tf.concat([tf.gather(features, indices), tf.gather(points, indices)], 1);
  const { mean, variance } = tf.moments(grouped, 0);
  // tfjs cannot take the gradient of a batchNorm that is given no scale.
  const normalised = tf.batchNorm(grouped, mean as Tensor1D, variance as Tensor1D, tf.zeros([7]), tf.ones([7]), 1e-5);
  const pooled = tf.max(tf.relu(normalised).reshape([4, 3, -1]), 1) as Tensor2D;
  const output = tf.fused.matMul({ a: pooled, b: w2 as Tensor2D, bias, activation: "relu" });
  const cosine = tf.clipByValue(
    tf
      .tanh(output.slice([0, 0], [4, 2]))
      .sum(1)
      .mul(0.4),
    -0.999,
    0.999,
  );
  return tf.acos(cosine).mean().add(tf.square(output).mean());
}

const pointNetInputs = (): Tensor[] => [
  tf.tensor2d(normals("w1", 3 * 4), [3, 4]),
  tf.tensor2d(normals("w2", 7 * 5), [7, 5]),
  tf.tensor1d(normals("bias", 5, 0.1)),
];

/** Convolution, max pooling and a second strided convolution. */
function convolutionLoss([w1, w2]: Tensor[]): Tensor {
  const image = tf.tensor4d(normals("image", 2 * 9 * 8 * 3), [2, 9, 8, 3]);
  const first = tf.relu(tf.conv2d(image, w1 as Tensor4D, 1, "same"));
  const second = tf.conv2d(tf.maxPool(first, 2, 2, "same"), w2 as Tensor4D, [2, 1], "valid");
  return tf.square(second).mean();
}

const convolutionInputs = (): Tensor[] => [
  tf.tensor4d(normals("c1", 3 * 3 * 3 * 4), [3, 3, 3, 4]),
  tf.tensor4d(normals("c2", 2 * 3 * 4 * 5), [2, 3, 4, 5]),
];

const nets = { pointNet: [pointNetLoss, pointNetInputs], convolution: [convolutionLoss, convolutionInputs] } as const;

function gradientsOf(net: keyof typeof nets): number[] {
  const [loss, inputs] = nets[net];
  return tf.tidy(() =>
    tf
      .grads((...x: Tensor[]) => loss(x))(inputs())
      .flatMap((g) => [...g.dataSync()]),
  );
}

describe.each(await presentBackends())("on %s", (backend) => {
  beforeAll(async () => void (await tf.setBackend(backend)));

  test.each(["pointNet", "convolution"] as const)("the gradients of a small %s equal those of cpu", async (net) => {
    const ours = gradientsOf(net);
    await tf.setBackend("cpu");
    const reference = gradientsOf(net);
    await tf.setBackend(backend);
    expect(Math.max(...reference.map(Math.abs))).toBeGreaterThan(0.01);
    ours.forEach((value, i) => {
      expect(Math.abs(value - (reference[i] as number))).toBeLessThan(1e-4);
    });
  });

  test("the gradient of gather counts every use and drops nothing", () => {
    const gradient = tf.tidy(() =>
      tf
        .grad((table: Tensor) => tf.gather(table, tf.tensor1d([1, 1, 3], "int32")).sum())(tf.ones([5, 2]))
        .dataSync(),
    );
    expect([...gradient]).toEqual([0, 0, 2, 2, 0, 0, 1, 1, 0, 0]);
  });

  test("no tensor is left behind", () => {
    const before = tf.memory().numTensors;
    gradientsOf("pointNet");
    gradientsOf("convolution");
    expect(tf.memory().numTensors).toBe(before);
  });
});
