import { expect, test } from "vitest";
import { InputError } from "../../src/check";
import { emaDecay, updateEma } from "../../src/training/ema";
import { adamStep, clipByGlobalNorm, clipFactor } from "../../src/training/optimizer";
import { genPoseLearningRate, warmupExponential } from "../../src/training/schedule";

test("Adam's first step has the size of the learning rate, whatever the gradient's", () => {
  const values = new Float32Array(3);
  const arrays = { values, gradient: [1e-3, -5, 0], m: new Float32Array(3), v: new Float32Array(3) };
  adamStep(arrays, 0.01, 1);
  expect(values[0]).toBeCloseTo(-0.01, 5);
  expect(values[1]).toBeCloseTo(0.01, 5);
  expect(values[2]).toBe(0);
});

test("clipping leaves small gradients alone and cuts large ones to the limit", () => {
  const gradient = Float32Array.of(3, 4);
  expect(clipByGlobalNorm(gradient, 1)).toBe(5);
  expect(Math.hypot(...gradient)).toBeCloseTo(1, 5);
  expect(clipByGlobalNorm(gradient, 10)).toBeCloseTo(1, 5);
  expect(Math.hypot(...gradient)).toBeCloseTo(1, 5);
  expect(clipFactor(0.5, 1)).toBe(1);
  expect(clipFactor(1e9, Number.POSITIVE_INFINITY)).toBe(1);
});

test("the moving average starts fast, ends slow, and settles on a constant", () => {
  expect(emaDecay(1)).toBeCloseTo(2 / 11);
  expect(emaDecay(1e6)).toBe(0.999);
  const shadow = Float32Array.of(1);
  for (let n = 1; n < 100; n++) updateEma(shadow, [3], emaDecay(n));
  expect(shadow[0]).toBeCloseTo(3, 3);
});

test("schedules: warm-up, decay, last step, floor", () => {
  const rate = warmupExponential({ base: 1e-3, warmupSteps: 10, totalSteps: 101 });
  expect(rate(0)).toBeCloseTo(1e-4, 12);
  expect(rate(100)).toBeCloseTo(3e-5, 12);
  expect(rate(1000)).toBe(rate(100));
  expect(rate(50)).toBeCloseTo(1e-3 * Math.sqrt(0.03), 12);
  expect(warmupExponential({ totalSteps: 1, warmupSteps: 0 })(0)).toBe(1e-3);
  expect(() => warmupExponential({ totalSteps: 0 })).toThrow(InputError);
  const published = (step: number): number => genPoseLearningRate(step, { stepsPerEpoch: 100 });
  expect(published(0)).toBe(0);
  // An epoch that ends with the warm-up brings the rate to the base; otherwise it stays one step short.
  expect(published(100)).toBe(1e-3);
  expect(genPoseLearningRate(100, { stepsPerEpoch: 40 })).toBeCloseTo(0.99e-3, 12);
  expect(published(1e6)).toBeLessThan(1e-4);
  expect(published(1e6)).toBeGreaterThan(0.98e-4 * 0.98);
});
