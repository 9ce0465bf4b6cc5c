/**
 * @file A large matrix product: what the backend yields at best.
 */
import type { Rank } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import type { Benchmark } from "./benchmark";
import { measure } from "./measure";

const n = 1024;

export const matmul: Benchmark = {
  name: "matmul",
  what: `float32 product of two ${n} × ${n} matrices`,
  inTorch: true,
  run: async () => {
    const a = tf.fill<Rank.R2>([n, n], 0.5);
    try {
      const product = (): unknown =>
        tf.tidy(() => {
          tf.matMul(a, a).dataSync();
        });
      const timing = await measure(product, { runs: 5, seconds: 1 });
      return { ...timing, details: { gflops: (2 * n ** 3) / timing.medianSeconds / 1e9 } };
    } finally {
      a.dispose();
    }
  },
};
