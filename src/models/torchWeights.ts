/**
 * @file Weights of GenPose's PyTorch networks in this library's layout.
 */
import { assertInput, assertShape } from "../check";
import { type Parameters, parameterView } from "./params";

/** An entry of a PyTorch state dict: row-major, matrices [out, in] or [out, in, 1, 1]. */
export interface TorchTensor {
  shape: readonly number[];
  values: ArrayLike<number>;
}

/** A PyTorch state dict. */
export type TorchState = Readonly<Record<string, TorchTensor>>;

/** GenPose's fusion heads, in the order of the pose vector. */
const fusionHeads = ["fusion_tail_rot_x", "fusion_tail_rot_y", "fusion_tail_trans"];

/** [out, in] → rows `from` … `to` of [in, out]. */
function transposed({ shape, values }: TorchTensor, from: number = 0, to: number = shape[1] ?? 1): Float32Array {
  const outputs = shape[0];
  const inputs = shape[1];
  const matrix = new Float32Array((to - from) * outputs);
  for (let i = from; i < to; i++)
    for (let o = 0; o < outputs; o++) matrix[(i - from) * outputs + o] = values[o * inputs + i];
  return matrix;
}

/** Matrices [rows, c] side by side. */
function sideBySide(rows: number, matrices: readonly Float32Array[]): Float32Array {
  const width = matrices.reduce((sum, m) => sum + m.length / rows, 0);
  const joined = new Float32Array(rows * width);
  let left = 0;
  for (const matrix of matrices) {
    const columns = matrix.length / rows;
    for (let i = 0; i < rows; i++) joined.set(matrix.subarray(i * columns, (i + 1) * columns), i * width + left);
    left += columns;
  }
  return joined;
}

const concatenated = (arrays: readonly ArrayLike<number>[]): Float32Array =>
  Float32Array.from(arrays.flatMap((array) => Array.from(array)));

/**
 * Fill `parameters` from a GenPose state dict. Names agree but for the fusion heads, whose first layers lie here side
 * by side, cut into the part for the point feature and the part for [time | pose].
 *
 * @param prefix of the state dict's names, "pose_score_net." for instance
 * @throws InputError if a tensor is missing or has another size
 */
export function loadTorchState(parameters: Parameters, state: TorchState, prefix: string = ""): void {
  const find = (name: string): TorchTensor => {
    const tensor = state[prefix + name];
    assertInput(tensor, `loadTorchState: the checkpoint has no ${prefix + name}; it belongs to another network`);
    return tensor;
  };
  const heads = `${prefix}fusion_tail.0.weight` in state ? ["fusion_tail"] : fusionHeads;
  for (const { name, shape } of parameters.slots) {
    let values: ArrayLike<number>;
    if (name.startsWith("fusion_tail.0.") && !name.endsWith("bias")) {
      const [from, to] = name.endsWith(".point") ? [0, shape[0]] : [-shape[0], 0];
      values = sideBySide(
        shape[0],
        heads.map((head) => {
          const tensor = find(`${head}.0.weight`);
          return from < 0 ? transposed(tensor, tensor.shape[1] + from) : transposed(tensor, from, to);
        }),
      );
    } else if (name.startsWith("fusion_tail.")) {
      const parts = heads.map((head) => find(name.replace("fusion_tail", head)));
      values = concatenated(parts.map((part) => (part.shape.length > 1 ? transposed(part) : part.values)));
    } else {
      const tensor = find(name);
      values = tensor.shape.length > 1 ? transposed(tensor) : tensor.values;
    }
    assertShape(`loadTorchState ${name}`, values, shape);
    parameterView(parameters, name).set(values);
  }
}
