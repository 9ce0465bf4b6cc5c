/**
 * @file The baseline of paper B's Table 2: paper A's point-cloud network on a depth that a monocular network predicts in
 * metres.
 */
import { assertInput } from "../check";
import { objectCloud } from "../datasets/objectCloud";
import type { Sample } from "../datasets/sample";
import type { Rng } from "../random";

/** How wrong a predicted metric depth is. */
export interface MetricDepthError {
  /** Deviation of the logarithm of the whole photo's scale. */
  scale: number;
  /** The object's relief as a multiple of the true one, and its deviation: small things come out flat. */
  relief: number;
  reliefDeviation: number;
  /** Deviation of each pixel, as a part of its depth. */
  pixel: number;
}

/**
 * Paper B prints 26.3 % within 10 cm for the network on UniDepth (Table 2). A normal scale error puts so many objects at
 * about 0.9 m within 10 cm if its deviation is 0.33; 0.3 is a little kinder.
 */
export const publishedMetricDepthError: MetricDepthError = {
  scale: 0.3,
  relief: 0.8,
  reliefDeviation: 0.25,
  pixel: 0.003,
};

/**
 * The object's cloud as a metric monocular depth would have it: ẑ = e^{ε}·(z̄ + ρ·(z − z̄))·(1 + δ) with one ε for the
 * photo, one ρ for the object and a δ for each pixel; the rays stay, so points move along them.
 *
 * @param sample with true depth; 0 where there is none
 * @returns N × 3, metres, camera frame
 * @throws InputError if the object has no pixel with depth, or a deviation is negative
 */
export function predictedMetricCloud(
  sample: Pick<Sample, "depth" | "mask" | "camera">,
  rng: Rng,
  error: MetricDepthError = publishedMetricDepthError,
): Float32Array {
  assertInput(
    error.scale >= 0 && error.reliefDeviation >= 0 && error.pixel >= 0,
    "predictedMetricCloud: a deviation is negative; give numbers of at least 0",
  );
  const { depth, mask } = sample;
  let [sum, count] = [0, 0];
  for (let i = 0; i < depth.length; i++)
    if (mask[i] && depth[i] > 0) {
      sum += depth[i];
      count++;
    }
  assertInput(count > 0, "predictedMetricCloud: the mask has no pixel with depth; give a sample that shows the object");
  const middle = sum / count;
  const scale = Math.exp(rng.normal(0, error.scale));
  const relief = error.relief * Math.exp(rng.normal(0, error.reliefDeviation));
  const noise = rng.split("pixels");
  const predicted = depth.map((z, i) =>
    mask[i] && z > 0 ? scale * (middle + relief * (z - middle)) * (1 + noise.normal(0, error.pixel)) : 0,
  );
  return objectCloud({ ...sample, depth: predicted });
}
