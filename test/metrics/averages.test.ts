import { expect, test } from "vitest";
import { meanOfNumbers, medianOfNumbers } from "../../src/metrics/averages";

test("the mean is NaN for none", () => {
  expect(meanOfNumbers([1, 2, 6])).toBe(3);
  expect(meanOfNumbers([])).toBeNaN();
});

test("the median is a value that occurred, and the list stays as it is", () => {
  const values = [10, 9, 1, 2];
  expect(medianOfNumbers(values)).toBe(9);
  expect(medianOfNumbers([3, 100, -5])).toBe(3);
  expect(values).toEqual([10, 9, 1, 2]);
});
