import { expect, test } from "vitest";
import { bootstrapInterval } from "../../src/metrics/bootstrapInterval";
import { Rng } from "../../src/random";

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

test("is about 1.96 standard errors wide on both sides, and wider where members of a group are alike", () => {
  const rng = new Rng(1);
  const single = Array.from({ length: 400 }, () => [rng.normal(5, 2)]);
  const [low, high] = bootstrapInterval(single, mean, { rng: rng.split("a"), resamples: 400 });
  const middle = mean(single.flat());
  expect((high - middle) / (1.96 * (2 / 20))).toBeCloseTo(1, 0);
  expect((middle - low) / (1.96 * (2 / 20))).toBeCloseTo(1, 0);
  const alike = Array.from({ length: 100 }, (_, g) => Array(4).fill(single[g][0]));
  const [a, b] = bootstrapInterval(alike, mean, { rng: rng.split("b"), resamples: 400 });
  expect(b - a).toBeGreaterThan(1.5 * (high - low));
});

test("is the same for the same stream, and needs two groups", () => {
  const groups = [[1], [2], [4]];
  const [a, b] = [0, 0].map(() => bootstrapInterval(groups, mean, { rng: new Rng(3), resamples: 50 }));
  expect(a).toEqual(b);
  expect(() => bootstrapInterval([[1]], mean, { rng: new Rng(3) })).toThrow("give two of each");
});
