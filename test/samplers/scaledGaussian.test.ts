/**
 * Score scaling on Gaussian data N(μ, s²), where it can be solved: with σ as the clock the scaled PF-ODE is
 * d(x − μ)/dσ = w·σ·(x − μ)/(s² + σ²), the scaled reverse SDE a linear one.
 */
import { describe, expect, test } from "vitest";
import { Rng } from "../../src/random";
import { ddim } from "../../src/samplers/ddim";
import { eulerMaruyama } from "../../src/samplers/eulerMaruyama";
import { noiseSource, priorNoise } from "../../src/samplers/priorNoise";
import { probabilityFlowOde } from "../../src/samplers/probabilityFlowOde";
import { constantScaling, exponentialScaling, type ScoreScaling } from "../../src/samplers/scoreScaling";
import { gaussianMixture } from "../../src/sde/gaussianMixture";
import { vesde } from "../../src/sde/vesde";

const [mu, s, t0] = [0.7, 0.05, 0.55];
const gaussian = gaussianMixture({ means: [[mu]], deviation: s });
const z = priorNoise(new Rng(3), 400, 1);
const variance = (t: number): number => s ** 2 + vesde.sigma(t) ** 2;

describe("on a Gaussian score scaling does what can be solved by hand", () => {
  test.each([0.5, 1, 2, 4])("constant w = %d: (x − μ) shrinks by (v(ε)/v(t₀))^(w/2)", (wMax) => {
    const factor = (variance(vesde.eps) / variance(t0)) ** (wMax / 2);
    const { x } = probabilityFlowOde(gaussian.score, z, {
      t0,
      scaling: constantScaling({ wMax }),
      denoise: false,
      rtol: 1e-10,
      atol: 1e-12,
    });
    for (let k = 0; k < 20; k++) expect(x[k] - mu).toBeCloseTo((vesde.sigma(t0) * z[k] - mu) * factor, 8);
  });

  test("exponential: the exponent is the integral of w over ½ d ln v", () => {
    const scaling: ScoreScaling = exponentialScaling();
    let exponent = 0;
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      const [a, b] = [(t0 * i) / n, (t0 * (i + 1)) / n].map((t) => Math.max(t, vesde.eps));
      exponent += 0.5 * scaling((a + b) / 2) * Math.log(variance(b) / variance(a));
    }
    const { x } = probabilityFlowOde(gaussian.score, z, { t0, scaling, denoise: false, rtol: 1e-10, atol: 1e-12 });
    for (let k = 0; k < 20; k++) expect(x[k] - mu).toBeCloseTo((vesde.sigma(t0) * z[k] - mu) * Math.exp(-exponent), 7);
  });

  test("noise at every step keeps a spread: the scaled reverse SDE ends at the variance v/(2w − 1)", () => {
    const wMax = 4;
    const { x } = eulerMaruyama(gaussian.score, z, {
      t0,
      steps: 2000,
      scaling: constantScaling({ wMax }),
      noise: noiseSource(new Rng(4), z.length, 1),
    });
    const mean = x.reduce((a, b) => a + b, 0) / x.length;
    const second = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
    expect(mean).toBeCloseTo(mu, 2);
    expect(Math.abs(second / (variance(vesde.eps) / (2 * wMax - 1)) - 1)).toBeLessThan(0.25);
  });

  test("a step of eq. S4 multiplies the error by 1 − w·(1 − σ′/σ), as printed by 1 − w + σ′/σ", () => {
    const delta = gaussianMixture({ means: [[0]], deviation: 0 });
    const times = [0.3, 0.28];
    const ratio = vesde.sigma(times[1]) / vesde.sigma(times[0]);
    const step = (form: "stable" | "printed"): number =>
      ddim(delta.score, [1], { times, form, scaling: constantScaling() }).x[0] / vesde.sigma(times[0]);
    expect(step("stable")).toBeCloseTo(1 - 4 * (1 - ratio), 12);
    expect(step("printed")).toBeCloseTo(1 - 4 + ratio, 12);
  });
});
