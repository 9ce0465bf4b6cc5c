/**
 * @file The discrete noise schedule of DDPM as Stable Diffusion has it, and where it meets the continuous σ.
 */
import { assertInput } from "../check";

/** Parameters of a `ddpmSchedule`. */
export interface DdpmScheduleOptions {
  /** Number of diffusion steps. */
  steps?: number;
  betaStart?: number;
  betaEnd?: number;
}

const defaults = { steps: 1000, betaStart: 0.00085, betaEnd: 0.012 } satisfies Required<DdpmScheduleOptions>;

/** A schedule x_n = √ᾱ_n x₀ + √(1 − ᾱ_n) ε, n = 0 … steps − 1. */
export interface DdpmSchedule {
  steps: number;
  /** ᾱ_n = Π_{i ≤ n} (1 − β_i). */
  alphaBar: Float64Array;
  /** σ_n = √((1 − ᾱ_n)/ᾱ_n): the noise on x_n/√ᾱ_n, which is a variance-exploding diffusion (Karras et al. 2022, C.1). */
  sigma: Float64Array;
  /** The step, with a fraction, whose σ is the given one, log σ interpolated; the ends where it lies beyond them. */
  stepOf: (sigma: number) => number;
}

/**
 * β_n = (√β_start + n/(N − 1)·(√β_end − √β_start))² (Rombach et al. 2022, diffusers' `scaled_linear`; Ho et al. 2020,
 * eq. 2 and 4 for what follows from it).
 *
 * @throws InputError unless 0 < betaStart ≤ betaEnd < 1 and there are at least two steps
 */
export function ddpmSchedule(options: DdpmScheduleOptions = {}): DdpmSchedule {
  const { steps, betaStart, betaEnd } = { ...defaults, ...options };
  assertInput(
    Number.isInteger(steps) && steps >= 2,
    `ddpmSchedule: the number of steps is ${steps}; give a whole number from 2`,
  );
  assertInput(
    betaStart > 0 && betaStart <= betaEnd && betaEnd < 1,
    `ddpmSchedule: expected 0 < betaStart ≤ betaEnd < 1, got ${betaStart} and ${betaEnd}; Stable Diffusion has 0.00085 and 0.012`,
  );
  const alphaBar = new Float64Array(steps);
  let product = 1;
  for (let n = 0; n < steps; n++) {
    const root = Math.sqrt(betaStart) + (n / (steps - 1)) * (Math.sqrt(betaEnd) - Math.sqrt(betaStart));
    product *= 1 - root * root;
    alphaBar[n] = product;
  }
  const sigma = alphaBar.map((a) => Math.sqrt((1 - a) / a));
  return {
    steps,
    alphaBar,
    sigma,
    stepOf: (wanted) => {
      if (wanted <= sigma[0]) return 0;
      if (wanted >= sigma[steps - 1]) return steps - 1;
      let [low, high] = [0, steps - 1];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (sigma[middle] <= wanted) low = middle;
        else high = middle;
      }
      const [from, to] = [Math.log(sigma[low]), Math.log(sigma[high])];
      return low + (Math.log(wanted) - from) / (to - from);
    },
  };
}
