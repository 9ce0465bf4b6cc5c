import { expect, test } from "vitest";
import { Rng } from "../../src/random";
import { addPair, canonicalProjection, noPairs } from "../../src/training/canonicalCorrelation";

/** Pairs of a signal of deviation `signal[c]` that both have and noise of deviation `noise[c]` of their own. */
function pairsOf(signal: readonly number[], noise: readonly number[], count: number, offset = 0) {
  const rng = new Rng(3);
  const moments = noPairs(signal.length);
  for (let i = 0; i < count; i++) {
    const both = signal.map((deviation) => rng.normal(0, deviation));
    const side = (shift: number) => both.map((x, c) => x + shift + rng.normal(0, noise[c]));
    addPair(moments, side(offset), side(-offset));
  }
  return moments;
}

test("canonical correlations are signal over signal and noise, and weigh the whitened directions by their roots", () => {
  const [signal, noise] = [
    [2, 1, 0.5],
    [0.5, 1, 2],
  ];
  const { meanA, meanB, matrix, correlations } = canonicalProjection(pairsOf(signal, noise, 40_000, 5), {
    shrinkage: 0,
  });
  const expected = signal.map((s, c) => s ** 2 / (s ** 2 + noise[c] ** 2));
  correlations.forEach((rho, k) => {
    expect(rho).toBeCloseTo(expected[k], 1);
  });
  // The sides' offset goes into neither.
  for (const c of [0, 1, 2]) expect([meanA[c], -meanB[c]].map(Math.round)).toEqual([5, 5]);
  expected.forEach((rho, c) => {
    expect(Math.abs(matrix[c * 3 + c])).toBeCloseTo(Math.sqrt(rho) / Math.hypot(signal[c], noise[c]), 1);
  });
});

test("in its space, pairs are told apart that a strong common noise hides", () => {
  const moments = pairsOf([1, 1, 0.1], [0.1, 0.1, 8], 5_000);
  const { meanA, matrix } = canonicalProjection(moments);
  const project = (f: number[]) =>
    [0, 1, 2].map((k) => f.reduce((sum, x, c) => sum + (x - meanA[c]) * matrix[c * 3 + k], 0));
  const cosine = (a: number[], b: number[]) =>
    a.reduce((sum, x, i) => sum + x * b[i], 0) / Math.hypot(...a) / Math.hypot(...b);
  const [query, same, other] = [
    [1, -1, 9],
    [1, -1, -9],
    [-1, 1, 9],
  ];
  expect(cosine(query, same)).toBeLessThan(cosine(query, other));
  expect(cosine(project(query), project(same))).toBeGreaterThan(cosine(project(query), project(other)) + 1);
});

test("refuses too few pairs, and features that do not vary", () => {
  expect(() => canonicalProjection(pairsOf([1, 1], [1, 1], 2))).toThrow("more pairs than channels");
  const still = noPairs(2);
  for (let i = 0; i < 9; i++) addPair(still, [1, i], [1, i + 0.5]);
  expect(() => canonicalProjection(still, { shrinkage: 0 })).toThrow("does not vary");
});
