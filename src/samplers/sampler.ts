/**
 * @file What every sampler shares: its first arguments, its options, its answer, and the two doors through which
 * numbers come in (the starting state and the score).
 *
 * A sampler is one function `sampler(score, z, options)`: changing the sampler changes one word at the call.
 */
import { assertFinite, assertInput, InputError } from "../check";
import type { Score, Sde } from "../sde/sde";
import type { Denoise } from "./denoise";
import type { ScoreScaling } from "./scoreScaling";

/** Options that every sampler knows. `S` is the kind of diffusion that it can work on. */
export interface SamplerOptions<S extends Sde = Sde> {
  /** Default: the published `vesde`, σ from 0.01 to 50. */
  sde?: S;
  /** Where sampling starts. GenPose: 0.55 for a single frame, 0.15 for tracking; 1 is the whole diffusion. */
  t0?: number;
  /** Centre of the starting noise: D numbers (the same for every hypothesis) or K·D. Default: 0. */
  init?: ArrayLike<number>;
  /** w(t), by which the score is multiplied (paper A, eq. 8). Default: `noScaling`. */
  scaling?: ScoreScaling;
  /** The step from the last time to 0; see `denoise`. */
  denoise?: Denoise;
  /** Called with every state from the first to the last; `x` is borrowed. */
  onStep?: (x: Float64Array, t: number) => void;
  /** Keep all states, for figures and animations. */
  trajectory?: boolean;
}

/** States in the order in which they were visited. */
export interface Trajectory {
  t: number[];
  /** K·D numbers each. */
  x: Float64Array[];
}

/** Samples and what they cost. */
export interface Sampled {
  /** K·D numbers, row by row. */
  x: Float64Array;
  /** Number of score calls, the denoise step included. */
  nfe: number;
  /** Only with `trajectory: true`. */
  trajectory?: Trajectory;
}

/** Where sampling starts unless the options say otherwise (GenPose, single frame). */
export const defaultT0 = 0.55;

/**
 * x(t₀) = m(t₀)·init + σ(t₀)·z.
 *
 * @param z K·D draws from N(0, 1); see `priorNoise`
 * @throws InputError if z is empty or not finite, t₀ is outside (eps, T], or init does not fit
 */
export function startState(
  where: string,
  sde: Sde,
  z: ArrayLike<number>,
  t0: number,
  init?: ArrayLike<number>,
): Float64Array {
  assertInput(z.length > 0, `${where}: the noise z is empty; draw it with priorNoise(rng, K, D)`);
  assertFinite(`${where}, z`, z);
  assertInput(t0 > sde.eps && t0 <= sde.T, `${where}: expected t0 in (${sde.eps}, ${sde.T}], got ${t0}`);
  const sigma = sde.sigma(t0);
  const x = Float64Array.from(z, (value) => sigma * value);
  if (init === undefined) return x;
  assertInput(
    init.length > 0 && z.length % init.length === 0,
    `${where}: init has ${init.length} numbers and z has ${z.length}; give D numbers or K·D`,
  );
  assertFinite(`${where}, init`, init);
  const mean = sde.mean(t0);
  for (let i = 0; i < x.length; i++) x[i] += mean * init[i % init.length];
  return x;
}

/** A score that counts its calls and vouches for what it returns. */
export interface CountedScore {
  (x: Float64Array, t: number): ArrayLike<number>;
  calls: number;
}

/** `score`, counted. @throws InputError (at the call) if it returns another length than x has, NaN or infinity */
export function countedScore(where: string, score: Score): CountedScore {
  const counted: CountedScore = Object.assign(
    (x: Float64Array, t: number): ArrayLike<number> => {
      counted.calls++;
      const s = score(x, t);
      if (s.length !== x.length)
        throw new InputError(
          `${where}: the score returned ${s.length} numbers for a state of ${x.length}; it must return one per number`,
        );
      for (let i = 0; i < s.length; i++)
        if (!Number.isFinite(s[i]))
          throw new InputError(
            `${where}: the score is ${s[i]} at t = ${t}, number ${i}, where x = ${x[i]}; check the network's input and weights, or take more steps if x has run away`,
          );
      return s;
    },
    { calls: 0 },
  );
  return counted;
}

/** Feeds `onStep` and keeps the states if `trajectory` was asked for. */
export function recorder(options: Pick<SamplerOptions, "onStep" | "trajectory">): {
  record: (x: Float64Array, t: number) => void;
  /** { trajectory } or nothing, to be spread into the answer. */
  kept: { trajectory?: Trajectory };
} {
  const trajectory: Trajectory = { t: [], x: [] };
  return {
    record: (x, t) => {
      options.onStep?.(x, t);
      if (!options.trajectory) return;
      trajectory.t.push(t);
      trajectory.x.push(x.slice());
    },
    kept: options.trajectory ? { trajectory } : {},
  };
}

/** A grid of times or noise levels, checked. @throws InputError unless it strictly decreases over at least 2 numbers */
export function checkedGrid(where: string, grid: ArrayLike<number>): ArrayLike<number> {
  assertInput(grid.length >= 2, `${where}: the schedule has ${grid.length} numbers; it needs at least two`);
  assertFinite(`${where}, schedule`, grid);
  for (let i = 1; i < grid.length; i++)
    assertInput(
      grid[i] < grid[i - 1],
      `${where}: the schedule must strictly decrease, but ${grid[i - 1]} is followed by ${grid[i]}`,
    );
  return grid;
}
