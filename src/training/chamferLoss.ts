/**
 * @file Chamfer distance between point sets with its gradient in closed form.
 *
 * The nearest neighbours are found once, on plain numbers, and serve value and gradient alike: as tensor operations the
 * B × N × M distances and their gradient would be written out several times.
 */
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";

/** How the two directions are measured and joined. */
export interface ChamferOptions {
  /**
   * "squared": mean squared distance, both directions added (Fan et al. 2017, eq. 1, as means);
   * "extended": mean distance, the larger of the two directions (FoldingNet: Yang et al. 2018, eq. 1).
   */
  form?: "squared" | "extended";
}

const defaults = { form: "squared" } satisfies ChamferOptions;

/** Loss and derivative. */
export interface ChamferGradients {
  /** Mean over the batch. */
  value: number;
  /** By the predicted points, B × M × 3. */
  gradient: Float64Array;
}

/** Distances below this have no direction. */
const smallestDistance = 1e-9;

/** Nearest neighbours of two sets, both ways. */
interface Neighbours {
  /** For each predicted point the nearest target point and the squared distance, and the other way round. */
  ofPredicted: Int32Array;
  ofTarget: Int32Array;
  toTarget: Float64Array;
  toPredicted: Float64Array;
}

function nearest(predicted: ArrayLike<number>, p: number, m: number, target: ArrayLike<number>, q: number, n: number) {
  const found: Neighbours = {
    ofPredicted: new Int32Array(m),
    ofTarget: new Int32Array(n),
    toTarget: new Float64Array(m).fill(Number.POSITIVE_INFINITY),
    toPredicted: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
  };
  const { ofPredicted, ofTarget, toTarget, toPredicted } = found;
  for (let i = 0; i < m; i++) {
    const [x, y, z] = [predicted[p + 3 * i], predicted[p + 3 * i + 1], predicted[p + 3 * i + 2]];
    for (let j = 0, k = q; j < n; j++, k += 3) {
      const [dx, dy, dz] = [x - target[k], y - target[k + 1], z - target[k + 2]];
      const d = dx * dx + dy * dy + dz * dz;
      if (d < toTarget[i]) [toTarget[i], ofPredicted[i]] = [d, j];
      if (d < toPredicted[j]) [toPredicted[j], ofTarget[j]] = [d, i];
    }
  }
  return found;
}

/**
 * Chamfer distance of predicted points S to a target T, and its derivative by S, float64.
 *
 * squared:  1/|S| Σ_s min_t ‖s − t‖² + 1/|T| Σ_t min_s ‖t − s‖²;
 * extended: max(1/|S| Σ_s min_t ‖s − t‖, 1/|T| Σ_t min_s ‖t − s‖).
 *
 * @param predicted B × M × 3
 * @param target B × N × 3, in the same unit
 * @throws InputError if the sizes do not fit the batch
 */
export function chamferGradients(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  batch: number,
  options: ChamferOptions = {},
): ChamferGradients {
  const { form } = { ...defaults, ...options };
  const [m, n] = [predicted.length / batch / 3, target.length / batch / 3];
  assertInput(
    Number.isInteger(m) && Number.isInteger(n) && m > 0 && n > 0,
    `chamferLoss: ${predicted.length} predicted and ${target.length} target numbers are no ${batch} sets of points; pass B × M × 3 and B × N × 3`,
  );
  const gradient = new Float64Array(predicted.length);
  let value = 0;
  for (let b = 0; b < batch; b++) {
    const [p, q] = [3 * m * b, 3 * n * b];
    const { ofPredicted, ofTarget, toTarget, toPredicted } = nearest(predicted, p, m, target, q, n);
    const mean = (squared: Float64Array): number =>
      squared.reduce((sum, d) => sum + (form === "squared" ? d : Math.sqrt(d)), 0) / squared.length;
    const [forth, back] = [mean(toTarget), mean(toPredicted)];
    value += (form === "squared" ? forth + back : Math.max(forth, back)) / batch;
    const pull = (i: number, j: number, squared: number, share: number): void => {
      const weight = form === "squared" ? 2 * share : share / Math.max(Math.sqrt(squared), smallestDistance);
      for (let k = 0; k < 3; k++)
        gradient[p + 3 * i + k] += (weight * (predicted[p + 3 * i + k] - target[q + 3 * j + k])) / batch;
    };
    if (form === "squared" || forth >= back) for (let i = 0; i < m; i++) pull(i, ofPredicted[i], toTarget[i], 1 / m);
    if (form === "squared" || forth < back) for (let j = 0; j < n; j++) pull(ofTarget[j], j, toPredicted[j], 1 / n);
  }
  return { value, gradient };
}

/**
 * The same for a tensor of predicted points; see {@link chamferGradients} for the formulas.
 *
 * @param predicted tensor [B, M, 3]
 * @param target B × N × 3 numbers, in the same unit
 * @throws InputError if the shapes do not fit
 */
export function chamferLoss(predicted: Tensor, target: ArrayLike<number>, options: ChamferOptions = {}): Scalar {
  assertInput(
    predicted.rank === 3 && predicted.shape[2] === 3,
    `chamferLoss: expected predicted points [B, M, 3], got [${predicted.shape.join(", ")}]`,
  );
  return tf.customGrad((x) => {
    const points = x as Tensor;
    const found = chamferGradients(points.dataSync(), target, points.shape[0], options);
    const gradient = Float32Array.from(found.gradient);
    return {
      value: tf.scalar(found.value),
      gradFunc: (dy: Tensor): Tensor => tf.tidy(() => tf.mul(tf.tensor(gradient, points.shape), dy)),
    };
  })(predicted) as Scalar;
}
