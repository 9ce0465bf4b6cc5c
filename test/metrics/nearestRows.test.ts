import { expect, test } from "vitest";
import { InputError } from "../../src/check";
import { nearestRows } from "../../src/metrics/nearestRows";

test("the nearest other row, not the row itself; the first of equals", () => {
  expect([...nearestRows([0, 0, 3, 0, 4, 0, 0, 3], 4)]).toEqual([1, 2, 1, 0]);
});

test("one row has no other; numbers must fill the rows", () => {
  expect(() => nearestRows([1, 2], 1)).toThrow(InputError);
  expect(() => nearestRows([1, 2, 3], 2)).toThrow(InputError);
});
