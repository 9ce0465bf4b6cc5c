/**
 * @file What the samplers of k-diffusion share: their time is the noise level σ, and dx/dσ = −σ·w·s(x, t(σ)).
 */
import { karrasSigmas } from "../sde/schedules";
import type { Score, VarianceExplodingSde } from "../sde/sde";
import { vesde } from "../sde/vesde";
import {
  checkedGrid,
  countedScore,
  defaultT0,
  recorder,
  type Sampled,
  type SamplerOptions,
  startState,
} from "./sampler";
import { noScaling } from "./scoreScaling";

/** Options of `sampleEuler`, `sampleHeun`, `sampleDpm2` and `sampleDpmpp2m`. */
export interface SigmaSamplerOptions extends Omit<SamplerOptions<VarianceExplodingSde>, "denoise"> {
  /** Number of noise levels above 0 (EDM: 18). */
  steps?: number;
  /** The noise levels themselves, decreasing, usually with a final 0; replaces t0 and steps. Default: `karrasSigmas`. */
  sigmas?: ArrayLike<number>;
}

const defaults = { steps: 18 } satisfies SigmaSamplerOptions;

/** A problem as these samplers see it. */
export interface SigmaProblem {
  sigmas: ArrayLike<number>;
  /** The state at sigmas[0]; the sampler changes it in place. */
  x: Float64Array;
  /** dx/dσ = (x − D(x, σ))/σ = −σ·w·s, a new array. */
  slope: (x: Float64Array, sigma: number) => Float64Array;
  /** Report the state at `sigma`. */
  record: (x: Float64Array, sigma: number) => void;
  /** The answer. */
  sampled: () => Sampled;
}

/** Check the arguments and set the problem up. @throws InputError if z, init or the noise levels do not fit */
export function sigmaProblem(
  where: string,
  score: Score,
  z: ArrayLike<number>,
  options: SigmaSamplerOptions,
): SigmaProblem {
  const { sde = vesde, t0 = defaultT0, steps = defaults.steps, scaling = noScaling, init } = options;
  const sigmas = checkedGrid(
    where,
    options.sigmas ?? karrasSigmas(steps, { sigmaMin: sde.sigma(sde.eps), sigmaMax: sde.sigma(t0) }),
  );
  const s = countedScore(where, score);
  const { record, kept } = recorder(options);
  // Rounding must not push a schedule that starts at σ_max past the end of time.
  const timeOf = (sigma: number): number => (sigma > 0 ? Math.min(sde.T, sde.timeOf(sigma)) : 0);
  const x = startState(where, sde, z, timeOf(sigmas[0]), init);
  record(x, timeOf(sigmas[0]));
  return {
    sigmas,
    x,
    slope: (at, sigma) => {
      const t = timeOf(sigma);
      const factor = -sigma * scaling(t);
      return Float64Array.from(s(at, t), (value) => factor * value);
    },
    record: (at, sigma) => record(at, timeOf(sigma)),
    sampled: () => ({ x, nfe: s.calls, ...kept }),
  };
}

/** x + h·d, a new array. */
export const moved = (x: Float64Array, h: number, d: Float64Array): Float64Array =>
  x.map((value, i) => value + h * d[i]);
