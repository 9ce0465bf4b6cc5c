/**
 * Every op with a native shortcut gives the generic form's value and gradients.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { tf } from "../../src/backend";
import { batchNorm } from "../../src/models/ops/batchNorm";
import { dense } from "../../src/models/ops/dense";
import { gatherRows } from "../../src/models/ops/gatherRows";
import { groupNorm } from "../../src/models/ops/groupNorm";
import { maxOverSamples } from "../../src/models/ops/maxOverSamples";
import { type NativeBackend, nativeBackend } from "../../src/models/ops/native";
import { relu } from "../../src/models/ops/relu";
import { silu } from "../../src/models/ops/silu";
import { Rng } from "../../src/random";

const matrix = (name: string, rows: number, columns: number): Tensor2D =>
  tf.tensor2d(Float32Array.from(new Rng(5).split(name).normals(rows * columns)), [rows, columns]);
const vector = (name: string, size: number): Tensor1D => matrix(name, 1, size).reshape([size]);

type Form = (inputs: Tensor[], native: NativeBackend | null) => Tensor;

/** y and the gradients of Σ y·c for a fixed random c, as plain numbers. */
function valueAndGradients(form: Form, inputs: Tensor[], native: NativeBackend | null): number[][] {
  return tf.tidy(() => {
    const y = form(inputs, native);
    const c = tf.tensor(Float32Array.from(new Rng(6).normals(y.size)), y.shape);
    const gradients = tf.grads((...xs) => tf.sum(tf.mul(form(xs, native), c)))(inputs);
    return [y, ...gradients].map((t) => Array.from(t.dataSync()));
  });
}

function expectClose(a: number[][], b: number[][], tolerance: number): void {
  expect(a.map((v) => v.length)).toEqual(b.map((v) => v.length));
  a.forEach((values, i) => {
    const worst = values.reduce((w, v, k) => Math.max(w, Math.abs(v - b[i][k]) / (1 + Math.abs(b[i][k]))), 0);
    expect(worst, `quantity ${i}`).toBeLessThan(tolerance);
  });
}

const forms: Record<string, { form: Form; stock: (inputs: Tensor[]) => Tensor; inputs: () => Tensor[] }> = {
  relu: {
    form: ([x], native) => relu(x, native),
    stock: ([x]) => tf.relu(x),
    inputs: () => [matrix("x", 7, 5)],
  },
  silu: {
    form: ([x], native) => silu(x, native),
    stock: ([x]) => tf.mul(x, tf.sigmoid(x)),
    inputs: () => [matrix("x", 7, 5)],
  },
  groupNorm: {
    form: ([x, scale, shift]) => groupNorm(x as Tensor4D, scale as Tensor1D, shift as Tensor1D, 2, 1e-3),
    stock: ([x, scale, shift]) => {
      const groups = tf.reshape(x, [2, 12, 2, 3]);
      const { mean, variance } = tf.moments(groups, [1, 3], true);
      const normal = tf.reshape(tf.div(tf.sub(groups, mean), tf.sqrt(tf.add(variance, 1e-3))), [2, 4, 3, 6]);
      return tf.add(tf.mul(normal, scale), shift);
    },
    inputs: () => [matrix("x", 24, 6).reshape([2, 4, 3, 6]), vector("scale", 6), vector("shift", 6)],
  },
  "dense linear": {
    form: ([w, b, x], native) => dense(x as Tensor2D, w as Tensor2D, b as Tensor1D, { native }),
    stock: ([w, b, x]) => tf.add(tf.matMul(x, w), b),
    inputs: () => [matrix("w", 5, 6), vector("b", 6), matrix("x", 9, 5)],
  },
  "dense relu": {
    form: ([w, b, x], native) => dense(x as Tensor2D, w as Tensor2D, b as Tensor1D, { activation: "relu", native }),
    stock: ([w, b, x]) => tf.relu(tf.add(tf.matMul(x, w), b)),
    inputs: () => [matrix("w", 5, 6), vector("b", 6), matrix("x", 9, 5)],
  },
  maxOverSamples: {
    form: ([x]) => maxOverSamples(x as Tensor2D, 4),
    stock: ([x]) => tf.max(tf.reshape(x, [3, 4, 5]), 1),
    inputs: () => [matrix("x", 12, 5)],
  },
  gatherRows: {
    form: ([x]) => gatherRows(x as Tensor2D, tf.tensor1d([0, 2, 2, 5, 1, 2], "int32")),
    stock: ([x]) => tf.gather(x, tf.tensor1d([0, 2, 2, 5, 1, 2], "int32")),
    inputs: () => [matrix("x", 6, 4)],
  },
  batchNorm: {
    form: ([x, g, b], native) => batchNorm(x as Tensor2D, g as Tensor1D, b as Tensor1D, native).y,
    stock: ([x, g, b]) => {
      const { mean, variance } = tf.moments(x, 0);
      return tf.batchNorm(x as Tensor2D, mean as Tensor1D, variance as Tensor1D, b as Tensor1D, g as Tensor1D, 1e-5);
    },
    inputs: () => [matrix("x", 24, 5), vector("g", 5), vector("b", 5)],
  },
};

describe.each(Object.entries(forms))("%s", (_, { form, stock, inputs }) => {
  it("has the value and the gradients of TensorFlow.js' own ops", () => {
    tf.tidy(() => {
      const given = inputs();
      expectClose(
        valueAndGradients(form, given, null),
        valueAndGradients((x) => stock(x), given, null),
        2e-5,
      );
    });
  });

  it.runIf(nativeBackend())("is the same by native kernels", () => {
    tf.tidy(() => {
      const given = inputs();
      expectClose(valueAndGradients(form, given, nativeBackend()), valueAndGradients(form, given, null), 2e-5);
    });
  });

  it("leaves no tensor behind", () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      valueAndGradients(form, inputs(), nativeBackend());
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("maxOverSamples", () => {
  it("shares the gradient among equal maxima: a repeated neighbour counts once", () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.sum(maxOverSamples(x as Tensor2D, 4)))(tf.tensor2d([[2], [1], [2], [0]]));
      expect(Array.from(gradient.dataSync())).toEqual([0.5, 0, 0.5, 0]);
    });
  });
});

describe("batchNorm", () => {
  it.each([nativeBackend(), null])("gives the batch's mean and unbiased variance", (native) => {
    tf.tidy(() => {
      const { mean, variance } = batchNorm(tf.tensor2d([[1], [2], [6]]), tf.tensor1d([1]), tf.tensor1d([0]), native);
      expect(mean.dataSync()[0]).toBeCloseTo(3, 5);
      expect(variance.dataSync()[0]).toBeCloseTo(7, 5);
    });
  });
});

describe("dense", () => {
  it("leaves out the gradient of data", () => {
    tf.tidy(() => {
      const x = matrix("x", 9, 5);
      const [dw] = tf.grads((w, b) =>
        tf.sum(dense(x, w as Tensor2D, b as Tensor1D, { activation: "relu", inputGradient: false })),
      )([matrix("w", 5, 6), vector("b", 6)]);
      const [reference] = tf.grads((w, b) => tf.sum(tf.relu(tf.add(tf.matMul(x, w), b))))([
        matrix("w", 5, 6),
        vector("b", 6),
      ]);
      expectClose([Array.from(dw.dataSync())], [Array.from(reference.dataSync())], 1e-5);
    });
  });
});
