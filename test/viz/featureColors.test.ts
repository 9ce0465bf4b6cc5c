import { expect, test } from "vitest";
import { Rng } from "../../src/random";
import { featureColors } from "../../src/viz/featureColors";

test("equal features get equal colours in every map, different ones different colours", () => {
  const rng = new Rng(1);
  const kinds = Array.from({ length: 5 }, () => rng.normals(8));
  const map = (cells: number[]): Float64Array => Float64Array.from(cells.flatMap((kind) => [...kinds[kind]]));
  const [a, b] = featureColors([{ values: map([0, 1, 2, 3, 4, 0]) }, { values: map([4, 3, 2, 1, 0, 0]) }], 8);
  const color = (colors: Uint8Array, cell: number): number[] => [...colors.subarray(3 * cell, 3 * cell + 3)];
  expect(color(a, 0)).toEqual(color(b, 4));
  expect(color(a, 1)).toEqual(color(b, 3));
  expect(color(a, 0)).not.toEqual(color(a, 1));
});

test("masked cells are grey and do not count", () => {
  const values = Float64Array.from({ length: 12 }, (_, i) => i * i);
  const [colors] = featureColors([{ values, mask: [1, 1, 1, 1, 0, 0] }], 2);
  expect([...colors.subarray(12)]).toEqual([128, 128, 128, 128, 128, 128]);
  expect(() => featureColors([{ values, mask: [1, 1, 1, 0, 0, 0] }], 2)).toThrow("at least four");
  expect(() => featureColors([{ values }], 5)).toThrow("give cells × 5");
});
