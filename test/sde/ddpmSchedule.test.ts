import { expect, test } from "vitest";
import { InputError } from "../../src/check";
import { ddpmSchedule } from "../../src/sde/ddpmSchedule";

test("Stable Diffusion's schedule: from nearly no noise to nearly nothing else", () => {
  const { alphaBar, sigma, steps } = ddpmSchedule();
  expect(steps).toBe(1000);
  expect(alphaBar[0]).toBeCloseTo(1 - 0.00085, 12);
  // What diffusers' PNDM scheduler is known for: σ from 0.029 to 14.61.
  expect(sigma[0]).toBeCloseTo(0.0292, 4);
  expect(sigma[999]).toBeCloseTo(14.6146, 3);
  for (let n = 1; n < steps; n++) expect(sigma[n]).toBeGreaterThan(sigma[n - 1]!);
});

test("a step is found again by its σ, between two steps in between, at the ends beyond them", () => {
  const { sigma, stepOf } = ddpmSchedule();
  for (const n of [0, 1, 57, 500, 998, 999]) expect(stepOf(sigma[n]!)).toBeCloseTo(n, 9);
  expect(stepOf(Math.sqrt(sigma[300]! * sigma[301]!))).toBeCloseTo(300.5, 9);
  expect([stepOf(1e-9), stepOf(1e9)]).toEqual([0, 999]);
});

test.each([{ steps: 1 }, { betaStart: 0 }, { betaStart: 0.5, betaEnd: 0.1 }, { betaEnd: 1 }])(
  "refuses %j",
  (options) => {
    expect(() => ddpmSchedule(options)).toThrow(InputError);
  },
);
