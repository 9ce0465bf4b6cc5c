import { expect, test } from "vitest";
import { averagePrecision } from "../../src/metrics/averagePrecision";

test("by hand: matches at ranks 1 and 3 of four, three truths", () => {
  // envelope 1 up to recall 1/3, 2/3 up to recall 2/3, nothing beyond
  const { ap, accuracy } = averagePrecision([true, false, true, false], [0.9, 0.8, 0.7, 0.6], 3);
  expect(ap).toBeCloseTo(1 / 3 + (1 / 3) * (2 / 3), 6);
  expect(accuracy).toBe(0.5);
});

test("the order of the input does not matter, only the scores do", () => {
  const a = averagePrecision([true, false, true], [0.3, 0.2, 0.1], 2);
  const b = averagePrecision([true, true, false], [0.1, 0.3, 0.2], 2);
  expect(a).toEqual(b);
});

test("all found at once: 1; none: 0; and the ends that are not numbers, as published", () => {
  expect(averagePrecision([true, true], [0.1, 0.2], 2).ap).toBe(1);
  expect(averagePrecision([false], [0.1], 2)).toEqual({ ap: 0, accuracy: 0 });
  expect(averagePrecision([false], [0.1], 0).ap).toBeNaN();
  expect(averagePrecision([], [], 0)).toEqual({ ap: 0, accuracy: Number.NaN });
});

test("bad input is refused with a sentence", () => {
  expect(() => averagePrecision([true], [0.1, 0.2], 1)).toThrow("1 matches and 2 scores");
  expect(() => averagePrecision([true], [Number.NaN], 1)).toThrow("finite");
  expect(() => averagePrecision([true], [1], -1)).toThrow("no number of ground truths");
});
