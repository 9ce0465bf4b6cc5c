/**
 * @file Masked, thresholded cosines of one query against thousands of templates, by 128-bit arithmetic in WebAssembly.
 *
 * Features are signed bytes, a template has only the cells of its mask: half the bytes are never read. Four cells are
 * done at a time, so that a sum over a vector's lanes costs a quarter.
 */
import { assemble, type Code, wasm as w } from "./assembler";

/** Channels are padded to a multiple of this. */
export const channelStep = 16;

/** Cells of a template are padded to a multiple of this, with inverse norm 0. */
export const cellStep = 4;

/**
 * sums[4t … 4t + 3]: partial sums over template t's cells of the cosines above the threshold.
 *
 * @param query address of [cells, channels], 16-bit
 * @param queryInverse address of [cells], float32: 1/‖·‖
 * @param codes address of all templates' cells one after the other, [·, channels] signed bytes
 * @param inverse address of [·], float32: 1/‖·‖
 * @param cells address of [·], 16-bit: which cell of the query
 * @param ends address of [templates], 32-bit: where in `cells` a template ends (in cells, a multiple of 4)
 * @param templates how many
 * @param channels a multiple of 16
 * @param threshold address of a float32
 * @param sums address of [templates, 4], float32
 */
export type MaskedCosineKernel = (
  query: number,
  queryInverse: number,
  codes: number,
  inverse: number,
  cells: number,
  ends: number,
  templates: number,
  channels: number,
  threshold: number,
  sums: number,
) => void;

const [query, queryInverse, codes, inverse, cells, ends, templates, channels, threshold, sums] = Array.from(
  { length: 10 },
  (_, i) => i,
);
const parameters = 10;
const [cellsEnd, cellsStart, step, walked] = [10, 11, 12, 13];
const queryAt = (j: number): number => 14 + j;
const codesAt = (j: number): number => 18 + j;
const inverseAt = (j: number): number => 22 + j;
const integers = 16;
const firstVector = parameters + integers;
const partial = (j: number): number => firstVector + j;
const [sum, norms, limit, a, b] = [4, 5, 6, 7, 8].map((i) => firstVector + i);
const vectors = 9;

const four = (make: (j: number) => Code): number[] => [0, 1, 2, 3].flatMap((j) => [...make(j)]);

/** Lanes 0 … 3: the sums of the four partial vectors. */
const laneSums: Code = [
  ...w.set(
    a,
    w.addIntegers(
      w.shuffle(w.get(partial(0)), w.get(partial(1)), [0, 4, 1, 5]),
      w.shuffle(w.get(partial(0)), w.get(partial(1)), [2, 6, 3, 7]),
    ),
  ),
  ...w.set(
    b,
    w.addIntegers(
      w.shuffle(w.get(partial(2)), w.get(partial(3)), [0, 4, 1, 5]),
      w.shuffle(w.get(partial(2)), w.get(partial(3)), [2, 6, 3, 7]),
    ),
  ),
  ...w.set(
    a,
    w.toFloats(w.addIntegers(w.shuffle(w.get(a), w.get(b), [0, 1, 4, 5]), w.shuffle(w.get(a), w.get(b), [2, 3, 6, 7]))),
  ),
];

/** Sixteen channels of four cells. */
const channelLoop: Code = w.doWhile(
  [
    ...four((j) =>
      w.set(
        partial(j),
        w.addIntegers(
          w.get(partial(j)),
          w.addIntegers(
            w.dotPairs(w.load(w.get(queryAt(j)), 0), w.loadBytes(w.get(codesAt(j)), 0)),
            w.dotPairs(w.load(w.get(queryAt(j)), 16), w.loadBytes(w.get(codesAt(j)), 8)),
          ),
        ),
      ),
    ),
    ...four((j) => w.set(queryAt(j), w.add(w.get(queryAt(j)), w.i32(32)))),
    ...four((j) => w.set(codesAt(j), w.add(w.get(codesAt(j)), w.i32(16)))),
    ...w.set(walked, w.add(w.get(walked), w.i32(16))),
  ],
  w.less(w.get(walked), w.get(channels)),
);

const fourCells: Code = [
  ...four((j) => [
    ...w.set(inverseAt(j), w.load16(w.get(cells), 2 * j)),
    ...w.set(queryAt(j), w.add(w.get(query), w.mul(w.get(inverseAt(j)), w.get(step)))),
    ...w.set(inverseAt(j), w.add(w.get(queryInverse), w.shiftLeft(w.get(inverseAt(j)), w.i32(2)))),
    ...w.set(codesAt(j), w.add(w.get(codes), w.mul(w.get(channels), w.i32(j)))),
    ...w.set(partial(j), w.zeros),
  ]),
  ...w.set(walked, w.i32(0)),
  ...channelLoop,
  ...laneSums,
  ...w.set(norms, w.loadSplat(w.get(inverseAt(0)), 0)),
  ...[1, 2, 3].flatMap((j) => [...w.set(norms, w.loadLane(w.get(inverseAt(j)), w.get(norms), j))]),
  ...w.set(a, w.multiplyFloats(w.get(a), w.multiplyFloats(w.get(norms), w.load(w.get(inverse), 0)))),
  ...w.set(sum, w.addFloats(w.get(sum), w.whereGreater(w.get(a), w.get(limit)))),
  ...w.set(codes, w.add(w.get(codes), w.shiftLeft(w.get(channels), w.i32(2)))),
  ...w.set(inverse, w.add(w.get(inverse), w.i32(16))),
  ...w.set(cells, w.add(w.get(cells), w.i32(8))),
];

const oneTemplate: Code = [
  ...w.set(sum, w.zeros),
  ...w.set(cellsEnd, w.add(w.get(cellsStart), w.shiftLeft(w.load32(w.get(ends), 0), w.i32(1)))),
  ...w.when(w.less(w.get(cells), w.get(cellsEnd)), w.doWhile(fourCells, w.less(w.get(cells), w.get(cellsEnd)))),
  ...w.store(w.get(sums), 0, w.get(sum)),
  ...w.set(sums, w.add(w.get(sums), w.i32(16))),
  ...w.set(ends, w.add(w.get(ends), w.i32(4))),
  ...w.set(templates, w.sub(w.get(templates), w.i32(1))),
];

let compiled: WebAssembly.Module | undefined;

/** The kernel on a memory; addresses lie below 2 GiB. */
export function maskedCosineKernel(memory: WebAssembly.Memory): MaskedCosineKernel {
  compiled ??= new WebAssembly.Module(
    assemble({ parameters, integers, vectors }, [
      ...w.set(limit, w.loadSplat(w.get(threshold), 0)),
      ...w.set(cellsStart, w.get(cells)),
      ...w.set(step, w.shiftLeft(w.get(channels), w.i32(1))),
      ...w.when(w.less(w.i32(0), w.get(templates)), w.doWhile(oneTemplate, w.less(w.i32(0), w.get(templates)))),
    ]),
  );
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports.run as MaskedCosineKernel;
}
