import { describe, expect, it } from "vitest";
import { rotationX, rotationY } from "../../src/geometry/rotation";
import { exp, randomRotation } from "../../src/geometry/so3";
import { twistAngle } from "../../src/geometry/twist";
import { identity3, type Matrix3, multiply } from "../../src/geometry/vector";
import { axisDistribution, expectedUniformEntropy, normalizedEntropy } from "../../src/metrics/axisDistribution";
import { modeShares } from "../../src/metrics/modeShares";
import { Rng } from "../../src/random";

const rng = new Rng(11);
const truth = { rotation: randomRotation(rng), translation: [0, 0, 1] as const };
const posesOf = (turns: readonly Matrix3[]) =>
  turns.map((turn) => ({ rotation: multiply(truth.rotation, turn), translation: [0, 0, 1] as const }));
const small = (deviation: number): Matrix3 => exp([0, 1, 2].map(() => rng.normal(0, deviation)) as never);
const aboutY = (angles: readonly number[]) => posesOf(angles.map(rotationY));
const even = (n: number, from = 0): number[] => Array.from({ length: n }, (_, k) => from + (2 * Math.PI * k) / n);

describe("twist", () => {
  it("is the angle about the axis, whatever the tilt", () => {
    for (const phi of [-3, -1, 0, 0.5, 3.1]) {
      expect(twistAngle(rotationY(phi), [0, 2, 0])).toBeCloseTo(phi, 12);
      const axis = [1, -2, 0.5] as const;
      const length = Math.hypot(...axis);
      expect(twistAngle(exp(axis.map((a) => (a / length) * phi) as never), axis)).toBeCloseTo(phi, 12);
      expect(twistAngle(multiply(rotationY(phi), rotationX(0.7)), [0, 1, 0])).toBeCloseTo(phi, 12);
      const r = multiply(rotationY(phi), small(0.5));
      expect(twistAngle(r, [0, 1, 0])).toBeCloseTo(Math.atan2(r[2] - r[6], r[0] + r[8]), 12);
    }
    expect(() => twistAngle(identity3, [0, 0, 0])).toThrow(/no direction/);
  });
});

describe("distribution about the axis", () => {
  it("evenly spread angles: entropy 1, spread 1, gap 360°/K, wherever they begin", () => {
    for (const from of [0, 0.123, -2]) {
      const { entropy, spread, largestGapDeg } = axisDistribution(aboutY(even(48, from)), truth);
      expect(entropy).toBeCloseTo(1, 12);
      expect(spread).toBeCloseTo(1, 12);
      expect(largestGapDeg).toBeCloseTo(7.5, 9);
    }
  });

  it("one angle: entropy 0, spread 0, gap 360°, wherever it is and however often", () => {
    for (const at of [0, Math.PI / 6, Math.PI, -1]) {
      const { entropy, spread, largestGapDeg, anglesDeg } = axisDistribution(aboutY([at, at, at]), truth);
      expect(entropy).toBe(0);
      expect(spread).toBeCloseTo(0, 12);
      expect(largestGapDeg).toBeCloseTo(360, 6);
      expect(Math.cos((anglesDeg[0] * Math.PI) / 180)).toBeCloseTo(Math.cos(at), 12);
    }
  });

  it("two opposite angles: entropy ln 2/ln 12, though the spread is that of uniform ones", () => {
    const { entropy, spread, largestGapDeg } = axisDistribution(aboutY([1, 1, 1 - Math.PI, 1 - Math.PI]), truth);
    expect(entropy).toBeCloseTo(Math.log(2) / Math.log(12), 12);
    expect(spread).toBeCloseTo(1, 12);
    expect(largestGapDeg).toBeCloseTo(180, 6);
  });

  it("a tight cluster is nearly a point even on the edge of a bin", () => {
    const angles = Array.from({ length: 50 }, () => Math.PI / 6 + rng.normal(0, 0.5 * (Math.PI / 180)));
    expect(axisDistribution(aboutY(angles), truth).entropy).toBeLessThan(0.05);
  });

  it("the spread of a von-Mises-like normal cluster is 1 − exp(−σ²/2)", () => {
    const angles = Array.from({ length: 4000 }, () => rng.normal(0, 0.6));
    expect(axisDistribution(aboutY(angles), truth).spread).toBeCloseTo(1 - Math.exp(-0.18), 1);
  });

  it("K uniform draws reach the expected entropy on average", () => {
    const entropies = Array.from({ length: 200 }, () => {
      const angles = Array.from({ length: 50 }, () => rng.uniform(-Math.PI, Math.PI));
      return axisDistribution(aboutY(angles), truth).entropy;
    });
    const mean = entropies.reduce((a, b) => a + b, 0) / entropies.length;
    expect(Math.abs(mean - expectedUniformEntropy(50))).toBeLessThan(0.006);
    expect(expectedUniformEntropy(1)).toBe(0);
    expect(expectedUniformEntropy(2, 2)).toBeCloseTo(0.5, 14); // half of the pairs lie in both bins
    expect(expectedUniformEntropy(100000)).toBeGreaterThan(0.9999);
  });

  it("any axis, and refusals", () => {
    const turns = posesOf(even(24).map((phi) => rotationX(phi)));
    expect(axisDistribution(turns, truth, { axis: [1, 0, 0] }).entropy).toBeCloseTo(1, 12);
    expect(axisDistribution(turns, truth).entropy).toBeLessThan(0.5);
    expect(() => axisDistribution([], truth)).toThrow(/no hypothesis/);
    expect(() => axisDistribution(turns, truth, { bins: 1 })).toThrow(/at least 2/);
    expect(() => normalizedEntropy([0, 0])).toThrow(/not all 0/);
    expect(normalizedEntropy([3, 3, 3])).toBeCloseTo(1, 14);
  });
});

describe("shares of the modes", () => {
  const modes = [identity3, rotationY(Math.PI)];

  it("two modes get their shares, strays none", () => {
    const turns = [
      ...Array.from({ length: 6 }, () => small(0.05)),
      ...Array.from({ length: 3 }, () => multiply(rotationY(Math.PI), small(0.05))),
      rotationX(Math.PI / 2),
    ];
    const { shares, outside, modeOf } = modeShares(posesOf(turns), truth, modes);
    expect(shares).toEqual([0.6, 0.3]);
    expect(outside).toBe(0.1);
    expect(modeOf).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, -1]);
  });

  it("within 180° every hypothesis has its nearest mode; shares of uniform rotations are even", () => {
    const turns = Array.from({ length: 4000 }, () => randomRotation(rng));
    const { shares, outside } = modeShares(posesOf(turns), truth, modes, { withinDeg: 180 });
    expect(outside).toBe(0);
    expect(shares[0] + shares[1]).toBeCloseTo(1, 12);
    expect(Math.abs(shares[0] - 0.5)).toBeLessThan(0.03);
  });

  it("uniform rotations fall within θ of a mode with probability (θ − sin θ)/π", () => {
    const theta = Math.PI / 3;
    const turns = Array.from({ length: 4000 }, () => randomRotation(rng));
    const { shares } = modeShares(posesOf(turns), truth, modes, { withinDeg: 60 });
    for (const share of shares) expect(Math.abs(share - (theta - Math.sin(theta)) / Math.PI)).toBeLessThan(0.015);
  });

  it("refuses nothing to count and angles without sense", () => {
    expect(() => modeShares([], truth, modes)).toThrow(/no hypothesis/);
    expect(() => modeShares([truth], truth, [])).toThrow(/no mode/);
    expect(() => modeShares([truth], truth, modes, { withinDeg: 0 })).toThrow(/withinDeg/);
  });
});
