/**
 * @file The loss of the regression head (paper A, eqs. 3–5 and section S.1): the angle to the true rotation and the
 * squared distance to the true translation, with their gradients in closed form.
 *
 * It is a function of nine numbers per object, so it is computed in float64 outside of the tensors: the angle's
 * gradient, whose factor 1/sin θ loses half of the digits in float32 near θ = 0, stays exact. `tf.customGrad` joins it
 * to the network.
 */
import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput } from "../check";

/** How the two parts are measured and added. */
export interface PoseRegressionOptions {
  /** "geodesic": the angle in radians (the paper's choice); "l2": ‖R − R_gt‖² (the other curve of Fig. S1). */
  rotationForm?: "geodesic" | "l2";
  /** Length in metres of the unit in which Δt is squared. 1 is the paper's; in metres ‖Δt‖² is small beside the angle, 0.1 balances them. */
  translationUnit?: number;
  /** Factor of the translation part in the total. */
  translationWeight?: number;
}

const defaults = {
  rotationForm: "geodesic",
  translationUnit: 1,
  translationWeight: 1,
} satisfies Required<PoseRegressionOptions>;

/** The two parts, averaged over the batch, and the derivative of each by the head's output (B × 9). */
export interface PoseRegressionGradients {
  rotation: number;
  translation: number;
  rotationGradient: Float64Array;
  translationGradient: Float64Array;
  /** The angle (or squared distance of matrices) of every object. */
  rotationOf: Float64Array;
}

/** Below this sine the gradient of the angle fades to zero instead of flipping between unit vectors (0.006°). */
const smallestSine = 1e-4;
/** Columns shorter than this have no direction: their gradient is bounded. */
const smallestNorm = 1e-6;

/**
 * Loss and gradient on plain numbers, float64.
 *
 * Gram–Schmidt (eq. S3): b₁ = a₁/‖a₁‖, b₂ = (a₂ − (b₁·a₂)b₁)/‖·‖, b₃ = b₁ × b₂; the angle is acos((tr(R Rᵀ_gt) − 1)/2)
 * (eq. 3), or the angle between the y axes (second columns) for symmetric objects (S.1); the translation is ‖Δt‖² (eq. 4).
 *
 * @param output B × 9: two unnormalised columns of R, then t (metres)
 * @param truth B × 9: two columns of the true rotation, then t (metres)
 * @param symmetric B: 1 where only the y axis counts, 2 where half a turn about y changes nothing (the nearer of the two
 * truths counts), 0 elsewhere
 * @throws InputError if the lengths do not agree
 */
export function poseRegressionGradients(
  output: ArrayLike<number>,
  truth: ArrayLike<number>,
  symmetric: ArrayLike<number>,
  options: PoseRegressionOptions = {},
): PoseRegressionGradients {
  const { rotationForm, translationUnit } = { ...defaults, ...options };
  const batch = output.length / 9;
  assertInput(
    Number.isInteger(batch) && batch > 0 && truth.length === output.length && symmetric.length === batch,
    `poseRegressionLoss: expected B × 9 outputs, B × 9 true poses and B symmetry flags, got ${output.length}, ${truth.length} and ${symmetric.length} numbers`,
  );
  assertInput(translationUnit > 0, `poseRegressionLoss: translationUnit must be positive, got ${translationUnit}`);
  const rotationGradient = new Float64Array(output.length);
  const translationGradient = new Float64Array(output.length);
  const rotationOf = new Float64Array(batch);
  let translation = 0;
  const columns = new Float64Array(9);
  const trueColumns = new Float64Array(9);
  const columnGradient = new Float64Array(9);
  for (let i = 0; i < batch; i++) {
    const at = 9 * i;
    const norms = gramSchmidt(output, at, columns);
    for (let k = 0; k < 6; k++) trueColumns[k] = truth[at + k];
    crossInto(trueColumns, 6, trueColumns, 0, trueColumns, 3);
    const aboutY = symmetric[i] === 1;
    if (symmetric[i] === 2) takeNearerOfHalfTurn(trueColumns, columns);
    // Symmetric objects: only the second column (y axis) enters.
    const [from, to] = aboutY ? [3, 6] : [0, 9];
    columnGradient.fill(0);
    if (rotationForm === "geodesic") {
      let inner = 0;
      for (let k = from; k < to; k++) inner += columns[k] * trueColumns[k];
      // tr(R Rᵀ_gt) is the sum of the three columns' inner products; for one axis the inner product is the cosine itself.
      const cosine = Math.max(-1, Math.min(1, aboutY ? inner : (inner - 1) / 2));
      rotationOf[i] = Math.acos(cosine);
      const slope = -(aboutY ? 1 : 0.5) / Math.max(Math.sqrt(1 - cosine * cosine), smallestSine);
      for (let k = from; k < to; k++) columnGradient[k] = (slope * trueColumns[k]) / batch;
    } else
      for (let k = from; k < to; k++) {
        const difference = columns[k] - trueColumns[k];
        rotationOf[i] += difference * difference;
        columnGradient[k] = (2 * difference) / batch;
      }
    gramSchmidtBackward(output, at, columns, norms, columnGradient, rotationGradient);
    for (let k = 6; k < 9; k++) {
      const difference = (output[at + k] - truth[at + k]) / translationUnit;
      translation += (difference * difference) / batch;
      translationGradient[at + k] = (2 * difference) / translationUnit / batch;
    }
  }
  const rotation = rotationOf.reduce((sum, x) => sum + x, 0) / batch;
  return { rotation, translation, rotationGradient, translationGradient, rotationOf };
}

/** R_gt and R_gt·halfTurn are equally true: of the two, the one nearer to the prediction replaces the columns of R_gt. */
function takeNearerOfHalfTurn(trueColumns: Float64Array, columns: Float64Array): void {
  let turned = 0; // columns 0 and 2 change their sign
  for (const k of [0, 1, 2, 6, 7, 8]) turned += columns[k] * trueColumns[k];
  if (turned < 0) for (const k of [0, 1, 2, 6, 7, 8]) trueColumns[k] = -trueColumns[k];
}

/** The loss of the regression head; every part is differentiable. */
export interface PoseRegressionLoss {
  /** Mean angle, radians (or mean ‖R − R_gt‖²). */
  rotation: Scalar;
  /** Mean ‖Δt‖², in translationUnit². */
  translation: Scalar;
  /** rotation + translationWeight · translation (eq. 5). */
  total: Scalar;
}

const numbersOf = (x: Tensor | ArrayLike<number>): ArrayLike<number> => ("dataSync" in x ? x.dataSync() : x);

/**
 * L = L_rotation + L_translation (paper A, eqs. 3–5) as tensors; see {@link poseRegressionGradients} for the formulas.
 *
 * @param output tensor [B, 9] of the regression head
 * @param truth B × 9 true pose vectors (tensor or plain numbers)
 * @param symmetric B flags (tensor or plain numbers)
 * @throws InputError if the shapes do not agree
 */
export function poseRegressionLoss(
  output: Tensor,
  truth: Tensor | ArrayLike<number>,
  symmetric: Tensor | ArrayLike<number>,
  options: PoseRegressionOptions = {},
): PoseRegressionLoss {
  const { translationWeight } = { ...defaults, ...options };
  const [trueNumbers, flags] = [numbersOf(truth), numbersOf(symmetric)];
  const parts = tf.customGrad((x) => {
    const tensor = x as Tensor;
    const found = poseRegressionGradients(tensor.dataSync(), trueNumbers, flags, options);
    const gradFunc = (dy: Tensor): Tensor =>
      tf.tidy(() => {
        const [dRotation, dTranslation] = dy.dataSync();
        const gradient = Float32Array.from(
          found.rotationGradient,
          (g, k) => dRotation * g + dTranslation * found.translationGradient[k],
        );
        return tf.tensor(gradient, tensor.shape);
      });
    return { value: tf.tensor1d([found.rotation, found.translation]), gradFunc };
  })(output) as Tensor1D;
  const rotation = parts.slice(0, 1).asScalar();
  const translation = parts.slice(1, 1).asScalar();
  return { rotation, translation, total: rotation.add(translation.mul(translationWeight)) };
}

/** Columns [b₁ | b₂ | b₃] of six numbers; gives ‖a₁‖ and ‖a₂ − (b₁·a₂)b₁‖. */
function gramSchmidt(x: ArrayLike<number>, at: number, columns: Float64Array): [number, number] {
  const first = Math.max(Math.hypot(x[at], x[at + 1], x[at + 2]), smallestNorm);
  let projection = 0;
  for (let k = 0; k < 3; k++) {
    columns[k] = x[at + k] / first;
    projection += columns[k] * x[at + 3 + k];
  }
  for (let k = 0; k < 3; k++) columns[3 + k] = x[at + 3 + k] - projection * columns[k];
  const second = Math.max(Math.hypot(columns[3], columns[4], columns[5]), smallestNorm);
  for (let k = 3; k < 6; k++) columns[k] /= second;
  crossInto(columns, 6, columns, 0, columns, 3);
  return [first, second];
}

/** Reverse of gramSchmidt: derivatives by the columns → derivatives by the six numbers. `g` is used up. */
function gramSchmidtBackward(
  x: ArrayLike<number>,
  at: number,
  columns: Float64Array,
  [first, second]: readonly [number, number],
  g: Float64Array,
  gradient: Float64Array,
): void {
  // b₃ = b₁ × b₂: ∂b₁ += b₂ × g₃, ∂b₂ += g₃ × b₁.
  const byCross = new Float64Array(6);
  crossInto(byCross, 0, columns, 3, g, 6);
  crossInto(byCross, 3, g, 6, columns, 0);
  for (let k = 0; k < 6; k++) g[k] += byCross[k];
  // b₂ = u/‖u‖, u = a₂ − (b₁·a₂) b₁.
  let along = 0;
  for (let k = 3; k < 6; k++) along += columns[k] * g[k];
  let onFirst = 0;
  let projection = 0;
  for (let k = 0; k < 3; k++) {
    g[3 + k] = (g[3 + k] - along * columns[3 + k]) / second;
    onFirst += columns[k] * g[3 + k];
    projection += columns[k] * x[at + 3 + k];
  }
  along = 0;
  for (let k = 0; k < 3; k++) {
    gradient[at + 3 + k] = g[3 + k] - onFirst * columns[k];
    g[k] -= onFirst * x[at + 3 + k] + projection * g[3 + k];
    along += columns[k] * g[k];
  }
  for (let k = 0; k < 3; k++) gradient[at + k] = (g[k] - along * columns[k]) / first;
}

/** out[o…] = a[i…] × b[j…]. */
function crossInto(
  out: Float64Array,
  o: number,
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
): void {
  const [x, y, z] = [
    a[i + 1] * b[j + 2] - a[i + 2] * b[j + 1],
    a[i + 2] * b[j] - a[i] * b[j + 2],
    a[i] * b[j + 1] - a[i + 1] * b[j],
  ];
  out[o] = x;
  out[o + 1] = y;
  out[o + 2] = z;
}
