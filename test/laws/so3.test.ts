import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exp, geodesicDistance, log, randomRotation, slerp } from "../../src/geometry/so3";
import { determinant, identity3, multiply, norm, scale, trace, transpose } from "../../src/geometry/vector";
import { Rng } from "../../src/random";
import { angle, difference, direction, rotation } from "./arbitraries";

describe("SO(3) is a group", () => {
  test("closed: a product is orthonormal and right-handed", () => {
    fc.assert(
      fc.property(rotation, rotation, (a, b) => {
        const c = multiply(a, b);
        expect(difference(multiply(c, transpose(c)), identity3)).toBeLessThan(1e-14);
        expect(determinant(c)).toBeCloseTo(1, 13);
      }),
    );
  });

  test("associative, with the transpose as inverse", () => {
    fc.assert(
      fc.property(rotation, rotation, rotation, (a, b, c) => {
        expect(difference(multiply(multiply(a, b), c), multiply(a, multiply(b, c)))).toBeLessThan(1e-14);
        expect(difference(multiply(transpose(a), a), identity3)).toBeLessThan(1e-14);
      }),
    );
  });
});

describe("exp and log", () => {
  test("exp ∘ log is the identity, near 0 and π too", () => {
    fc.assert(
      fc.property(rotation, (r) => {
        expect(difference(exp(log(r)), r)).toBeLessThan(1e-14);
      }),
    );
  });

  test("log ∘ exp is the identity below π, to all digits of a tiny angle", () => {
    fc.assert(
      fc.property(direction, angle, (axis, a) => {
        fc.pre(a < Math.PI - 1e-6);
        const v = scale(axis, a);
        expect(difference(log(exp(v)), v)).toBeLessThan(1e-9 * Math.min(1, a) + 1e-15);
      }),
    );
  });

  test("one-parameter groups: exp(sv)·exp(tv) = exp((s + t)v)", () => {
    fc.assert(
      fc.property(direction, angle, angle, (axis, s, t) => {
        expect(difference(multiply(exp(scale(axis, s)), exp(scale(axis, t))), exp(scale(axis, s + t)))).toBeLessThan(
          1e-14,
        );
      }),
    );
  });
});

describe("the geodesic distance", () => {
  test("is the rotation angle, exact near 0 and π", () => {
    fc.assert(
      fc.property(rotation, direction, angle, (r, axis, a) => {
        expect(Math.abs(geodesicDistance(r, multiply(r, exp(scale(axis, a)))) - a)).toBeLessThan(2e-15 * 4);
      }),
    );
  });

  test("is a metric: zero on itself, symmetric, with the triangle inequality", () => {
    fc.assert(
      fc.property(rotation, rotation, rotation, (a, b, c) => {
        expect(geodesicDistance(a, a)).toBeLessThan(1e-15);
        expect(geodesicDistance(a, b)).toBeCloseTo(geodesicDistance(b, a), 14);
        expect(geodesicDistance(a, c)).toBeLessThanOrEqual(geodesicDistance(a, b) + geodesicDistance(b, c) + 1e-14);
        expect(geodesicDistance(a, b)).toBeLessThanOrEqual(Math.PI);
      }),
    );
  });

  test("is bi-invariant: d(ga, gb) = d(ag, bg) = d(a, b)", () => {
    fc.assert(
      fc.property(rotation, rotation, rotation, (a, b, g) => {
        const d = geodesicDistance(a, b);
        expect(geodesicDistance(multiply(g, a), multiply(g, b))).toBeCloseTo(d, 13);
        expect(geodesicDistance(multiply(a, g), multiply(b, g))).toBeCloseTo(d, 13);
      }),
    );
  });

  test("slerp divides the path in proportion", () => {
    fc.assert(
      fc.property(rotation, rotation, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, t) => {
        const d = geodesicDistance(a, b);
        const between = slerp(a, b, t);
        expect(geodesicDistance(a, between)).toBeCloseTo(t * d, 13);
        expect(geodesicDistance(between, b)).toBeCloseTo((1 - t) * d, 13);
      }),
    );
  });
});

test("uniform draws: E[tr R] = 0 and the angle has the density (1 − cos θ)/π", () => {
  const rng = new Rng(5);
  const draws = Array.from({ length: 20000 }, () => randomRotation(rng));
  const meanTrace = draws.reduce((sum, r) => sum + trace(r), 0) / draws.length;
  expect(Math.abs(meanTrace)).toBeLessThan(0.03); // deviation of tr R is 1, of the mean 0.007
  for (const theta of [0.5, 1, 2, 3]) {
    const below = draws.filter((r) => norm(log(r)) < theta).length / draws.length;
    expect(Math.abs(below - (theta - Math.sin(theta)) / Math.PI)).toBeLessThan(0.015);
  }
});
