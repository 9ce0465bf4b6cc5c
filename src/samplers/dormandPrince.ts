/**
 * @file The Dormand–Prince 5(4) pair as data, one step of it, and its dense output (Hairer, Nørsett & Wanner, Solving
 * Ordinary Differential Equations I, table II.5.2; interpolant: Shampine 1986).
 */

/** dy/dt = f(t, y). `y` is borrowed; the answer need only stay valid until the next call. */
export type RightHandSide = (t: number, y: Float64Array) => ArrayLike<number>;

/** Stages per step; the seventh is the first of the next step (FSAL). */
export const stageCount = 7;

// Nodes and coefficients of stages 2 … 6.
const c = [1 / 5, 3 / 10, 4 / 5, 8 / 9, 1];
const a = [
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
];
// Weights of the fifth-order solution, and their difference from the fourth-order one.
const b = [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84];
const e = [-71 / 57600, 0, 71 / 16695, -71 / 1920, 17253 / 339200, -22 / 525, 1 / 40];
// y(t + θh) = y + h·Σ_s k_s·(p_s0 θ + p_s1 θ² + p_s2 θ³ + p_s3 θ⁴).
const p = [
  [1, -8048581381 / 2820520608, 8663915743 / 2820520608, -12715105075 / 11282082432],
  [0, 0, 0, 0],
  [0, 131558114200 / 32700410799, -68118460800 / 10900136933, 87487479700 / 32700410799],
  [0, -1754552775 / 470086768, 14199869525 / 1410260304, -10690763975 / 1880347072],
  [0, 127303824393 / 49829197408, -318862633887 / 49829197408, 701980252875 / 199316789632],
  [0, -282668133 / 205662961, 2019193451 / 616988883, -1453857185 / 822651844],
  [0, 40617522 / 29380423, -110615467 / 29380423, 69997945 / 29380423],
];

/** out ← y + h·Σ_s weights_s·k_s. */
function combine(
  out: Float64Array,
  y: Float64Array,
  h: number,
  weights: readonly number[],
  k: readonly Float64Array[],
): void {
  for (let i = 0; i < y.length; i++) {
    let sum = 0;
    for (let s = 0; s < weights.length; s++) sum += weights[s] * k[s][i];
    out[i] = y[i] + h * sum;
  }
}

/** Room for the stages of one step: 7 × n. */
export const stagesFor = (n: number): Float64Array[] => Array.from({ length: stageCount }, () => new Float64Array(n));

/**
 * One step of order 5 from (t, y) by h; six calls of f.
 *
 * @param k the stages; k[0] must hold f(t, y), the rest is written; k[6] becomes f(t + h, y_new)
 * @param yNew where the new state is written
 */
export function dormandPrinceStep(
  f: RightHandSide,
  t: number,
  y: Float64Array,
  h: number,
  k: readonly Float64Array[],
  yNew: Float64Array,
): void {
  for (let s = 0; s < c.length; s++) {
    combine(yNew, y, h, a[s], k);
    k[s + 1].set(f(t + c[s] * h, yNew));
  }
  combine(yNew, y, h, b, k);
  k[6].set(f(t + h, yNew));
}

/** Component i of the difference between the two embedded solutions. */
export function embeddedError(k: readonly Float64Array[], h: number, i: number): number {
  let sum = 0;
  for (let s = 0; s < stageCount; s++) sum += e[s] * k[s][i];
  return h * sum;
}

/** y(t + θh) for θ in [0, 1], from the stages of the step (order 4). */
export function denseOutput(y: Float64Array, h: number, k: readonly Float64Array[], theta: number): Float64Array {
  const weights = p.map(([p0, p1, p2, p3]) => theta * (p0 + theta * (p1 + theta * (p2 + theta * p3))));
  const out = new Float64Array(y.length);
  combine(out, y, h, weights, k);
  return out;
}
