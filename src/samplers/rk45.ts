/**
 * @file Adaptive Runge–Kutta 5(4) with the step rule of SciPy's `solve_ivp(method="RK45")`, so that the number of
 * function calls, a figure that papers report, is the same to the last call.
 */
import { assertFinite, assertInput } from "../check";
import { denseOutput, dormandPrinceStep, embeddedError, type RightHandSide, stagesFor } from "./dormandPrince";

/** Tolerances and limits. */
export interface Rk45Options {
  /** Relative tolerance (GenPose: 1e-5). */
  rtol?: number;
  /** Absolute tolerance (GenPose: 1e-5). */
  atol?: number;
  /** Times at which the solution is wanted, in the direction of integration; default: every accepted step. */
  tEval?: ArrayLike<number>;
  /** Stop before this number of calls of f is exceeded. */
  maxNfe?: number;
}

/** How an integration ended. */
export type Rk45Status = "finished" | "outOfCalls" | "stepTooSmall";

/** A solution and its cost. */
export interface Rk45Solution {
  /** Times of `y`: `tEval`, or t₀ and every accepted step. */
  t: number[];
  y: Float64Array[];
  /** State where the integration ended, and when. */
  final: { t: number; y: Float64Array };
  /** Calls of f: 2 to choose the first step, then 6 per attempted step. */
  nfe: number;
  accepted: number;
  rejected: number;
  status: Rk45Status;
  /** The status as a sentence. */
  message: string;
}

const defaults = { rtol: 1e-5, atol: 1e-5, maxNfe: 20_000 } satisfies Rk45Options;
const safety = 0.9;
const [minFactor, maxFactor] = [0.2, 10];
// −1/(q + 1) with q = 4, the order of the error estimate.
const exponent = -1 / 5;

/** √(mean of valueᵢ²). */
function rootMeanSquare(n: number, value: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += value(i) ** 2;
  return Math.sqrt(sum / n);
}

/** Distance from t to the next float64 in `direction`. */
function spacing(t: number, direction: number): number {
  if (t === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(new Float64Array([t]).buffer);
  bits[0] += t > 0 === direction > 0 ? 1n : -1n;
  return Math.abs(new Float64Array(bits.buffer)[0] - t);
}

/** Length of the first step (Hairer, Nørsett & Wanner, section II.4); one call of f. */
function initialStep(
  f: RightHandSide,
  t0: number,
  t1: number,
  y0: Float64Array,
  f0: Float64Array,
  rtol: number,
  atol: number,
): number {
  const n = y0.length;
  const [direction, length] = [Math.sign(t1 - t0), Math.abs(t1 - t0)];
  const scale = (i: number): number => atol + Math.abs(y0[i]) * rtol;
  const d0 = rootMeanSquare(n, (i) => y0[i] / scale(i));
  const d1 = rootMeanSquare(n, (i) => f0[i] / scale(i));
  const h0 = Math.min(d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : (0.01 * d0) / d1, length);
  const f1 = f(
    t0 + h0 * direction,
    y0.map((y, i) => y + h0 * direction * f0[i]),
  );
  const d2 = rootMeanSquare(n, (i) => (f1[i] - f0[i]) / scale(i)) / h0;
  const h1 = d1 <= 1e-15 && d2 <= 1e-15 ? Math.max(1e-6, h0 * 1e-3) : (0.01 / Math.max(d1, d2)) ** -exponent;
  return Math.min(100 * h0, h1, length);
}

/**
 * Integrate dy/dt = f(t, y) from t₀ to t₁ (either direction).
 *
 * The error of a step is the root mean square of error/(atol + rtol·max(|y|, |y_new|)) over the **whole** state; a
 * step is accepted below 1, the next is 0.9·error^(−1/5) as long, within [0.2, 10], and not longer right after a
 * rejection. The fifth-order solution goes on (local extrapolation).
 *
 * @returns the solution; a limit that was met is a `status`, not an exception
 * @throws InputError if the times, tolerances, y0 or f(t₀, y₀) are not finite numbers, or tEval leaves [t₀, t₁]
 */
export function rk45(
  f: RightHandSide,
  [t0, t1]: readonly [number, number],
  y0: ArrayLike<number>,
  options: Rk45Options = {},
): Rk45Solution {
  const { atol = defaults.atol, maxNfe = defaults.maxNfe, tEval } = options;
  const rtol = Math.max(options.rtol ?? defaults.rtol, 100 * Number.EPSILON);
  assertInput(
    Number.isFinite(t0) && Number.isFinite(t1) && t0 !== t1,
    `rk45: expected two different times, got ${t0} and ${t1}`,
  );
  assertInput(
    rtol < 1 && atol >= 0 && Number.isFinite(atol),
    `rk45: expected 0 ≤ rtol < 1 and atol ≥ 0, got ${options.rtol} and ${atol}`,
  );
  assertInput(y0.length > 0, "rk45: the initial state is empty; give at least one number");
  assertInput(maxNfe >= 8, `rk45: maxNfe is ${maxNfe}; the first step alone takes 8 calls`);
  assertFinite("rk45, y0", y0);
  const direction = Math.sign(t1 - t0);
  checkTimes(tEval, t0, t1);

  let t = t0;
  let y = Float64Array.from(y0);
  let yNew = new Float64Array(y.length);
  const k = stagesFor(y.length);
  k[0].set(f(t, y));
  assertFinite("rk45, f(t0, y0)", k[0]);
  let h = initialStep(f, t0, t1, y, k[0], rtol, atol);
  let [nfe, accepted, rejected, shown] = [2, 0, 0, 0];
  let status: Rk45Status = "finished";
  const solution: { t: number[]; y: Float64Array[] } = tEval ? { t: [], y: [] } : { t: [t], y: [y.slice()] };

  while (t !== t1) {
    const smallest = 10 * spacing(t, direction);
    h = Math.max(h, smallest);
    let rejectedHere = false;
    for (;;) {
      if (!(h >= smallest)) status = "stepTooSmall";
      else if (nfe + 6 > maxNfe) status = "outOfCalls";
      if (status !== "finished") break;
      const tNew = direction * (t + h * direction - t1) > 0 ? t1 : t + h * direction;
      const step = tNew - t;
      dormandPrinceStep(f, t, y, step, k, yNew);
      nfe += 6;
      const error = rootMeanSquare(
        y.length,
        (i) => embeddedError(k, step, i) / (atol + rtol * Math.max(Math.abs(y[i]), Math.abs(yNew[i]))),
      );
      h = Math.abs(step);
      if (error < 1) {
        accepted++;
        const factor = error === 0 ? maxFactor : Math.min(maxFactor, safety * error ** exponent);
        h *= rejectedHere ? Math.min(1, factor) : factor;
        if (tEval)
          for (; shown < tEval.length && direction * (tEval[shown] - tNew) <= 0; shown++) {
            solution.t.push(tEval[shown]);
            solution.y.push(denseOutput(y, step, k, (tEval[shown] - t) / step));
          }
        else {
          solution.t.push(tNew);
          solution.y.push(yNew.slice());
        }
        t = tNew;
        [y, yNew] = [yNew, y];
        k[0].set(k[6]);
        break;
      }
      rejected++;
      rejectedHere = true;
      // A NaN error asks for the shortest step, as in SciPy.
      h *= error > 0 ? Math.max(minFactor, safety * error ** exponent) : minFactor;
    }
    if (status !== "finished") break;
  }
  return {
    ...solution,
    final: { t, y },
    nfe,
    accepted,
    rejected,
    status,
    message: sentence(status, t, t1, nfe, maxNfe),
  };
}

function checkTimes(tEval: ArrayLike<number> | undefined, t0: number, t1: number): void {
  if (tEval === undefined) return;
  const [low, high, direction] = [Math.min(t0, t1), Math.max(t0, t1), Math.sign(t1 - t0)];
  for (let i = 0; i < tEval.length; i++) {
    assertInput(
      tEval[i] >= low && tEval[i] <= high,
      `rk45: tEval[${i}] = ${tEval[i]} is outside [${low}, ${high}]; ask for times on the way`,
    );
    assertInput(
      i === 0 || direction * (tEval[i] - tEval[i - 1]) > 0,
      `rk45: tEval must run from ${t0} towards ${t1}, but ${tEval[i - 1]} is followed by ${tEval[i]}`,
    );
  }
}

function sentence(status: Rk45Status, t: number, t1: number, nfe: number, maxNfe: number): string {
  if (status === "finished") return `reached t = ${t1} with ${nfe} function calls`;
  if (status === "outOfCalls")
    return `stopped at t = ${t} before t = ${t1}: maxNfe = ${maxNfe} function calls are used up; raise maxNfe, loosen rtol and atol, or use a fixed-step sampler`;
  return `stopped at t = ${t} before t = ${t1}: the step fell below the spacing of float64 after ${nfe} function calls; the right-hand side is not smooth or not finite there`;
}
