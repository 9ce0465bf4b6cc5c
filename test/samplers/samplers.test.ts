import { describe, expect, test } from "vitest";
import { Rng } from "../../src/random";
import { ddim } from "../../src/samplers/ddim";
import { eulerMaruyama } from "../../src/samplers/eulerMaruyama";
import { logLikelihood } from "../../src/samplers/likelihood";
import { orthonormalizeColumns } from "../../src/samplers/poseProjection";
import { predictorCorrector } from "../../src/samplers/predictorCorrector";
import { noiseSource, priorNoise } from "../../src/samplers/priorNoise";
import { probabilityFlowOde } from "../../src/samplers/probabilityFlowOde";
import { sampleDpm2 } from "../../src/samplers/sampleDpm2";
import { sampleDpmpp2m } from "../../src/samplers/sampleDpmpp2m";
import { sampleEuler } from "../../src/samplers/sampleEuler";
import { sampleHeun } from "../../src/samplers/sampleHeun";
import {
  constantScaling,
  exponentialScaling,
  linearScaling,
  scaleScore,
  scoreScalings,
} from "../../src/samplers/scoreScaling";
import { gaussianMixture } from "../../src/sde/gaussianMixture";
import { timeGrid } from "../../src/sde/schedules";
import { vesde } from "../../src/sde/vesde";
import { VPSDE } from "../../src/sde/vpsde";

const rng = new Rng(7);
const noise = priorNoise(rng.split("noise"), 6, 3);
const mixture = gaussianMixture({
  means: [
    [1, 0, -1],
    [-0.5, 0.5, 2],
  ],
  weights: [0.4, 0.6],
  deviation: 0.3,
});
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

/** Mean and deviation over all numbers of rows of `d`, about their column means. */
function moments(x: Float64Array, d: number): { mean: number[]; deviation: number[] } {
  const column = (i: number): number[] => Array.from(x).filter((_, j) => j % d === i);
  const average = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const columns = Array.from({ length: d }, (_, i) => column(i));
  const mean = columns.map(average);
  return { mean, deviation: columns.map((c, i) => Math.sqrt(average(c.map((v) => (v - mean[i]) ** 2)))) };
}

describe("order of convergence on an analytic mixture", () => {
  // From σ = 1.08 to 0.05: no final step to 0, which is of order 1 in all of them.
  const steps = [32, 64, 128, 256];
  const sigmas = (n: number): number[] => Array.from(timeGrid(0.55, n, 0.19), (t) => vesde.sigma(t));
  const truth = probabilityFlowOde(mixture.score, noise, {
    sde: vesde,
    rtol: 1e-12,
    atol: 1e-12,
    denoise: false,
    steps: 2,
  });
  const reference = sampleHeun(mixture.score, noise, { sigmas: sigmas(8192) }).x;

  test.each([
    ["sampleEuler", sampleEuler, 1],
    ["sampleHeun", sampleHeun, 2],
    ["sampleDpm2", sampleDpm2, 2],
    ["sampleDpmpp2m", sampleDpmpp2m, 2],
  ] as const)("%s", (_name, sampler, order) => {
    expect(truth.status).toBe("finished");
    const errors = steps.map((n) => distance(sampler(mixture.score, noise, { sigmas: sigmas(n) }).x, reference));
    const slope = Math.log2(errors[0] / errors[errors.length - 1]) / (steps.length - 1);
    expect(slope).toBeGreaterThan(order - 0.2);
    expect(slope).toBeLessThan(order + 0.4);
  });

  test("RK45 and fine Heun agree to the last noise level", () => {
    const grid = Array.from(timeGrid(0.55, 4096), (t) => vesde.sigma(t));
    expect(distance(sampleHeun(mixture.score, noise, { sigmas: grid }).x, truth.x)).toBeLessThan(1e-6);
  });
});

describe("samples of a known Gaussian have its mean and deviation", () => {
  const gaussian = gaussianMixture({ means: [[0.3, -0.2]], deviation: 0.5 });
  const z = priorNoise(rng.split("gaussian"), 1500, 2);
  const source = (): (() => Float64Array) => noiseSource(rng.split("steps"), 1500, 2);
  test.each([
    ["probabilityFlowOde", () => probabilityFlowOde(gaussian.score, z, { t0: 1 })],
    ["ddim, η = 0", () => ddim(gaussian.score, z, { t0: 1, steps: 200 })],
    ["ddim, η = 0.5", () => ddim(gaussian.score, z, { t0: 1, steps: 200, eta: 0.5, noise: source() })],
    ["eulerMaruyama", () => eulerMaruyama(gaussian.score, z, { t0: 1, steps: 200, noise: source() })],
    ["predictorCorrector", () => predictorCorrector(gaussian.score, z, { steps: 100, dimension: 2, noise: source() })],
    ["sampleEuler", () => sampleEuler(gaussian.score, z, { t0: 1, steps: 150 })],
    ["sampleHeun", () => sampleHeun(gaussian.score, z, { t0: 1, steps: 30 })],
    ["sampleDpm2", () => sampleDpm2(gaussian.score, z, { t0: 1, steps: 30 })],
    ["sampleDpmpp2m", () => sampleDpmpp2m(gaussian.score, z, { t0: 1, steps: 40 })],
  ] as const)("%s", (_name, run) => {
    const { mean, deviation } = moments(run().x, 2);
    expect(Math.abs(mean[0] - 0.3)).toBeLessThan(0.04);
    expect(Math.abs(mean[1] + 0.2)).toBeLessThan(0.04);
    for (const value of deviation) expect(Math.abs(value - 0.5)).toBeLessThan(0.04);
  });

  test("a VP diffusion too", () => {
    const sde = new VPSDE();
    const { score } = gaussianMixture({ means: [[0.3, -0.2]], deviation: 0.5 }, sde);
    const { mean, deviation } = moments(probabilityFlowOde(score, z, { sde, t0: 1, denoise: "tweedie" }).x, 2);
    expect(Math.abs(mean[0] - 0.3)).toBeLessThan(0.03);
    for (const value of deviation) expect(Math.abs(value - 0.5)).toBeLessThan(0.03);
  });
});

describe("ddim", () => {
  test("with w = 1 it is Euler in σ", () => {
    const times = timeGrid(1, 40);
    const euler = sampleEuler(mixture.score, noise, { sigmas: times.map((t) => vesde.sigma(t)) });
    for (const form of ["stable", "printed"] as const)
      expect(distance(ddim(mixture.score, noise, { times, form }).x, euler.x)).toBeLessThan(1e-10);
  });

  test("eq. S4 as printed diverges with w = 4 and small steps, the stable form does not", () => {
    const narrow = gaussianMixture({ means: [[1, 0, -1]], deviation: 0.02 });
    const error = (form: "stable" | "printed", steps: number): number =>
      distance(
        ddim(narrow.score, noise, { form, steps, scaling: scoreScalings.constant }).x,
        Array.from({ length: noise.length }, (_, i) => [1, 0, -1][i % 3]),
      );
    expect(error("printed", 50)).toBeGreaterThan(100);
    expect(error("printed", 200)).toBeGreaterThan(1e6 * error("printed", 50));
    for (const steps of [50, 200, 500]) expect(error("stable", steps)).toBeLessThan(0.05);
  });

  test("with η it needs noise, and follows it", () => {
    expect(() => ddim(mixture.score, noise, { eta: 0.5 })).toThrow(/noiseSource/);
    const run = (k: number): Float64Array =>
      ddim(mixture.score, priorNoise(new Rng(1), k, 3), { steps: 20, eta: 0.5, noise: noiseSource(new Rng(2), k, 3) })
        .x;
    expect(run(5).slice(0, 6)).toEqual(run(2));
  });
});

describe("probabilityFlowOde", () => {
  test("counts calls: two, six per attempted step, one to denoise", () => {
    const { nfe, accepted, rejected } = probabilityFlowOde(mixture.score, noise);
    expect(nfe).toBe(2 + 6 * (accepted + rejected) + 1);
  });

  test("perHypothesis: the same bits whatever K; without it only the same to the tolerance", () => {
    const options = { dimension: 3, perHypothesis: true } as const;
    const all = probabilityFlowOde(mixture.score, noise, options);
    const first = probabilityFlowOde(mixture.score, noise.subarray(0, 6), options);
    expect(all.x.slice(0, 6)).toEqual(first.x);
    expect(all.nfePerHypothesis).toHaveLength(6);
    expect(all.nfePerHypothesis?.reduce((a, b) => a + b)).toBe(all.nfe);
    const together = probabilityFlowOde(mixture.score, noise);
    const two = probabilityFlowOde(mixture.score, noise.subarray(0, 6));
    expect(together.x.slice(0, 6)).not.toEqual(two.x);
    expect(distance(together.x.slice(0, 6), two.x)).toBeLessThan(1e-3);
    expect(distance(together.x, all.x)).toBeLessThan(1e-3);
  });

  test("trajectory and onStep see the same states, from the prior to eps", () => {
    for (const perHypothesis of [false, true]) {
      const seen: number[] = [];
      const onStep = (_x: Float64Array, t: number): void => void seen.push(t);
      const options = { dimension: 3, perHypothesis, trajectory: true, onStep, denoise: false } as const;
      const { trajectory, x } = probabilityFlowOde(mixture.score, noise, options);
      expect(trajectory?.t).toEqual(seen);
      expect(seen[0]).toBe(0.55);
      expect(seen[seen.length - 1]).toBe(1e-5);
      expect(
        distance(
          trajectory?.x[0] ?? [],
          noise.map((v) => v * vesde.sigma(0.55)),
        ),
      ).toBe(0);
      expect(distance(trajectory?.x[seen.length - 1] ?? [], x)).toBeLessThan(1e-12);
    }
  });

  test("says so when maxNfe is too small", () => {
    const { status, message, nfe } = probabilityFlowOde(mixture.score, noise, { maxNfe: 30 });
    expect(status).toBe("outOfCalls");
    expect(message).toMatch(/raise maxNfe/);
    expect(nfe).toBeLessThanOrEqual(30);
  });

  test("starts around init, given once or per hypothesis", () => {
    const init = [0.1, 0.2, 0.3];
    const once = probabilityFlowOde(mixture.score, noise, { init, t0: 0.15 });
    const each = probabilityFlowOde(mixture.score, noise, { init: Array(6).fill(init).flat(), t0: 0.15 });
    expect(once.x).toEqual(each.x);
  });

  test("the denoise step goes towards the mode; the published one away from it", () => {
    const point = gaussianMixture({ means: [[1, 0, -1]], deviation: 0 });
    const run = (denoise: boolean | "tweedie" | "published"): number =>
      distance(
        probabilityFlowOde(point.score, noise, { denoise, steps: 20 }).x,
        Array.from({ length: noise.length }, (_, i) => [1, 0, -1][i % 3]),
      );
    const [none, right, published, tweedie] = [run(false), run(true), run("published"), run("tweedie")];
    expect(right).toBeLessThan(0.3 * none);
    expect(published).toBeGreaterThan(1.5 * none);
    expect(tweedie).toBeLessThan(1e-9);
  });

  test("bad input ends in a sentence", () => {
    expect(() => probabilityFlowOde(mixture.score, [])).toThrow(/noise z is empty/);
    expect(() => probabilityFlowOde(mixture.score, [Number.NaN, 0, 0])).toThrow(/finite/);
    expect(() => probabilityFlowOde(mixture.score, noise, { t0: 2 })).toThrow(/t0 in/);
    expect(() => probabilityFlowOde(mixture.score, noise, { init: [1, 2, 3, 4] })).toThrow(/D numbers or K·D/);
    expect(() => probabilityFlowOde(mixture.score, noise, { steps: 1 })).toThrow(/at least 2/);
    expect(() => probabilityFlowOde(() => [1], noise)).toThrow(/one per number/);
    expect(() => probabilityFlowOde((x) => x.map(() => Number.NaN), noise)).toThrow(/the score is NaN at t = 0.55/);
    expect(() => probabilityFlowOde(mixture.score, noise, { perHypothesis: true, dimension: 4 })).toThrow(/rows of 4/);
  });
});

describe("score scaling", () => {
  test("runs from w_min at t = 1 to w_max at t = 0", () => {
    for (const scaling of [exponentialScaling(), linearScaling()]) expect(scaling(0)).toBeCloseTo(4, 12);
    expect(linearScaling({ wMax: 3 })(1)).toBe(1);
    expect(exponentialScaling()(1)).toBeCloseTo(1 + 3 * Math.exp(-5), 12);
    expect(linearScaling({ wMin: 3, wMax: 0.5 })(0)).toBe(0.5);
    expect(constantScaling({ wMax: 0.5 })(0.3)).toBe(0.5);
    for (const wMin of [-1, Number.NaN]) expect(() => exponentialScaling({ wMin })).toThrow(/at least 0/);
  });

  test("as an option it is the same as scaling the score; it narrows the samples", () => {
    const scaling = scoreScalings.exponential;
    const a = probabilityFlowOde(mixture.score, noise, { scaling, denoise: false });
    const b = probabilityFlowOde(scaleScore(mixture.score, scaling), noise, { denoise: false });
    expect(distance(a.x, b.x)).toBeLessThan(1e-9);
    const gaussian = gaussianMixture({ means: [[0, 0]], deviation: 0.5 });
    const z = priorNoise(rng, 500, 2);
    const spread = (w: keyof typeof scoreScalings): number =>
      moments(ddim(gaussian.score, z, { steps: 100, t0: 1, scaling: scoreScalings[w] }).x, 2).deviation[0];
    expect(spread("exponential")).toBeLessThan(0.7 * spread("none"));
    expect(spread("constant")).toBeLessThan(spread("exponential"));
  });
});

test("priorNoise: the first rows stay when K grows", () => {
  expect(priorNoise(new Rng(5), 50, 9).slice(0, 27)).toEqual(priorNoise(new Rng(5), 3, 9));
  expect(() => priorNoise(new Rng(5), 0, 9)).toThrow(/K ≥ 1/);
});

test("every sampler with the same arguments: one word changes", () => {
  const samplers = [probabilityFlowOde, ddim, sampleEuler, sampleHeun, sampleDpm2, sampleDpmpp2m];
  for (const sampler of samplers) {
    const { x, nfe, trajectory } = sampler(mixture.score, noise, { t0: 0.55, steps: 20, trajectory: true });
    expect(x).toHaveLength(noise.length);
    expect(nfe).toBeGreaterThan(0);
    expect(trajectory?.x.length).toBeGreaterThanOrEqual(20);
  }
});

describe("predictorCorrector", () => {
  test("the right form brings the translation home", () => {
    const mode = [1, 0, 0, 0, 1, 0, 0.1, 0.2, 0.3];
    const { x } = predictorCorrector(gaussianMixture({ means: [mode], deviation: 0.02 }).score, priorNoise(rng, 8, 9), {
      steps: 300,
      noise: noiseSource(rng, 8, 9),
      afterPredictor: orthonormalizeColumns,
    });
    expect(
      distance(
        x,
        Array.from({ length: 72 }, (_, i) => mode[i % 9]),
      ),
    ).toBeLessThan(0.15);
  });
});

describe("logLikelihood", () => {
  const x = mixture.sample(new Rng(11), 4);

  test("is the log-density of the mixture at t = eps", () => {
    const { nats, bits, status } = logLikelihood(mixture.score, x, { dimension: 3, rtol: 1e-7, atol: 1e-7 });
    expect(status).toBe("finished");
    for (let k = 0; k < 4; k++) {
      const expected = mixture.logDensity(x.subarray(3 * k, 3 * k + 3), vesde.eps);
      // N(0, σ_max²) is not quite p_T: it leaves out the data's own mean (‖μ‖/σ_max = 0.04) and spread.
      expect(nats[k]).toBeCloseTo(expected, 1);
      expect(bits[k]).toBeCloseTo(nats[k] / Math.LN2, 12);
    }
  });

  test("Hutchinson's probe is unbiased; the published one is 2500 times too large", () => {
    const row = [1.2, 0.1, -1.3];
    const { score, logDensity } = gaussianMixture({ means: [[1, 0, -1]], deviation: 0.3 });
    let mean = 0;
    // ±1 probes: exact for an isotropic score.
    for (const probe of [
      [1, 1, 1],
      [1, -1, 1],
    ])
      mean += 0.5 * logLikelihood(score, row, { dimension: 3, probe }).nats[0];
    expect(mean).toBeCloseTo(logDensity(row, vesde.eps), 1);
    const options = { dimension: 3, probe: [1, 1, 1] };
    const right = logLikelihood(score, row, options);
    const published = logLikelihood(score, row, { ...options, form: "published" });
    const change = (result: { nats: Float64Array; z: Float64Array }): number =>
      result.nats[0] - vesde.priorLogDensity(result.z);
    expect(change(published) / change(right)).toBeCloseTo(2500, -1);
  });

  test("refuses a probe that does not fit", () => {
    expect(() => logLikelihood(mixture.score, x, { dimension: 3, probe: [1] })).toThrow(/one per number/);
    expect(() => logLikelihood(mixture.score, x, { dimension: 3, form: "published" })).toThrow(/needs a probe/);
  });
});
