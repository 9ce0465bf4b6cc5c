/**
 * @file The walk through an array by strides, as numpy and PyTorch store arrays that are not in C order.
 */

/**
 * Calls `visit(i, from)` for each element: `i` is its place in C order (last index fastest), `from` the sum of index times
 * stride over the axes.
 */
export function visitByStrides(
  shape: readonly number[],
  strides: readonly number[],
  visit: (i: number, from: number) => void,
): void {
  const count = shape.reduce((a, b) => a * b, 1);
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0, from = 0; i < count; i++) {
    visit(i, from);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++at[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
}
