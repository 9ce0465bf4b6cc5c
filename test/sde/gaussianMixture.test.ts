import { describe, expect, test } from "vitest";
import { Rng } from "../../src/random";
import { gaussianMixture } from "../../src/sde/gaussianMixture";
import { VPSDE } from "../../src/sde/vpsde";

const parameters = {
  means: [
    [1, -0.5],
    [-1, 0.3],
    [0, 2],
  ],
  weights: [0.2, 0.5, 0.3],
  deviation: 0.3,
};

describe("gaussianMixture", () => {
  test.each([
    ["VE", gaussianMixture(parameters)],
    ["VP", gaussianMixture(parameters, new VPSDE())],
  ])("%s: the score is the gradient of the log-density", (_name, mixture) => {
    const h = 1e-5;
    for (const t of [0.01, 0.4, 0.9])
      for (const x of [
        [0.3, 0.2],
        [-2, 1],
        [5, 5],
      ]) {
        const s = mixture.score(Float64Array.from(x), t);
        for (const i of [0, 1]) {
          const at = (step: number): number =>
            mixture.logDensity(
              x.map((v, j) => v + (i === j ? step : 0)),
              t,
            );
          expect(s[i]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 5);
        }
      }
  });

  test("is stable far from every mode", () => {
    const mixture = gaussianMixture({ ...parameters, deviation: 0.001 });
    const s = mixture.score(Float64Array.of(1e6, -1e6), 1e-5);
    expect(Array.from(s).every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(mixture.logDensity([1e6, -1e6], 1e-5))).toBe(true);
  });

  test("its density integrates to 1", () => {
    const mixture = gaussianMixture(parameters);
    let sum = 0;
    const h = 0.05;
    for (let x = -6; x < 6; x += h) for (let y = -6; y < 6; y += h) sum += Math.exp(mixture.logDensity([x, y], 0.3));
    expect(sum * h * h).toBeCloseTo(1, 6);
  });

  test("draws have its mean", () => {
    const x = gaussianMixture(parameters).sample(new Rng(3), 20_000);
    let [a, b] = [0, 0];
    for (let i = 0; i < x.length; i += 2) {
      a += x[i] / 20_000;
      b += x[i + 1] / 20_000;
    }
    expect(a).toBeCloseTo(-0.3, 1);
    expect(b).toBeCloseTo(0.65, 1);
  });

  test("refuses what is no mixture", () => {
    expect(() => gaussianMixture({ means: [], deviation: 1 })).toThrow(/at least one component/);
    expect(() => gaussianMixture({ means: [[1], [1, 2]], deviation: 1 })).toThrow(/finite numbers/);
    expect(() => gaussianMixture({ means: [[1]], weights: [-1], deviation: 1 })).toThrow(/weights/);
    expect(() => gaussianMixture(parameters).score(new Float64Array(3), 0.5)).toThrow(/rows of 2/);
  });
});
