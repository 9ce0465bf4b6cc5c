/**
 * @file Weights of PyTorch's networks in this library's layout.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { tf } from "../backend";
import { assertInput, assertShape } from "../check";
import { type ParameterSpec, type Parameters, parameterView, type Weights } from "./params";

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

/** Finds an array by its name in this library's names; undefined where the file has none. */
export type FindTorchTensor = (name: string) => TorchTensor | undefined;

/**
 * A PyTorch array in this library's layout: kernels [out, in, kh, kw] → [kh, kw, in, out], matrices [out, in] or
 * [out, in, 1, 1] → [in, out], vectors as they are.
 *
 * @param shape in this library's layout
 * @param kept tables of embeddings and the like, whose rows stay rows
 * @throws InputError if the array is one of another network
 */
export function fromTorchLayout(
  where: string,
  shape: readonly number[],
  { shape: torch, values }: TorchTensor,
  kept: boolean = false,
): Float32Array {
  const plain = kept || shape.length < 2;
  const expected = plain ? shape : [...shape.slice(-2).reverse(), ...shape.slice(0, -2)];
  // A matrix may be written as a 1 × 1 kernel, and the other way round.
  const bare = (sizes: readonly number[]): string => {
    let end = sizes.length;
    while (end > 2 && sizes[end - 1] === 1) end--;
    return sizes.slice(0, end).join();
  };
  assertInput(
    bare(torch) === bare(expected),
    `${where}: the array is [${torch.join(", ")}], this network's is [${expected.join(", ")}]; the file belongs to another configuration`,
  );
  assertShape(where, values, shape);
  if (plain) return Float32Array.from(values);
  const [inputs, outputs] = shape.slice(-2);
  const area = values.length / (inputs * outputs);
  const turned = new Float32Array(values.length);
  for (let o = 0, from = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      for (let k = 0; k < area; k++) turned[(k * inputs + i) * outputs + o] = values[from++];
  return turned;
}

/** How `weightsFromTorch` and `fillFromTorch` read a file. */
export interface TorchLayoutOptions {
  /** Arrays whose rows stay rows; default: those of embeddings. */
  kept?: (name: string) => boolean;
}

const embeddings = (name: string): boolean => /embedding\.weight$/.test(name);

function* arraysFromTorch(
  where: string,
  specs: readonly Pick<ParameterSpec, "name" | "shape">[],
  find: FindTorchTensor,
  { kept = embeddings }: TorchLayoutOptions,
): Generator<{ name: string; shape: readonly number[]; values: Float32Array }> {
  for (const { name, shape } of specs) {
    const tensor = find(name);
    assertInput(tensor, `${where}: there is no array ${name}; the file belongs to another network or configuration`);
    yield { name, shape, values: fromTorchLayout(`${where}, ${name}`, shape, tensor, kept(name)) };
  }
}

/**
 * Tensors of a network from PyTorch's arrays, one after the other: a network of several GB needs its own size and that
 * of its largest array. Owned by the caller.
 *
 * @throws InputError if an array is missing or has another shape
 */
export function weightsFromTorch(
  where: string,
  specs: readonly Pick<ParameterSpec, "name" | "shape">[],
  find: FindTorchTensor,
  options: TorchLayoutOptions = {},
): Weights {
  const weights: Record<string, Tensor> = {};
  try {
    for (const { name, shape, values } of arraysFromTorch(where, specs, find, options))
      weights[name] = tf.tensor(values, [...shape]);
  } catch (error) {
    tf.dispose(weights);
    throw error;
  }
  return weights;
}

/** The same into parameters, in place. @throws InputError as `weightsFromTorch` */
export function fillFromTorch(
  where: string,
  parameters: Parameters,
  find: FindTorchTensor,
  options: TorchLayoutOptions = {},
): void {
  for (const { name, values } of arraysFromTorch(where, parameters.slots, find, options))
    parameterView(parameters, name).set(values);
}
