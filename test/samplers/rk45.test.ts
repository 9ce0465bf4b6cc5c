import { describe, expect, test } from "vitest";
import { InputError } from "../../src/check";
import { dormandPrinceStep, stagesFor } from "../../src/samplers/dormandPrince";
import { rk45 } from "../../src/samplers/rk45";

/** A pendulum-like problem with a known solution: y = e^{sin t}. */
const rhs = (t: number, y: Float64Array): number[] => [Math.cos(t) * y[0]];
const exact = (t: number): number => Math.exp(Math.sin(t));

function fixedSteps(n: number): number {
  let y = Float64Array.of(1);
  const k = stagesFor(1);
  const h = 2 / n;
  k[0].set(rhs(0, y));
  for (let i = 0; i < n; i++) {
    const next = new Float64Array(1);
    dormandPrinceStep(rhs, i * h, y, h, k, next);
    y = next;
    k[0].set(k[6]);
  }
  return Math.abs(y[0] - exact(2));
}

describe("Dormand–Prince", () => {
  test("a step has order 5", () => {
    const slopes = [8, 16, 32].map((n) => Math.log2(fixedSteps(n) / fixedSteps(2 * n)));
    for (const slope of slopes) expect(slope).toBeGreaterThan(4.8);
    expect(slopes[2]).toBeLessThan(5.5);
  });
});

describe("rk45", () => {
  // scipy.integrate.solve_ivp of SciPy 1.17.1 gives the same call counts: see the parity file pf_ode_rk45.
  test("keeps within the tolerance, forwards and backwards", () => {
    for (const rtol of [1e-4, 1e-7, 1e-10]) {
      const forward = rk45(rhs, [0, 6], [1], { rtol, atol: rtol });
      expect(Math.abs(forward.final.y[0] - exact(6))).toBeLessThan(100 * rtol);
      const back = rk45(rhs, [6, 0], forward.final.y, { rtol, atol: rtol });
      expect(back.final.y[0]).toBeCloseTo(1, Math.floor(-Math.log10(1000 * rtol)));
      expect(forward.nfe).toBe(2 + 6 * (forward.accepted + forward.rejected));
      expect(forward.t).toHaveLength(forward.accepted + 1);
    }
  });

  test("dense output between steps does not change the integration", () => {
    const tEval = [0, 0.1, 0.77, 3.3, 6];
    const plain = rk45(rhs, [0, 6], [1], { rtol: 1e-8, atol: 1e-8 });
    const dense = rk45(rhs, [0, 6], [1], { rtol: 1e-8, atol: 1e-8, tEval });
    expect(dense.nfe).toBe(plain.nfe);
    expect(dense.t).toEqual(tEval);
    dense.y.forEach((y, i) => {
      expect(y[0]).toBeCloseTo(exact(tEval[i]), 6);
    });
  });

  test("says when the calls are used up", () => {
    const stiff = rk45((_t, y) => y.map((v) => -1e6 * v), [0, 1], [1], { maxNfe: 500 });
    expect(stiff.status).toBe("outOfCalls");
    expect(stiff.nfe).toBeLessThanOrEqual(500);
    expect(stiff.message).toMatch(/maxNfe = 500/);
  });

  test("says when a singularity leaves no step", () => {
    const singular = rk45((_t, y) => y.map((v) => v * v), [0, 2], [1]);
    expect(singular.status).toBe("stepTooSmall");
    expect(singular.final.t).toBeCloseTo(1, 3);
  });

  test("refuses bad input with a sentence", () => {
    expect(() => rk45(rhs, [0, 0], [1])).toThrow(/two different times/);
    expect(() => rk45(rhs, [0, 1], [Number.NaN])).toThrow(InputError);
    expect(() => rk45(() => [Number.NaN], [0, 1], [1])).toThrow(/f\(t0, y0\)/);
    expect(() => rk45(rhs, [0, 1], [1], { tEval: [0, 2] })).toThrow(/outside/);
    expect(() => rk45(rhs, [0, 1], [1], { tEval: [0.5, 0.2] })).toThrow(/run from/);
    expect(() => rk45(rhs, [0, 1], [1], { rtol: 2 })).toThrow(/rtol < 1/);
  });
});
