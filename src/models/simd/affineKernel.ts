/**
 * @file activation(x·W + b) for few rows, by 128-bit arithmetic in WebAssembly.
 *
 * For the matrices of a score network it is as fast as native TensorFlow with 50 rows and a hundred times faster with
 * one, because a call costs next to nothing. And it keeps a promise that no BLAS makes: each output is a sum in the
 * order of the inputs, so a row's bits do not depend on how many rows there are, nor on its place among them.
 */
import { setFlagsFromString } from "node:v8";
import { assemble, type Code, wasm as w } from "./assembler";

/** Columns of a packed panel: four vectors, one cache line. */
export const panelWidth = 16;

/** Inputs are padded to a multiple of this (the loop's unrolling). */
export const inputStep = 4;

/**
 * C = activation(A·W + b).
 *
 * @param a address of [rows, inputs], float32; `inputs` a multiple of `inputStep`
 * @param weights address of `packMatrix`'s panels
 * @param bias address of [panels·16]
 * @param c address of [rows, panels·16]
 * @param relu 1 or 0
 */
export type AffineKernel = (
  a: number,
  weights: number,
  bias: number,
  c: number,
  rows: number,
  inputs: number,
  panels: number,
  relu: number,
) => void;

const [A, W, B, C, rows, inputs, panels, relu] = [0, 1, 2, 3, 4, 5, 6, 7];
const [rowsLeft, rowA, rowC, walkA, walkW, endW, bytesA, bytesC, panelBytes] = [8, 9, 10, 11, 12, 13, 14, 15, 16];
const integerLocals = 9;
/** Row pointers 1 … 5 of a block (the first is `walkA`). */
const rowPointer = (r: number): number => (r === 0 ? walkA : 16 + r);
const pointerLocals = 5;
const firstVector = 8 + integerLocals + pointerLocals;

type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;

/** One block of R rows × V vectors (from vector `left` of the panel on): sums stay in registers. */
function block(blockRows: number, vectors: number, left: number, multiplyAdd: MultiplyAdd): Code {
  const sum = (r: number, v: number): number => firstVector + r * vectors + v;
  const column = (v: number): number => firstVector + blockRows * vectors + v;
  const element = firstVector + (blockRows + 1) * vectors;
  const each = <T>(n: number, make: (i: number) => readonly T[]): T[] =>
    Array.from({ length: n }, (_, i) => make(i)).flat();
  const cells = (make: (r: number, v: number) => Code): number[] =>
    each(blockRows, (r) => each(vectors, (v) => make(r, v)));
  const step = (u: number): Code => [
    ...each(vectors, (v) => w.set(column(v), w.load(w.get(walkW), 64 * u + 16 * (left + v)))),
    ...each(blockRows, (r) => [
      ...w.set(element, w.loadSplat(w.get(rowPointer(r)), 4 * u)),
      ...each(vectors, (v) => w.set(sum(r, v), multiplyAdd(w.get(element), w.get(column(v)), w.get(sum(r, v))))),
    ]),
  ];
  const walk = [
    ...each(inputStep, step),
    ...each(blockRows, (r) => w.set(rowPointer(r), w.add(w.get(rowPointer(r)), w.i32(4 * inputStep)))),
    ...w.set(walkW, w.add(w.get(walkW), w.i32(64 * inputStep))),
  ];
  return [
    ...w.set(walkW, w.get(W)),
    ...w.set(walkA, w.get(rowA)),
    ...each(blockRows - 1, (r) => w.set(rowPointer(r + 1), w.add(w.get(rowPointer(r)), w.get(bytesA)))),
    ...cells((r, v) => w.set(sum(r, v), w.load(w.get(B), 16 * (left + v)))),
    ...w.doWhile(walk, w.less(w.get(walkW), w.get(endW))),
    ...w.when(
      w.get(relu),
      cells((r, v) => w.set(sum(r, v), w.max(w.get(sum(r, v)), w.zeros))),
    ),
    ...w.set(walkA, w.get(rowC)),
    ...each(blockRows, (r) => [
      ...each(vectors, (v) => w.store(w.get(walkA), 16 * (left + v), w.get(sum(r, v)))),
      ...w.set(walkA, w.add(w.get(walkA), w.get(bytesC))),
    ]),
  ];
}

/** All blocks of `blockRows` rows that are left in this panel. */
function rowLoop(blockRows: number, blocks: Code): Code {
  const enough = w.less(w.i32(blockRows - 1), w.get(rowsLeft));
  const advance = (pointer: number, bytes: number): Code =>
    w.set(pointer, w.add(w.get(pointer), w.mul(w.get(bytes), w.i32(blockRows))));
  const body = [
    ...blocks,
    ...advance(rowA, bytesA),
    ...advance(rowC, bytesC),
    ...w.set(rowsLeft, w.sub(w.get(rowsLeft), w.i32(blockRows))),
  ];
  return w.when(enough, w.doWhile(body, enough));
}

/** The module's bytes. */
function affineModule(multiplyAdd: MultiplyAdd): Uint8Array<ArrayBuffer> {
  const panel = [
    ...w.set(endW, w.add(w.get(W), w.get(panelBytes))),
    ...w.set(rowsLeft, w.get(rows)),
    ...w.set(rowA, w.get(A)),
    ...w.set(rowC, w.get(C)),
    // Twelve sums fill the sixteen registers; single rows use the whole panel to hide the latency of the sums.
    ...rowLoop(6, [...block(6, 2, 0, multiplyAdd), ...block(6, 2, 2, multiplyAdd)]),
    ...rowLoop(2, block(2, 4, 0, multiplyAdd)),
    ...rowLoop(1, block(1, 4, 0, multiplyAdd)),
    ...w.set(W, w.get(endW)),
    ...w.set(B, w.add(w.get(B), w.i32(64))),
    ...w.set(C, w.add(w.get(C), w.i32(64))),
    ...w.set(panels, w.sub(w.get(panels), w.i32(1))),
  ];
  const body = [
    ...w.set(bytesA, w.shiftLeft(w.get(inputs), w.i32(2))),
    ...w.set(bytesC, w.shiftLeft(w.get(panels), w.i32(6))),
    ...w.set(panelBytes, w.shiftLeft(w.get(inputs), w.i32(6))),
    ...w.doWhile(panel, w.less(w.i32(0), w.get(panels))),
  ];
  return assemble({ parameters: 8, integers: integerLocals + pointerLocals, vectors: 6 * 2 + 2 + 1 }, body);
}

/** Fused multiply-add where this Node has it (behind a flag before Node 22), else product and sum. */
function compile(): WebAssembly.Module {
  const relaxed = affineModule(w.relaxedMultiplyAdd);
  if (!WebAssembly.validate(relaxed)) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return new WebAssembly.Module(WebAssembly.validate(relaxed) ? relaxed : affineModule(w.multiplyAdd));
}

let compiled: WebAssembly.Module | undefined;

/** The kernel on a memory. */
export function affineKernel(memory: WebAssembly.Memory): AffineKernel {
  compiled ??= compile();
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  return instance.exports.run as AffineKernel;
}

/** Rounded up to a multiple. */
export const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/**
 * [inputs, outputs] → panels of 16 columns, each [inputs, 16], padded with zeros to `inputStep` and 16.
 */
export function packMatrix(matrix: ArrayLike<number>, rowsOfMatrix: number, columns: number): Float32Array {
  const inputsPadded = roundUp(rowsOfMatrix, inputStep);
  const panelCount = Math.ceil(columns / panelWidth);
  const packed = new Float32Array(panelCount * inputsPadded * panelWidth);
  for (let p = 0; p < panelCount; p++)
    for (let i = 0; i < rowsOfMatrix; i++)
      for (let o = p * panelWidth; o < Math.min(columns, (p + 1) * panelWidth); o++)
        packed[(p * inputsPadded + i) * panelWidth + (o % panelWidth)] = matrix[i * columns + o];
  return packed;
}
