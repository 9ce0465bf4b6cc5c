import { describe, expect, test } from "vitest";
import { InputError } from "../../src/check";
import { EDM } from "../../src/sde/edm";
import { exponentialSigmas, karrasSigmas, polyexponentialSigmas, timeGrid } from "../../src/sde/schedules";
import type { Sde } from "../../src/sde/sde";
import { VESDE, vesde } from "../../src/sde/vesde";
import { SubVPSDE, VPSDE } from "../../src/sde/vpsde";

const sdes: [string, Sde][] = [
  ["VE", vesde],
  ["VP", new VPSDE()],
  ["sub-VP", new SubVPSDE()],
  ["EDM", new EDM()],
];

/** Slope of f at t by a central difference. */
const slope = (f: (t: number) => number, t: number): number => {
  const h = 1e-5 * t;
  return (f(t + h) - f(t - h)) / (2 * h);
};

describe.each(sdes)("%s: the marginal solves the SDE", (_name, sde) => {
  test.each([0.05, 0.3, 0.7, 0.99])("at %f T", (share) => {
    const t = share * sde.T;
    // dm/dt = f·m and dσ²/dt = 2f·σ² + g²
    expect(slope((u) => sde.mean(u), t)).toBeCloseTo(sde.drift(t) * sde.mean(t), 6);
    const growth = 2 * sde.drift(t) * sde.sigma(t) ** 2 + sde.diffusion(t) ** 2;
    expect(slope((u) => sde.sigma(u) ** 2, t) / growth).toBeCloseTo(1, 6);
  });

  test("prior log-density at 0 is the normalising constant", () => {
    expect(sde.priorLogDensity([0, 0])).toBeCloseTo(-Math.log(2 * Math.PI * sde.priorSigma ** 2), 12);
    expect(sde.sigma(sde.T) / sde.priorSigma).toBeCloseTo(1, 3);
  });
});

describe("VESDE", () => {
  test("has the published values", () => {
    expect(vesde.sigma(1)).toBeCloseTo(50, 12);
    expect(vesde.sigma(0.55)).toBeCloseTo(1.0825, 4);
    expect(vesde.sigma(0.15)).toBeCloseTo(0.03588, 5);
  });

  test("timeOf inverts sigma", () => {
    for (const t of [1e-5, 0.2, 0.55, 1]) expect(vesde.timeOf(vesde.sigma(t))).toBeCloseTo(t, 13);
    expect(() => vesde.timeOf(0)).toThrow(InputError);
  });

  test("refuses a range that is none", () => {
    expect(() => new VESDE({ sigmaMin: 1, sigmaMax: 1 })).toThrow(/0 < sigmaMin < sigmaMax/);
    expect(() => new VESDE({ eps: 0 })).toThrow(/eps in \(0, 1\)/);
    expect(() => new VPSDE({ betaMin: -1 })).toThrow(InputError);
    expect(() => new EDM({ eps: 100 })).toThrow(InputError);
  });
});

test("VPSDE: the published single precision differs at small t only", () => {
  const [right, published] = [new VPSDE(), new VPSDE({ float32: true })];
  expect(published.sigma(1e-5) / right.sigma(1e-5)).toBeCloseTo(1.006, 3);
  expect(published.sigma(0.5)).toBeCloseTo(right.sigma(0.5), 6);
});

describe("schedules", () => {
  test.each([
    ["karras", karrasSigmas],
    ["exponential", exponentialSigmas],
    ["polyexponential", polyexponentialSigmas],
  ])("%s runs from sigmaMax to sigmaMin and ends with 0", (_name, make) => {
    const sigmas = make(12, { sigmaMin: 0.02, sigmaMax: 8 });
    expect(sigmas).toHaveLength(13);
    expect(sigmas[0]).toBeCloseTo(8, 10);
    expect(sigmas[11]).toBeCloseTo(0.02, 10);
    expect(sigmas[12]).toBe(0);
    for (let i = 1; i < sigmas.length; i++) expect(sigmas[i]).toBeLessThan(sigmas[i - 1]);
  });

  test("exponential sigmas are the VE-SDE at evenly spaced times", () => {
    const sigmas = exponentialSigmas(5);
    [1, 0.75, 0.5, 0.25, 0].forEach((t, i) => {
      expect(sigmas[i] / vesde.sigma(t)).toBeCloseTo(1, 12);
    });
  });

  test("timeGrid hits both ends exactly", () => {
    const grid = timeGrid(0.55, 50);
    expect(grid).toHaveLength(51);
    expect(grid[0]).toBe(0.55);
    expect(grid[50]).toBe(1e-5);
  });

  test("refuse nonsense with a sentence", () => {
    expect(() => karrasSigmas(0)).toThrow(/n ≥ 1/);
    expect(() => exponentialSigmas(5, { sigmaMin: 0 })).toThrow(/0 < sigmaMin/);
    expect(() => timeGrid(0, 10)).toThrow(/eps < t0/);
    expect(() => timeGrid(1, 2.5)).toThrow(/integer/);
  });
});
