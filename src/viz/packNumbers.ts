/**
 * @file Many numbers in a figure, as bytes: a stored notebook stays small and keeps one line for an image.
 */

/** Plotly's typed-array form of `data_array` properties: little-endian bytes in base64. */
export interface PackedNumbers {
  dtype: "f4";
  bdata: string;
  /** "rows, columns" */
  shape: string;
}

/** Row-major `values` of the given shape. NaN is a gap. */
export const packNumbers = (values: Float32Array, shape: readonly [rows: number, columns: number]): PackedNumbers => ({
  dtype: "f4",
  bdata: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
  shape: shape.join(", "),
});
