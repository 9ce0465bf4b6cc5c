/**
 * @file Writes an ONNX file with one convolution whose stride is its kernel: the smallest model that has patches.
 */

/** A protobuf field: number, then a varint, or bytes with their length. */
type Field = readonly [number, number | Uint8Array | string];

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
};

function message(fields: readonly Field[]): Uint8Array {
  const bytes = fields.flatMap(([field, value]) => {
    if (typeof value === "number") return [...varint(8 * field), ...varint(value)];
    const content = typeof value === "string" ? Buffer.from(value) : value;
    return [...varint(8 * field + 2), ...varint(content.length), ...content];
  });
  return Uint8Array.from(bytes);
}

const float = 1;
const ints = 7;

const tensor = (name: string, dims: readonly number[], values: Float32Array): Uint8Array =>
  message([...dims.map((d): Field => [1, d]), [2, float], [8, name], [9, new Uint8Array(values.buffer)]]);

const valueInfo = (name: string, dims: readonly number[]): Uint8Array => {
  const shape = message(dims.map((d): Field => [1, message([[1, d]])]));
  return message([
    [1, name],
    [
      2,
      message([
        [
          1,
          message([
            [1, float],
            [2, shape],
          ]),
        ],
      ]),
    ],
  ]);
};

const attribute = (name: string, values: readonly number[]): Uint8Array =>
  message([[1, name], ...values.map((v): Field => [8, v]), [20, ints]]);

/** y [1, C, S/p, S/p] = convolution of x [1, 3, S, S] by weight [C, 3, p, p] with stride p. */
export function patchModel(size: number, patch: number, weight: Float32Array): Uint8Array {
  const channels = weight.length / (3 * patch * patch);
  const grid = size / patch;
  const node = message([
    [1, "x"],
    [1, "w"],
    [2, "y"],
    [4, "Conv"],
    [5, attribute("kernel_shape", [patch, patch])],
    [5, attribute("strides", [patch, patch])],
  ]);
  const graph = message([
    [1, node],
    [2, "patches"],
    [5, tensor("w", [channels, 3, patch, patch], weight)],
    [11, valueInfo("x", [1, 3, size, size])],
    [12, valueInfo("y", [1, channels, grid, grid])],
  ]);
  return message([
    [1, 8],
    [7, graph],
    [
      8,
      message([
        [1, ""],
        [2, 13],
      ]),
    ],
  ]);
}
