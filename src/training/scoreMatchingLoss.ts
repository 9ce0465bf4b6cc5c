/**
 * @file Denoising score matching (paper A, eq. 2; Vincent 2011) with the weight λ(t) = σ(t)².
 */
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";

/**
 * L = mean over rows of Σ_d (σ·score + z)²: eq. 2 with λ = σ², since the score of N(x₀, σ²) at x₀ + σz is −z/σ.
 * The mean over B·R rows equals the mean over R draws of the mean over the batch.
 *
 * @param scaledScore f = σ·score, tensor [B·R, D] (what the network's last layer gives before it is divided by σ)
 * @param noise z, B·R × D (tensor or plain numbers)
 * @throws InputError if the sizes differ
 */
export function scoreMatchingLoss(scaledScore: Tensor, noise: Tensor | ArrayLike<number>): Scalar {
  const size = "dataSync" in noise ? noise.size : noise.length;
  assertInput(
    scaledScore.rank === 2 && scaledScore.size === size,
    `scoreMatchingLoss: expected [rows, D] scores and as many noise numbers, got [${scaledScore.shape.join(", ")}] and ${size}`,
  );
  return tf.tidy(() => {
    const z = "dataSync" in noise ? noise : tf.tensor(Float32Array.from(noise), scaledScore.shape);
    const dimension = scaledScore.shape[1] as number;
    return tf.mean(tf.square(tf.add(scaledScore, z))).mul(dimension) as Scalar;
  });
}
