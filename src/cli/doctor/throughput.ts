/**
 * @file One second of matrix products and one of convolutions: what the chosen backend yields on this machine.
 */
import type { Rank, Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../../backend";
import { measure } from "../bench/measure";

/** GFLOP/s of the two operations that the networks spend their time in. */
export interface Throughput {
  matMulGflops: number;
  convolutionGflops: number;
}

/** 2·n³ operations of an n × n product, and 2·H·W·C·C'·k² of a k × k convolution, over the median time. */
export async function measureThroughput(seconds: number = 1): Promise<Throughput> {
  const slow = tf.getBackend() === "cpu"; // there a large product alone would take seconds
  const n = slow ? 128 : 1024;
  const [side, channels] = slow ? [16, 16] : [56, 64];
  const matrix = tf.ones<Rank.R2>([n, n]);
  const image = tf.ones<Rank.R4>([8, side, side, channels]);
  const filter = tf.ones<Rank.R4>([3, 3, channels, channels]);
  try {
    const run = async (operation: () => Tensor): Promise<number> =>
      (await measure(() => tf.tidy(() => operation().dataSync()), { seconds })).medianSeconds;
    const product = await run(() => tf.matMul(matrix, matrix).max());
    const convolution = await run(() => tf.conv2d(image, filter, 1, "same").max());
    return {
      matMulGflops: (2 * n ** 3) / product / 1e9,
      convolutionGflops: (2 * 8 * side ** 2 * channels ** 2 * 9) / convolution / 1e9,
    };
  } finally {
    tf.dispose([matrix, image, filter]);
  }
}
